from django.db import migrations

from sessions_app.operations import AddSearchIndex, CreateTrigrams

# In kB, of what was written and is not sorted in yet; each search reads it whole. The default is twice as much.
PENDING = "WITH (gin_pending_list_limit = 2048)"


class Migration(migrations.Migration):
    """Indexes on the pieces of texts, on exactly what Django's ``icontains`` compares."""

    atomic = False  # PostgreSQL builds an index beside running writes only outside of transactions.

    dependencies = [("sessions_app", "0004_spans")]

    operations = [
        CreateTrigrams(),
        # What SessionQuerySet.matching searches.
        AddSearchIndex(
            "session",
            "session_texts_search",
            "USING gin (UPPER(name) gin_trgm_ops, UPPER(generated_title) gin_trgm_ops, LOWER(session_id) gin_trgm_ops) "
            + PENDING,
        ),
        AddSearchIndex("message", "message_text_search", f"USING gin (UPPER(text) gin_trgm_ops) {PENDING}"),
        # What stands in for a session's name where it has none.
        AddSearchIndex(
            "session",
            "session_opening_search",
            f"USING gin (UPPER(opening) gin_trgm_ops) {PENDING} WHERE name IS NULL",
        ),
        # Workflows that have neither.
        AddSearchIndex(
            "session",
            "session_untitled_search",
            "(project_id) WHERE name IS NULL AND opening IS NULL AND type = 'workflow'",
        ),
    ]
