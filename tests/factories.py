"""One factory for each model. What needs a service's arithmetic (runs, messages) goes through the services."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from sessions_app import models, services


class ProjectFactory(DjangoModelFactory):
    class Meta:
        model = models.Project

    name = factory.Sequence(lambda n: f"Project {n}")


class AgentFactory(DjangoModelFactory):
    class Meta:
        model = models.Agent

    project = factory.SubFactory(ProjectFactory)
    agent_id = factory.Sequence(lambda n: f"agent-{n}")


class TagFactory(DjangoModelFactory):
    class Meta:
        model = models.Tag

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"tag-{n}")


class SessionFactory(DjangoModelFactory):
    class Meta:
        model = models.Session
        skip_postgeneration_save = True

    project = factory.SubFactory(ProjectFactory)
    session_id = factory.Sequence(lambda n: f"session-{n}")
    agent = factory.SubFactory(AgentFactory, project=factory.SelfAttribute("..project"))
    user_id = "user-1"

    @factory.post_generation
    def messages(self, create, extracted, **kwargs):
        """``SessionFactory(messages=[payload, ...])`` appends them outside any run."""
        if extracted:
            services.append_messages(session=self, messages=[services.NewMessage(payload) for payload in extracted])
            self.refresh_from_db()


class APIKeyFactory(DjangoModelFactory):
    """A key whose secret is in ``key.secret`` for the test's requests."""

    class Meta:
        model = models.APIKey

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Key {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        key, secret = model_class.objects.create_key(*args, **kwargs)
        key.secret = secret
        return key


class RunFactory(factory.Factory):
    """``RunFactory(session=..., messages=[payload, ...])``: recorded through the service, so that rollups follow."""

    class Meta:
        model = models.RunMetadata

    session = factory.SubFactory(SessionFactory)
    run_id = factory.Sequence(lambda n: f"run-{n}")
    messages = ()

    @classmethod
    def _create(cls, model_class, *args, session, messages, **kwargs):
        new = [services.NewMessage(payload) for payload in messages]
        run, _ = services.record_run(session=session, messages=new, **kwargs)
        session.refresh_from_db()
        return run
