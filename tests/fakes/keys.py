"""`FakeKeys`: the API's three calls in memory (`keys.port.Keys`), with scripted faults, for tests of the lifecycles.

A test scripts what the next calls do; a call without a script works. Everything asked is kept in `calls`.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter, deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import SecretStr

from pulumi_resource_apikeys.errors import NotFoundError, Subject, UnreachableError
from pulumi_resource_apikeys.keys.port import Listing, MintedKey, NewKey, RemoteKey
from pulumi_resource_apikeys.model.times import format_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Clock, Deadline
    from pulumi_resource_apikeys.errors import ApiKeysError

PROJECT = "5f0c8a52-93a1-4d43-8d2e-0d5c6a1f7b10"
OTHER_PROJECT = "7d1f3a64-1111-4222-8333-944455556666"
TENANT = "3e0a7a0e-2222-4333-8444-955566667777"
SECRET_PREFIX = "sk-fake-"


def uuid(number: int) -> str:
    """A UUID for the n-th made-up thing."""
    return str(UUID(int=0x0B9D5C1E6A534C1E9A512F7F00000000 + number))


def lost_answer(name: str = "some name") -> UnreachableError:
    """The error of a create whose answer never came."""
    return UnreachableError(Subject("create", PROJECT, name), "the connection broke off", may_have_acted=True)


@dataclasses.dataclass(frozen=True)
class Asked:
    """A call as it came in: the verb, the key's name or id, and what else it said."""

    verb: str
    project_id: str
    key: str | None = None
    scopes: tuple[str, ...] | None = None
    expires_at: str | None = None
    fresh: bool = False
    deadline: Deadline | None = dataclasses.field(default=None, compare=False)


def new_key(project_id: str, name: str, **fields: Any) -> NewKey:
    """A key to make, with a name of the user's and nothing else unless the test says so."""
    return replace(NewKey(project_id, name, unique=False, scopes=None, expires_at=None, owner=None), **fields)


class FakeKeys:
    """The API with its keys in a dictionary. `hold` makes mints wait until `release`.

    `lag` is how many seconds lists are behind, `tells_time` whether they say when they were made, `rename` what the
    server makes of a name.
    """

    def __init__(self, clock: Clock) -> None:
        self.lag = 0.0
        self.tells_time = True
        self.rename: Callable[[str], str] = str
        self.keys: dict[str, RemoteKey] = {}
        self.secrets: dict[str, str] = {}
        self.calls: list[Asked] = []
        self.said_made_at: dict[str, datetime | None] = {}
        self.minting = asyncio.Event()
        self._clock = clock
        self._mints: deque[tuple[ApiKeysError | Exception, bool]] = deque()
        self._lists: deque[ApiKeysError | Exception] = deque()
        self._revokes: deque[ApiKeysError | Exception | None] = deque()
        self._gate = asyncio.Event()
        self._gate.set()
        self._versions: dict[str, list[tuple[float, RemoteKey]]] = {}

    @property
    def counts(self) -> Counter[str]:
        """How often each verb was asked."""
        return Counter(asked.verb for asked in self.calls)

    @property
    def live(self) -> list[RemoteKey]:
        """The keys not revoked."""
        return [key for key in self.keys.values() if key.is_active]

    def mint_fails(self, error: ApiKeysError | Exception, *, made: bool = False) -> None:
        """Let a coming mint fail, with the key made all the same or not."""
        self._mints.append((error, made))

    def list_fails(self, error: ApiKeysError | Exception) -> None:
        """Let a coming list fail."""
        self._lists.append(error)

    def revoke_fails(self, error: ApiKeysError | Exception | None) -> None:
        """Let a coming revoke fail without effect; None stands for an answer of `success: false`."""
        self._revokes.append(error)

    def hold(self) -> None:
        """Make mints wait before they work."""
        self._gate.clear()

    def release(self) -> None:
        """Let held mints go on."""
        self._gate.set()

    def add(self, name: str, **fields: object) -> RemoteKey:
        """A key made by somebody else, just now unless `fields` say otherwise."""
        number = len(self._versions) + 1
        given = RemoteKey(
            key_id=uuid(number),
            project_id=PROJECT,
            name=name,
            key_prefix=f"sk-{number:04}",
            created_at=format_instant(self._clock.now()),
            created_by="ada@example.com",
            tenant_id=TENANT,
            never_used=True,
        )
        key = dataclasses.replace(given, **fields)  # type: ignore[arg-type] # tests name fields of RemoteKey
        return self._keep(key)

    def change(self, key_id: str, **fields: object) -> RemoteKey:
        """Change a key behind everybody's back."""
        return self._keep(dataclasses.replace(self.keys[key_id], **fields))  # type: ignore[arg-type] # as in `add`

    def _keep(self, key: RemoteKey) -> RemoteKey:
        self.keys[key.key_id] = key
        self._versions.setdefault(key.key_id, []).append((self._clock.monotonic(), key))
        return key

    def _listed(self, key: RemoteKey) -> RemoteKey | None:
        """The key as lists show it now."""
        if not self.lag:
            return key
        until = self._clock.monotonic() - self.lag
        shown = [version for at, version in self._versions.get(key.key_id, ()) if at <= until]
        return shown[-1] if shown else None

    async def list(
        self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
    ) -> Sequence[RemoteKey]:
        self.calls.append(Asked("list", project_id, fresh=fresh, deadline=deadline))
        if self._lists:
            raise self._lists.popleft()
        shown = [self._listed(key) for key in self.keys.values() if key.project_id == project_id]
        listing = Listing(key for key in shown if key is not None)
        listing.served_at = self._clock.now() if self.tells_time else None
        return listing

    async def mint(self, new: NewKey, *, deadline: Deadline | None = None) -> MintedKey:
        sent = None if new.scopes is None else tuple(new.scopes)
        self.calls.append(Asked("mint", new.project_id, new.name, sent, new.expires_at, deadline=deadline))
        self.minting.set()
        await self._gate.wait()
        error, made = self._mints.popleft() if self._mints else (None, True)
        if error is not None and not made:
            raise error
        name = self.rename(new.name)
        remote = self.add(name, project_id=new.project_id, scopes=sent or (), expires_at=new.expires_at)
        self.secrets[remote.key_id] = f"{SECRET_PREFIX}{remote.key_id}"
        if error is not None:
            raise error
        return MintedKey(remote, SecretStr(self.secrets[remote.key_id]))

    async def revoke(
        self,
        project_id: str,
        key_id: str,
        *,
        label: str,
        made_at: datetime | None = None,
        deadline: Deadline | None = None,
    ) -> bool:
        self.calls.append(Asked("revoke", project_id, key_id, deadline=deadline))
        self.said_made_at[key_id] = made_at
        if self._revokes:
            error = self._revokes.popleft()
            if error is None:
                return False
            raise error
        known = self.keys.get(key_id)
        if known is not None and known.project_id != project_id:
            raise NotFoundError(Subject("revoke", project_id, label), "no such project", status=404)
        if known is not None:
            self.change(key_id, is_active=False)
        return True
