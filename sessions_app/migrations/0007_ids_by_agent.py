from django.db import migrations, models

from sessions_app.operations import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    """The ids of an agent's sessions out of an index alone, instead of a row each."""

    atomic = False  # PostgreSQL builds an index beside running writes only outside of transactions.

    dependencies = [("sessions_app", "0006_reading_fast")]

    operations = [
        AddIndexOnline(
            "session",
            models.Index(
                fields=["agent", "created_at", "id", "session_id", "project"], name="session_ids_by_agent"
            ),
        ),
        RemoveIndexOnline("session", "session_by_agent"),
    ]
