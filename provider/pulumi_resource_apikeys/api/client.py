"""The client, `keys.port.Keys` over HTTP: what list, mint and revoke send, and what their answers mean."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from async_timeout import timeout

from pulumi_resource_apikeys.clock import OPERATION_LIMIT
from pulumi_resource_apikeys.errors import (
    ApiKeysError,
    BadAnswerError,
    CancelledRunError,
    NotFoundError,
    RateLimitedError,
    RemoteError,
    Subject,
    describe_bug,
)
from pulumi_resource_apikeys.keys.port import canonical_id, ended, find, is_young, server_time
from pulumi_resource_apikeys.retrying import served

from . import exchange, wire
from .exchange import Exchange, Request
from .listing import Listings
from .problems import error_of_body, is_json
from .retry import may_repeat, never_acted, policy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Clock, Deadline
    from pulumi_resource_apikeys.keys.port import Listing, MintedKey, NewKey, RemoteKey
    from pulumi_resource_apikeys.retrying import RetryPolicy
    from pulumi_resource_apikeys.settings import Settings

    from .exchange import Answered, TokenProvider

Result = TypeVar("Result")


class ApiClient:
    """The API of one endpoint, for any number of projects. See `keys.port.Keys` for the three calls.

    One event loop uses it. Close it with `aclose`.
    """

    def __init__(
        self,
        settings: Settings,
        endpoint: str,
        tokens: TokenProvider,
        clock: Clock,
        *,
        operation_limit: float = OPERATION_LIMIT,
    ) -> None:
        """`operation_limit` in seconds, for one call with all its retries."""
        self._exchange = Exchange(settings, endpoint, tokens, clock)
        seconds_closed = self._exchange.throttle.seconds_closed
        self._repeating = policy(settings.max_retries, may_repeat, seconds_closed)
        self._creating = policy(settings.max_retries, never_acted, seconds_closed)
        self._clock = clock
        self._operation_limit = operation_limit
        self._listings = Listings(self._fetch_listing, clock)
        self._list_failures: dict[str, RemoteError] = {}
        self._listed: defaultdict[str, set[str]] = defaultdict(set)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._exchange.aclose()

    async def list(
        self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
    ) -> Sequence[RemoteKey]:
        """All keys of a project; shared with all who ask within a few seconds, unless `fresh`."""
        return await self._listing(project_id, deadline, fresh=fresh)

    async def mint(self, new: NewKey, *, deadline: Deadline | None = None) -> MintedKey:
        """Make a key. Tried again only where the server cannot have made one."""
        subject = new.subject
        body = wire.create_body(new.name, new.scopes, new.expires_at)
        request = Request(subject, "POST", _path(subject, new.project_id), body)

        async def attempt(ends: float) -> MintedKey:
            try:
                answered = await self._exchange.send(request, ends)
                try:
                    # Whatever status and type it comes with: a key that can be read must not be lost.
                    return wire.read_minted(answered.answer.body, new)
                except wire.UnreadableError as error:
                    failure = _unread(subject, answered, error)
            except ApiKeysError:
                raise
            except Exception as error:  # noqa: BLE001 - even a bug must not hide that a key may have been made
                failure = RemoteError(subject, describe_bug(error), may_have_acted=True)
            raise failure

        with self._listings.writing(new.project_id):
            return await self._with_retries(subject, attempt, self._creating, deadline)

    async def revoke(
        self,
        project_id: str,
        key_id: str,
        *,
        label: str,
        made_at: datetime | None = None,
        deadline: Deadline | None = None,
    ) -> bool:
        """Revoke a key; True once it is revoked or gone, False where the server answered `success: false`.

        A 404 may mean the key, the project, a wrong address or another form of the id, and a lost answer may have been
        a success: the list, asked for anew, tells.
        """
        subject = Subject("revoke", project_id, label)
        try:
            return await self._revoke(subject, project_id, key_id, made_at, deadline)
        except NotFoundError:
            listing = await self._listing(project_id, deadline, fresh=True)
            if ended(listing, key_id):
                return True
            listed = find(listing, key_id)
            if listed is None or listed.wire_id in {None, key_id}:
                raise
            return await self._revoke(subject, project_id, listed.wire_id or key_id, made_at, deadline)

    async def _revoke(
        self, subject: Subject, project_id: str, key_id: str, made_at: datetime | None, deadline: Deadline | None
    ) -> bool:
        request = Request(subject, "DELETE", _path(subject, project_id, key_id))
        lost = False

        async def attempt(ends: float) -> bool:
            nonlocal lost
            try:
                answered = await self._exchange.send(request, ends)
                if answered.answer.status == HTTPStatus.NO_CONTENT:
                    return True
                return _read(subject, answered, {HTTPStatus.OK}, wire.read_success)
            except RemoteError as error:
                # A revoke can be done twice: what a proxy turned away is not worth a look at the list.
                lost = lost or (error.may_have_acted and error.may_repeat and not isinstance(error, RateLimitedError))
                unread = isinstance(error, BadAnswerError) and error.may_have_acted
                if unread and await self._seen_gone(project_id, key_id, made_at, deadline):
                    return True
                raise

        try:
            with self._listings.writing(project_id):
                return await self._with_retries(subject, attempt, self._repeating, deadline)
        except RemoteError as error:
            error.may_have_acted = error.may_have_acted or lost
            if (
                lost
                and not isinstance(error, NotFoundError)
                and await self._seen_gone(project_id, key_id, made_at, deadline)
            ):
                return True
            raise

    async def _listing(self, project_id: str, deadline: Deadline | None, *, fresh: bool) -> Sequence[RemoteKey]:
        """The list of a project; at the deadline this caller gives up, and the call goes on for all others."""
        limit = None if deadline is None else max(deadline.left(self._clock), exchange.LEAST_LIMIT)
        try:
            async with timeout(limit):
                return await self._listings.get(project_id, fresh=fresh)
        except asyncio.TimeoutError:
            failure = self._list_failures.get(project_id)
        if failure is None:
            raise RemoteError(Subject("list", project_id), "the time that this may take was over before it answered")
        raise failure.with_reason(f"{failure.reason}; and the time that this may take was over before the next try")

    async def _seen_gone(
        self, project_id: str, key_id: str, made_at: datetime | None, deadline: Deadline | None
    ) -> bool:
        """Whether a list begun now no longer has the key as alive; one that can't be had tells nothing.

        Nor does one that lacks a young key, unless a list before had it: lists may lag behind a create.
        """
        listed_before = canonical_id(key_id) in self._listed[project_id]
        try:
            listing = await self._listing(project_id, deadline, fresh=True)
        except ApiKeysError:
            return False
        young = is_young(made_at, server_time(listing) or self._clock.now())
        return ended(listing, key_id) and (listed_before or not young or find(listing, key_id) is not None)

    async def _fetch_listing(self, project_id: str) -> Listing:
        subject = Subject("list", project_id)

        request = Request(subject, "GET", _path(subject, project_id))
        self._list_failures.pop(project_id, None)

        async def attempt(ends: float) -> Listing:
            try:
                answered = await self._exchange.send(request, ends)
                served_at = served(answered.answer.headers)
                link = answered.answer.headers.get("link", "")
                return _read(
                    subject,
                    answered,
                    {HTTPStatus.OK},
                    lambda body: wire.read_listing(body, project_id, served_at, link=link),
                )
            except RemoteError as error:
                self._list_failures[project_id] = error.with_reason(error.reason)
                raise

        listing = await self._with_retries(subject, attempt, self._repeating, None)
        self._listed[project_id] |= listing.by_id.keys()
        return listing

    async def _with_retries(
        self,
        subject: Subject,
        attempt: Callable[[float], Awaitable[Result]],
        retries: RetryPolicy,
        deadline: Deadline | None,
    ) -> Result:
        ends = self._clock.monotonic() + self._operation_limit
        if deadline is not None:
            ends = min(ends, deadline.ends)
        try:
            return await retries.run(lambda: attempt(ends), self._clock, ends)
        except CancelledRunError as cancelled:
            raise CancelledRunError(f"could not {subject}: {cancelled}") from None


def _read(subject: Subject, answered: Answered, accepted: set[HTTPStatus], read: Callable[[bytes], Result]) -> Result:
    try:
        if answered.answer.status not in accepted:
            raise wire.UnreadableError("the API promises no such status")
        if not is_json(answered.answer):
            raise wire.UnreadableError("it is not JSON")
        return read(answered.answer.body)
    except wire.UnreadableError as error:
        failure = _unread(subject, answered, error)
    raise failure


def _unread(subject: Subject, answered: Answered, error: wire.UnreadableError) -> RemoteError:
    return error_of_body(subject, answered.answer, str(error), hide=answered.tokens)


def _path(subject: Subject, project_id: str, key_id: str | None = None) -> str:
    path = f"/projects/{_segment(subject, project_id)}/keys"
    return path if key_id is None else f"{path}/{_segment(subject, key_id)}"


def _segment(subject: Subject, identifier: str) -> str:
    if identifier in {"", ".", ".."}:
        raise RemoteError(subject, f'the id "{identifier}" can\'t be part of an address')
    return quote(identifier, safe="")
