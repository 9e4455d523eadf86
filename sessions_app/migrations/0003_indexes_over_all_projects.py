from django.db import migrations, models

from sessions_app.operations import AddIndexOnline


class Migration(migrations.Migration):
    """Indexes for operators, who look across projects."""

    atomic = False  # PostgreSQL builds an index beside running writes only outside of transactions.

    dependencies = [("sessions_app", "0002_redaction")]

    operations = [
        AddIndexOnline("message", models.Index(fields=["created_at"], name="message_by_created")),
        AddIndexOnline("runmetadata", models.Index(fields=["created_at"], name="run_by_created")),
        AddIndexOnline("session", models.Index(fields=["updated_at", "id"], name="session_by_updated_overall")),
    ]
