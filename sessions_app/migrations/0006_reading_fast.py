from django.db import migrations, models



class Migration(migrations.Migration):
    """What lets long conversations be sent without being read."""

    atomic = False  # PostgreSQL builds an index beside running writes only outside of transactions.

    dependencies = [("sessions_app", "0005_search_indexes")]

    operations = [
        migrations.AddField(
            "message",
            "ready_for",
            models.SmallIntegerField(
                "ready for",
                default=0,
                editable=False,
                help_text="What can be shown without reading the payload, a bit each.",
            ),
        ),
    ]
