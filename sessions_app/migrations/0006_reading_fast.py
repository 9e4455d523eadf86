from django.db import migrations, models

from sessions_app.operations import AddIndexOnline



class Migration(migrations.Migration):
    """What lets long conversations be sent without being read, and far pages be found in an index."""

    atomic = False  # PostgreSQL builds an index beside running writes only outside of transactions.

    dependencies = [("sessions_app", "0005_search_indexes")]

    operations = [
        migrations.AddField(
            "message",
            "ready_for",
            models.SmallIntegerField(default=0, editable=False),
        ),
        AddIndexOnline(
            "session",
            models.Index(fields=["project", "type", "created_at", "id"], name="session_by_type"),
        ),
    ]
