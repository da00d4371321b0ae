"""An API key as the server tells of it, and the port through which the lifecycles reach the server."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from pulumi_resource_apikeys.errors import Subject
from pulumi_resource_apikeys.model.fields import canonical_uuid
from pulumi_resource_apikeys.model.times import Dated, read_instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pydantic import SecretStr

    from pulumi_resource_apikeys.clock import Deadline

    from .ownership import Owner


_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class KeyStatus(Enum):
    """What a well-formed list says of a key; anything less than a well-formed list is an error instead."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class RemoteKey(Dated):
    """A key in a project's list.

    `key_id` is as `canonical_id` writes it, `wire_id` as the server does where that differs. Times are RFC 3339 as
    the server wrote them. What it left out, or wrote so that it can't be read, is None. `never_used` tells that the
    server says so; if it is not set and `last_used_at` is None, nothing is known of the key's use.
    """

    key_id: str
    project_id: str
    name: str
    is_active: bool = True
    scopes: tuple[str, ...] = ()
    key_prefix: str | None = None
    created_at: str | None = None
    created_by: str | None = None
    expires_at: str | None = None
    last_used_at: str | None = None
    tenant_id: str | None = None
    is_admin_managed: bool | None = None
    never_used: bool = False
    wire_id: str | None = field(default=None, compare=False)

    def status_at(self, now: datetime) -> KeyStatus:
        """Revoked, expired or active at that time; the date counts, since the server need not mark expired keys."""
        if not self.is_active:
            return KeyStatus.REVOKED
        if self.ends_at is not None and self.ends_at <= now:
            return KeyStatus.EXPIRED
        return KeyStatus.ACTIVE

    @property
    def use_told(self) -> bool:
        """Whether the server said when the key was last used, or that it never was."""
        return self.never_used or self.last_used_at is not None

    @property
    def used_at(self) -> datetime | None:
        """When it was last used; None if it never was, or the server did not say readably."""
        return read_instant(self.last_used_at)


@dataclass(frozen=True)
class MintedKey:
    """A key just made, with its secret, which the server shows this once."""

    remote: RemoteKey
    secret: SecretStr


@dataclass(frozen=True)
class NewKey:
    """A key to make. `unique` tells that the name was made here. `expires_at` is RFC 3339.

    No field has a default, so that whoever makes one says all.
    """

    project_id: str
    name: str
    unique: bool
    scopes: Sequence[str] | None
    expires_at: str | None
    owner: Owner | None

    @property
    def subject(self) -> Subject:
        """What an error about this create calls it."""
        return Subject("create", self.project_id, self.name)


class Keys(Protocol):
    """The three calls of the API, with retries, credentials and the shared listing behind them.

    Whatever goes wrong, every method raises a `RemoteError`, or if nothing was sent perhaps a `CredentialError`,
    `CancelledRunError` or another ApiKeysError. A `RemoteError` of `mint` or `revoke` tells by `may_have_acted` whether
    the server may have done the work all the same. If a `deadline` is given, the call ends by then (a list and a
    revoke get a second even after it, so that what was begun can be looked at); else it takes five minutes at most.
    """

    async def list(
        self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
    ) -> Sequence[RemoteKey]:
        """All keys of a project; shared with all who ask within a few seconds, unless `fresh`.

        The deadline ends the wait of its caller alone, and not the call that others wait for.
        """
        ...

    async def mint(self, new: NewKey, *, deadline: Deadline | None = None) -> MintedKey:
        """Make a key. Its scopes and end are sent only if given.

        A try that surely reached no server is repeated in here; no other is. So if this fails, and how:
        - without `may_have_acted`, no key was made: nothing was sent, or this API itself refused (401, 403, 404 or 422
          with a problem report);
        - with `may_have_acted`, a key may have been made, whatever the status: only a list begun after the failure can
          tell. After that, `may_repeat` tells whether another try may succeed, `retry_after` how many seconds to
          wait before it.

        Of an answer only `key` and `key_id` must be readable. What else it lacks or garbles is None in the result; the
        name and the scopes are then those that were asked for, and the project is always that.
        """
        ...

    async def revoke(
        self,
        project_id: str,
        key_id: str,
        *,
        label: str,
        made_at: datetime | None = None,
        deadline: Deadline | None = None,
    ) -> bool:
        """Revoke a key; True if the server did or says it was gone (404), False if it answered `success: false`.

        `label` is what an error calls the key. `made_at` is when it was made, None if that was long ago or is not
        known: a list that lacks a young key does not show that a revoke which failed has ended it.
        """
        ...


YOUNG = timedelta(minutes=10)
"""How long after its create a list may lack a key that is alive."""


def is_young(made_at: datetime | None, now: datetime) -> bool:
    """Whether a key was made so short a time ago; one of which that is not known was not."""
    return made_at is not None and now - made_at < YOUNG


class Listing(tuple[RemoteKey, ...]):  # noqa: SLOT001 - a tuple's subclass can't have slots of its own
    """The keys of a project, and the server's time when it told them, if it said that."""

    served_at: datetime | None = None

    @cached_property
    def by_id(self) -> Mapping[str, RemoteKey]:
        """The keys by their ids; of one that is named twice, the active one."""
        return {key.key_id: key for key in sorted(self, key=lambda key: key.is_active)}


def canonical_id(text: str) -> str:
    """An id so that equal ones compare as equal: a UUID in its usual form, another text as it is."""
    if _CANONICAL.fullmatch(text):
        return text
    try:
        return canonical_uuid(text)
    except ValueError:
        return text


def find(listing: Sequence[RemoteKey], key_id: str) -> RemoteKey | None:
    """The key of that id, in any of its forms, in a project's list; if it is named twice, the active one counts."""
    sought = canonical_id(key_id)
    if isinstance(listing, Listing):
        return listing.by_id.get(sought)
    return Listing(key for key in listing if key.key_id == sought).by_id.get(sought)


def status_in(listing: Sequence[RemoteKey], key_id: str, now: datetime) -> KeyStatus:
    """What a project's list says of the key of that id. The server's time counts if it told one, else `now`."""
    key = find(listing, key_id)
    return KeyStatus.ABSENT if key is None else key.status_at(server_time(listing) or now)


def server_time(listing: Sequence[RemoteKey]) -> datetime | None:
    """The server's time when it made that list, None if it did not say."""
    return listing.served_at if isinstance(listing, Listing) else None


def live(listing: Sequence[RemoteKey]) -> list[RemoteKey]:
    """The keys of a list that may be used, by its word and its own time, never by our clock."""
    served_at = server_time(listing)
    active = [key for key in listing if key.is_active]
    return active if served_at is None else [key for key in active if key.status_at(served_at) is KeyStatus.ACTIVE]


def ended(listing: Sequence[RemoteKey], key_id: str) -> bool:
    """Whether a list says that the key can't be used any more: by its word or its own time, never by our clock."""
    key = find(listing, key_id)
    if key is None or not key.is_active:
        return True
    served_at = server_time(listing)
    return served_at is not None and key.status_at(served_at) is KeyStatus.EXPIRED
