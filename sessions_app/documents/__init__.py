"""The interchange document: one session as one JSON object, for imports, exports and trials.

``write`` puts a document into a project, ``write_portion`` many. ``document_of`` makes one; ``pieces`` is the same as
text in small pieces, ``texts`` that of many sessions. What one writes, the other reads back equal. All keys are in
``documents.parse``.
"""

from sessions_app.documents.export import document_of, in_chunks
from sessions_app.documents.store import Outcome, write, write_portion
from sessions_app.documents.streaming import pieces, texts

__all__ = ["Outcome", "document_of", "in_chunks", "pieces", "texts", "write", "write_portion"]
