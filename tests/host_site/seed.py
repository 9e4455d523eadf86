"""Writes the session that the test reads back: ``python -m host_site.seed``."""

from datetime import UTC, datetime

import django

MOMENT = datetime(2025, 9, 5, 16, 2, 9, tzinfo=UTC)


def main():
    from sessions_app import services
    from sessions_app.models import Project

    project = Project.objects.default()
    session = services.create_session(
        project=project,
        session_id="booking-1",
        agent=services.ensure_agent(project=project, agent_id="booking"),
        user_id="maria",
        summary={"summary": "A table for two."},
        created_at=MOMENT,
    )
    services.record_run(
        session=session,
        run_id="run-1",
        status="COMPLETED",
        messages=[
            services.NewMessage({"role": "user", "content": "A table for two, please."}),
            services.NewMessage({"role": "assistant", "content": "At eight? Schön."}),
        ],
        usage={"input_tokens": 12345, "output_tokens": 6},
        created_at=MOMENT,
    )
    services.update_session(session=session, updated_at=MOMENT)


if __name__ == "__main__":
    django.setup()
    main()
