"""What Hypothesis makes of payloads: anything at all, and what looks like parts of a message."""

from __future__ import annotations

from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=6)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
PART_KEYS = ["type", "text", "refusal", "image_url", "input_audio", "file", "file_id", "file_data", "file_url", "url"]
PART_KEYS += ["content", "filename", "id", "name", "arguments", "mime_type", "function", "uri", "modality", "response"]
KINDS = ["text", "input_text", "refusal", "image_url", "input_image", "input_audio", "file", "input_file", "tool_call"]
KINDS += ["tool_call_response", "reasoning", "uri", "blob", "thinking"]
PARTS = st.dictionaries(st.sampled_from(PART_KEYS), ANYTHING, max_size=5).flatmap(
    lambda part: (st.sampled_from(KINDS) | ANYTHING).map(lambda kind: {**part, "type": kind})
)
PIECES = ANYTHING | st.lists(PARTS | ANYTHING, max_size=3) | PARTS
