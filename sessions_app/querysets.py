"""Every read of the store. Each starts from a project, or from the key that opened the door."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Lower
from rest_framework_api_key.models import BaseAPIKeyManager

from sessions_app import conf, exceptions, jsontext, searching
from sessions_app.remembered import Remembered
from sessions_app.text import is_storable, storable

if TYPE_CHECKING:
    from sessions_app.models import Agent, APIKey, Message, Project, RunMetadata, Session  # noqa: F401


class APIKeyManager(BaseAPIKeyManager):
    """Makes keys (``create_key``) and knows them again."""

    def new_prefix(self) -> str:
        """The public part of a key that is yet to be made."""
        return self.key_generator.get_prefix()

    def assign_key(self, obj: APIKey) -> str:  # type: ignore[override]
        """Give ``obj`` a new secret, which is returned. A prefix that it has already is kept."""
        obj.prefix = obj.prefix or self.new_prefix()
        secret = f"{obj.prefix}.{self.key_generator.get_secret_key()}"
        obj.hashed_key = self.key_generator.hash(secret)
        obj.pk = f"{obj.prefix}.{obj.hashed_key}"
        return secret

    def from_secret(self, secret: str) -> APIKey | None:
        """The usable key with this secret. Who was let in needs no look-up for ``KEY_MEMORY_SECONDS``."""
        if not secret.isascii():
            return None
        name = self.db, hashlib.sha256(secret.encode()).digest()
        key = _let_in.get(name)
        if key is None:
            since = _let_in.clearings
            key = self._look_up(secret)
            if key is not None and (seconds := conf.get("KEY_MEMORY_SECONDS")):
                _let_in.keep(name, key, seconds, since=since)
        return key if key is not None and not key.has_expired else None

    def _look_up(self, secret: str) -> APIKey | None:
        """The key with this secret that is not revoked: found by its prefix, then compared in constant time."""
        prefix, dot, _ = secret.partition(".")
        if not dot or not prefix.isalnum() or len(prefix) > 8:
            return None
        key: APIKey | None = self.select_related("project").filter(prefix=prefix, revoked=False).order_by().first()
        return key if key is not None and key.is_valid(secret) else None


def forget_keys() -> None:
    """Look all keys up again in this process."""
    _let_in.clear()


def forget_changed_keys(*, using: str, **kwargs: Any) -> None:
    """The same where one was changed or deleted, or its project was; again once that is committed, since until then
    others still find what was before.
    """
    forget_keys()
    transaction.on_commit(forget_keys, using=using)


_let_in: Remembered[APIKey] = Remembered(size=10_000)


class ProjectQuerySet(models.QuerySet["Project"]):
    def default(self, **columns: Any) -> Project:
        """The project where none is named: the oldest, made when there is none, then with these ``columns``."""
        # With an id that is always the same one, so that two who make it at once make one.
        made = {"name": "Default", **columns}
        return self.order_by("pk").first() or self.get_or_create(project_id=UUID(int=1), defaults=made)[0]


class AgentQuerySet(models.QuerySet["Agent"]):
    def visible_to(self, key: APIKey) -> Self:
        """The agents of the key's project; for a key bound to a user, those that this user has met."""
        visible = self.filter(project=project_behind(key, self.db))
        return visible.filter(sessions__user_id=key.user_id).distinct() if key.is_bound else visible

    def with_id(self, agent_id: str, type: str | None = None) -> Self:
        found = self.filter(agent_id=agent_id, **({"type": type} if type else {}))
        return found if is_storable(agent_id) else self.none()


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, key: APIKey) -> Self:
        """The sessions of the key's project; for a key bound to a user, this user's."""
        visible = self.filter(project=project_behind(key, self.db))
        return visible.filter(user_id=key.user_id) if key.is_bound else visible

    def with_id(self, session_id: str) -> Session:
        """The one session with this id. Raises SessionNotFound."""
        session = self.filter(session_id=session_id).order_by().first() if is_storable(session_id) else None
        if session is None:
            raise exceptions.SessionNotFound(session_id)
        return session

    def for_agent(self, agent_id: str, type: str | None = None) -> Self:
        found = self.filter(agent__agent_id=agent_id, **({"agent__type": type} if type else {}))
        return found if is_storable(agent_id) else self.none()

    def matching(self, text: str, *also: str, in_messages: bool = True) -> Self:
        """Sessions with ``text`` in their name, title or id, in a message, or in a column of ``also``; in any case.

        Without ``in_messages`` none is looked at.
        """
        text = storable(text)  # As messages are searched by what was made storable of them.
        # MariaDB compares identifiers with their case, also in icontains.
        lowered = {f"lower_{number}": Lower(column) for number, column in enumerate(("session_id", *also))}
        found = Q(name__icontains=text) | Q(generated_title__icontains=text)
        for column in lowered:
            found |= Q(**{f"{column}__contains": text.lower()})
        sessions = self.alias(**lowered)
        if not in_messages:
            return sessions.filter(found)
        messages: MessageQuerySet = self.model._meta.get_field("messages").related_model._default_manager.using(self.db)  # type: ignore[assignment]
        messages = messages.filter(text__icontains=text)
        if searching.has_index(text, self.db):
            few = searching.keys_if_few(
                sessions.filter(found), messages.filter(session__in=self.order_by().values("pk"))
            )
            if few is not None:
                return self.filter(pk__in=few)
        # True of all messages; but with it PostgreSQL cannot gather the hits of the whole table beforehand.
        messages = messages.filter(session=OuterRef("pk"), position__lt=OuterRef("message_seq"))
        return sessions.filter(found | Q(Exists(messages)))

    def with_metadata(self, path: Iterable[str], values: Iterable[Any]) -> Self:
        """Sessions whose metadata has any of ``values`` at ``path``, a way of keys."""
        transform: Any = "metadata"
        for key in path:
            if not is_storable(key):
                return self.none()
            transform = KeyTransform(key, transform)
        found = self.alias(metadata_value=transform)
        condition = Q()
        for value in values:
            if jsontext.is_filterable(value):
                condition |= Q(metadata_value=value)
        return found.filter(condition) if condition else self.none()

    def with_errors(self, has_errors: bool) -> Self:
        return self.filter(error_count__gt=0) if has_errors else self.filter(error_count=0)

    def between(self, column: str, after: datetime | None, before: datetime | None) -> Self:
        """Sessions whose ``column`` lies between two moments, both inclusive where given."""
        found = self.filter(**{f"{column}__gte": after}) if after else self
        return found.filter(**{f"{column}__lte": before}) if before else found

    def for_reading(self) -> Self:
        """With all that one session's own page shows, in as few queries as can be."""
        return self.select_related("agent", "last_finished_run", "parent").prefetch_related("tags")

    def for_transcript(self) -> Self:
        """With what the side bar of one session's transcript shows, and no more of its relatives than their names."""
        relatives = ("opening", "state", "summary", "metadata", "details", "index_ids")
        rows = self.select_related("agent", "project", "parent").prefetch_related("tags")
        return rows.defer("details", "opening", *(f"parent__{name}" for name in relatives))


class RunQuerySet(models.QuerySet["RunMetadata"]):
    def in_order(self) -> Self:
        return self.order_by("position")

    def with_id(self, run_id: str) -> RunMetadata:
        """The one run with this id, of a session's runs. Raises RunNotFound."""
        run = self.filter(run_id=run_id).order_by().first() if is_storable(run_id) else None
        if run is None:
            raise exceptions.RunNotFound(run_id)
        return run

    def finished(self) -> Self:
        return self.exclude(status__in=self.model.UNFINISHED)


class MessageQuerySet(models.QuerySet["Message"]):
    def in_order(self) -> Self:
        return self.order_by("position")

    def said(self) -> Self:
        """What was really said: without the earlier messages that a run was given once more."""
        return self.filter(from_history=False)

    def conversation(self, session: Session | int | OuterRef) -> Self:
        """What user and agent said to each other in a session, in order: not what a run's helpers said."""
        runs: Any = self.model._meta.get_field("run").related_model
        # Asked of the session's runs once, and not of each message's run.
        in_nested = OuterRef(session) if isinstance(session, OuterRef) else session
        nested = runs._default_manager.filter(session=in_nested, parent_run_id__isnull=False).order_by()
        return self.filter(session=session).said().exclude(run__in=nested.values("pk")).in_order()

    def at(self, position: int) -> Message:
        """The message at ``position``, of a session's messages. Raises MessageNotFound."""
        message = self.filter(position=position).order_by().first()
        if message is None:
            raise exceptions.MessageNotFound(position)
        return message


def project_behind(key: APIKey, using: str) -> Project | None:
    """The key's project, as a database knows it; for that of the key no query is made, which would take some time."""
    if using == key._state.db:
        return key.project
    projects: ProjectQuerySet = type(key.project).objects.using(using)
    return projects.filter(project_id=key.project.project_id).first()
