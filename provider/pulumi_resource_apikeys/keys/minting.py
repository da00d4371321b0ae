"""Making a key so that none is left alive whose secret nobody holds, even if the answer of the create was lost.

A create that failed in any way may have made a key, unless the API itself refused it or nothing was sent. So the
project's list is looked at after it. What bears a name that was made here is that key: it is revoked, and the create is
tried again. With a name of the user's, or if the server changes names, it may be somebody else's key: nothing is
touched, and the error names the suspects.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.clock import Deadline
from pulumi_resource_apikeys.errors import (
    ApiKeysError,
    LostKeyError,
    RateLimitedError,
    RemoteError,
)
from pulumi_resource_apikeys.model.times import describe_duration
from pulumi_resource_apikeys.text import one_line

from .identity import KeyPath
from .ownership import mark_of
from .port import find, live
from .revoking import LOOKS, revoke

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .port import MintedKey, NewKey, RemoteKey
    from .run import Run

ATTEMPTS = 3
FIRST_WAIT = 1.0
"""Seconds before a create is tried again; as much more each time, and at least what the server asks for."""
LONGEST_WAIT = 20.0
SKEW = timedelta(minutes=10)
"""How far the server's clock may be off ours for a key to count as made by the lost create."""


async def mint(run: Run, new: NewKey, deadline: Deadline | None = None) -> tuple[MintedKey, tuple[str, ...]]:
    """Make the key; returns it with words for the user about what was cleaned up.

    Raises the `RemoteError` of the create if nothing was left behind, and `LostKeyError` if something may be. All
    tries together end by the deadline, by default that of an operation that begins now.
    """
    attempt = run.watch.begin(new)
    minting = _Minting(run, new, deadline or run.deadline or Deadline.of_operation(run.clock))
    try:
        minted = await minting.make()
    except ApiKeysError:
        if not minting.may_have_made:
            run.watch.nothing_left(attempt)
        raise
    run.watch.made(attempt, new.owner, minted.remote.key_id)
    return minted, tuple(minting.words)


class _Minting:
    """One create with all its tries.

    `words` are for the user: what was cleaned up on the way. `may_have_made`: a try failed so that a key may appear
    even after the list was looked at.
    """

    def __init__(self, run: Run, new: NewKey, deadline: Deadline) -> None:
        self.words: list[str] = []
        self.may_have_made = False
        self._run = run
        self._new = new
        self._deadline = deadline
        self._lost: RemoteError | None = None
        self._seen_first = run.watch.seen_first(new.project_id)

    async def make(self) -> MintedKey:
        """Try until it is made, or can't be."""
        tries, turned_away = 0, 0
        began = self._run.clock.now()
        while True:
            started = self._run.clock.now()
            try:
                minted = await self._try(tries + turned_away)
            except RemoteError as error:
                if not error.may_have_acted:
                    raise self._told(error) from None
                self.may_have_made = True
                await self._settle(error, started)
                turned_away, tries = (turned_away + 1, tries) if _turned_away(error) else (turned_away, tries + 1)
                if not self._worth_another(error, tries, turned_away):
                    raise self._told(error) from None
                self._lost = error
            else:
                if self._lost is not None:
                    await self._sweep(minted, began)
                return minted

    async def _try(self, earlier: int) -> MintedKey:
        """Send the create, after a wait if it was sent before; `earlier` is how often."""
        if self._lost is None:
            return await self._post()
        try:
            await self._run.clock.sleep(_wait(self._lost, earlier))
            return await self._post()
        except RemoteError:
            raise
        except ApiKeysError as error:
            failure = self._lost.with_reason(f"{self._lost.reason}. It could not be tried again: {error}")
        failure.may_have_acted = False  # what it may have made has been looked for
        raise failure

    async def _post(self) -> MintedKey:
        return await self._run.keys.mint(self._new, deadline=self._deadline)

    def _worth_another(self, error: RemoteError, tries: int, turned_away: int) -> bool:
        """Whether the failure can pass by itself, and nothing of it is alive as far as the list tells."""
        if self._deadline.left(self._run.clock) <= _wait(error, tries + turned_away):
            return False
        if _turned_away(error):
            return turned_away <= self._run.retries
        return self._new.unique and tries < ATTEMPTS and error.may_repeat

    def _told(self, error: RemoteError) -> RemoteError:
        """The error that ends the create, with what went before it."""
        before = list(self.words)
        if self._lost is not None and error is not self._lost and not before:
            before = [f"another try failed: {self._lost.reason}"]
        return error.with_reason(f"{error.reason}. Before that, {'; '.join(before)}") if before else error

    async def _list(self, error: RemoteError) -> Sequence[RemoteKey]:
        try:
            return await self._run.keys.list(self._new.project_id, fresh=True, deadline=self._deadline)
        except ApiKeysError as listing_error:
            failure = listing_error
        reason = (
            f"{error.reason}. The key may have been made all the same, and the list that would tell could not be had"
            f" ({failure}). Its secret is lost: revoke any key of that name in the dashboard, then run again"
        )
        raise self._lost_key(error, reason)

    def _lost_key(self, error: RemoteError, reason: str) -> LostKeyError:
        whole = self._told(RemoteError(error.subject, reason, status=error.status))
        return LostKeyError(error.subject, whole.reason, status=error.status, may_have_acted=True)

    async def _settle(self, error: RemoteError, started: datetime) -> None:
        """Find out whether the failed create made a key, and revoke it if it is surely ours.

        Raises `LostKeyError` if one may be alive that can't be revoked, or may be somebody else's.
        """
        listing = await self._list(error)
        if self._new.unique:
            ours = self._ours(listing)
            for key in ours:
                await self._revoke_lost(key, error)
            suspects = [] if ours else self._new_since(listing)
        else:
            suspects = self._suspects(listing, started)
        if suspects:
            raise self._lost_key(error, self._accuse(suspects, error))

    def _ours(self, listing: Sequence[RemoteKey]) -> list[RemoteKey]:
        """The live keys that bear the name that was made here, in any case and with what the server put around it."""
        name, known = self._new.name.casefold(), self._run.watch.known
        return [key for key in live(listing) if name in key.name.casefold() and key.key_id not in known]

    def _new_since(self, listing: Sequence[RemoteKey]) -> list[RemoteKey]:
        """The live keys that were not there before, and that are not another resource's by their names."""
        watch, new = self._run.watch, self._new
        if self._seen_first is None:
            return []
        before = self._seen_first | watch.known
        mine = new.owner.mark if new.owner is not None else None
        return [
            key
            for key in live(listing)
            if key.key_id not in before
            and mark_of(key.name) in {None, mine}
            and not watch.about_to_make(key.name, besides=new.name)
        ]

    def _name_late(self, suspects: Sequence[RemoteKey]) -> None:
        if suspects:
            now = self._run.clock.now()
            named = "; ".join(_describe(key, self._new.name, now) for key in suspects)
            self.words.append(
                f'an earlier try to create API key "{self._new.name}" may have made a key, with a secret that nobody'
                f" can read. Suspects: {named}. If one is nobody's, revoke it in the dashboard"
            )

    def _suspects(self, listing: Sequence[RemoteKey], started: datetime, *, besides: str = "") -> list[RemoteKey]:
        """The live keys that a create under the user's name may have made; `besides` is one that is none."""
        named = [
            key for key in live(listing) if key.key_id != besides and key.name.casefold() == self._new.name.casefold()
        ]
        if self._seen_first is not None:
            before = self._seen_first | self._run.watch.known
            named = [key for key in named if key.key_id not in before]
        else:
            named = [key for key in named if key.made_at is None or key.made_at >= started - SKEW]
        return named or [key for key in self._new_since(listing) if key.key_id != besides]

    async def _revoke_lost(self, key: RemoteKey, error: RemoteError) -> None:
        path = KeyPath(self._new.project_id, key.key_id)
        try:
            self.words += await revoke(self._run.keys, self._run.clock, path, self._new.name, key.made_at)
        except ApiKeysError as revoke_error:
            failure = revoke_error
        else:
            self.words.append(
                f'the answer to the create of API key "{self._new.name}" in project {self._new.project_id} was lost'
                f" ({error.reason}); the key it had made ({key.key_id}) was revoked, since nobody can read its secret"
            )
            return
        reason = (
            f"{error.reason}. The create had made key {key.key_id}, whose secret is lost, and it could not be revoked:"
            f" {failure}. Revoke it in the dashboard, then run again"
        )
        raise self._lost_key(error, reason)

    def _accuse(self, suspects: Sequence[RemoteKey], error: RemoteError) -> str:
        now = self._run.clock.now()
        named = "; ".join(_describe(key, self._new.name, now) for key in suspects)
        return (
            f"{error.reason}. The key may have been made all the same, with a secret that nobody can read. Suspects,"
            f" which were not there before or bear that name: {named}. If one is nobody's, revoke it in the dashboard;"
            f" if it is yours, give it to Pulumi with `pulumi import <type> <name> {self._new.project_id}/KEY_ID`; then"
            " run again. A name left to Pulumi is unique, and such a key is then cleaned up without asking"
        )

    async def _sweep(self, minted: MintedKey, started: datetime) -> None:
        """After a create that was tried again: revoke a key of an earlier try that appeared only after the look.

        With a name of the user's it may be somebody else's: it is named.
        """
        new = self._new
        try:
            listing = await self._list_showing(minted)
            if not new.unique:
                self._name_late(self._suspects(listing, started, besides=minted.remote.key_id))
                return
            for key in self._ours(listing):
                if key.key_id != minted.remote.key_id:
                    await self._revoke_late(key)
        except ApiKeysError as error:
            self.words.append(
                f'an earlier try to create API key "{new.name}" may have made a key that nobody can use, and it could'
                f" not be looked for ({error}): if the dashboard shows another key of that name, revoke it"
            )

    async def _revoke_late(self, key: RemoteKey) -> None:
        """Revoke a key of an earlier try; the new one is made, so what fails is but told."""
        path = KeyPath(self._new.project_id, key.key_id)
        which = f"API key {path.key_id} in project {path.project_id}, which an earlier try of this create had made,"
        try:
            words = await revoke(self._run.keys, self._run.clock, path, self._new.name, key.made_at)
        except ApiKeysError as error:
            self.words.append(f"{which} could not be revoked: {error}. Revoke it in the dashboard")
        else:
            self.words += [*words, f"{which} was revoked"]

    async def _list_showing(self, minted: MintedKey) -> Sequence[RemoteKey]:
        """A list that shows the new key, and so what was made before it too; the last one if none shows it."""
        listing: Sequence[RemoteKey] = ()
        for wait in LOOKS:
            if wait:
                await self._run.clock.sleep(wait)
            listing = await self._run.keys.list(self._new.project_id, fresh=True, deadline=self._deadline)
            if find(listing, minted.remote.key_id) is not None:
                break
        return listing


def _turned_away(error: RemoteError) -> bool:
    """Whether the server says that it took nothing on, and to come again."""
    asked = error.status == HTTPStatus.SERVICE_UNAVAILABLE and error.retry_after is not None
    return isinstance(error, RateLimitedError) or asked


def _wait(error: RemoteError, tries: int) -> float:
    """Seconds before the next try."""
    return max(min(FIRST_WAIT * tries, LONGEST_WAIT), error.retry_after or 0.0)


def _describe(key: RemoteKey, asked: str, now: datetime) -> str:
    prefix = f", prefix {key.key_prefix}" if key.key_prefix else ""
    age = f", made {describe_duration(now - key.made_at)} ago" if key.made_at else ""
    name = f', named "{one_line(key.name, limit=120)}"' if key.name != asked else ""
    return f"{key.key_id}{prefix}{name}{age}"
