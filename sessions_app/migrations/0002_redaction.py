from django.db import migrations, models

import sessions_app.fields


class Migration(migrations.Migration):
    """Room for what people hid, and the permissions around it. Adds empty columns only, so no table is rewritten."""

    dependencies = [("sessions_app", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="message",
            options={
                "ordering": ["session", "position"],
                "permissions": [("reveal_message", "Can see and restore what was hidden")],
                "verbose_name": "message",
                "verbose_name_plural": "messages",
            },
        ),
        migrations.AlterModelOptions(
            name="session",
            options={
                "ordering": ["-updated_at", "-pk"],
                "permissions": [("move_session", "Can move sessions to another user or project")],
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="original",
            field=sessions_app.fields.JSONTextField(blank=True, editable=False, null=True, verbose_name="original"),
        ),
        migrations.AddField(
            model_name="message",
            name="redacted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="hidden"),
        ),
        migrations.AddField(
            model_name="runmetadata",
            name="original",
            field=sessions_app.fields.JSONTextField(blank=True, editable=False, null=True, verbose_name="original"),
        ),
        migrations.AddField(
            model_name="runmetadata",
            name="redacted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="hidden"),
        ),
    ]
