"""Making a key so that none is left alive whose secret nobody holds, even where the answer of the create was lost.

A create whose answer was lost may have made a key. If its name is ours alone (a random suffix), whatever bears it is
that key: it is revoked and the create is tried again. With a name of the user's it may be somebody else's key: nothing
is touched, and the error names the suspects.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

from pulumi_resource_apikeys.errors import ApiKeysError, LostKeyError, RemoteError, Subject
from pulumi_resource_apikeys.model.remote import Keys, MintedKey, RemoteKey, Standing
from pulumi_resource_apikeys.model.times import describe_duration, parse_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_resource_apikeys.clock import Clock

ATTEMPTS = 3
SKEW = timedelta(minutes=10)
"""How far the server's clock may be off ours for a key to count as made by the lost create."""


@dataclass(frozen=True)
class Wanted:
    """A key to make. `unique` tells that the name has a random suffix of ours. `expires_at` is RFC 3339."""

    project_id: str
    name: str
    unique: bool
    scopes: Sequence[str] | None = None
    expires_at: str | None = None

    @property
    def subject(self) -> Subject:
        """What an error about this create calls it."""
        return Subject("create", self.project_id, self.name)


async def mint(keys: Keys, clock: Clock, wanted: Wanted) -> tuple[MintedKey, tuple[str, ...]]:
    """Make the key; returns it with words for the user about what was cleaned up.

    Raises the `RemoteError` of the create where nothing was left behind, and `LostKeyError` where something may be.
    """
    warnings: list[str] = []
    lost: RemoteError | None = None
    for attempt in range(1, ATTEMPTS + 1):
        started = clock.now()
        try:
            if lost is not None:
                await clock.sleep(attempt - 1)
            minted = await keys.mint(wanted.project_id, wanted.name, wanted.scopes, wanted.expires_at)
        except RemoteError as error:
            if not error.uncertain:
                earlier = [f"another try failed: {lost.reason}"] if lost is not None else []
                raise _told(error, warnings or earlier) from None
            warnings += await (_revoke_lost if wanted.unique else _name_suspects)(keys, clock, wanted, error, started)
            if attempt == ATTEMPTS:
                raise _told(error, warnings) from None
            lost = error
        except ApiKeysError as error:
            if lost is None:
                raise
            reason = f"{lost.reason}. It could not be tried again: {error}"
            raise _told(type(lost)(lost.subject, reason, status=lost.status, uncertain=True), warnings) from None
        else:
            if attempt > 1:
                warnings += await _sweep(keys, clock, wanted, minted)
            return minted, tuple(warnings)
    raise AssertionError("the loop returns or raises")


def _told(error: RemoteError, warnings: Sequence[str]) -> RemoteError:
    """The error that ends the create, with what was cleaned up on the way."""
    if not warnings:
        return error
    reason = f"{error.reason}. Before that, {'; '.join(warnings)}"
    return type(error)(error.subject, reason, status=error.status, uncertain=error.uncertain)


async def _sweep(keys: Keys, clock: Clock, wanted: Wanted, minted: MintedKey) -> list[str]:
    """After a create that was tried again: revoke a key of an earlier try that appeared only after we had looked."""
    words = []
    try:
        for key in await keys.list(wanted.project_id, fresh=True):
            late = key.name == wanted.name and key.key_id != minted.remote.key_id
            if late and key.standing(clock.now()) is Standing.ACTIVE:
                await keys.revoke(wanted.project_id, key.key_id, label=wanted.name)
                words.append(f"API key {key.key_id}, which an earlier try of this create had made, was revoked")
    except ApiKeysError as error:
        words.append(
            f'an earlier try to create API key "{wanted.name}" may have made a key that nobody can use, and it could'
            f" not be looked for ({error}): if the dashboard shows another key of that name, revoke it"
        )
    return words


async def _bearers(keys: Keys, clock: Clock, wanted: Wanted, error: RemoteError) -> list[RemoteKey]:
    try:
        listing = await keys.list(wanted.project_id, fresh=True)
    except ApiKeysError as listing_error:
        raise LostKeyError(
            wanted.subject,
            f"{error.reason}. The key may have been made all the same, and the list that would tell could not be had"
            f" ({listing_error}). Its secret is lost: revoke any key of that name in the dashboard, then run again",
        ) from None
    now = clock.now()
    return [key for key in listing if key.name == wanted.name and key.standing(now) is Standing.ACTIVE]


async def _revoke_lost(
    keys: Keys,
    clock: Clock,
    wanted: Wanted,
    error: RemoteError,
    _started: datetime,
) -> list[str]:
    """Revoke what bears the name; returns words about it. Raises `LostKeyError` where that can't be done."""
    warnings = []
    for key in await _bearers(keys, clock, wanted, error):
        try:
            revoked = await keys.revoke(wanted.project_id, key.key_id, label=wanted.name)
        except ApiKeysError as revoke_error:
            raise _stays_alive(wanted, key, error, str(revoke_error)) from None
        if not revoked:
            raise _stays_alive(wanted, key, error, "the server answered success: false")
        warnings.append(
            f'the answer to the create of API key "{wanted.name}" in project {wanted.project_id} was lost'
            f" ({error.reason}); the key it had made ({key.key_id}) was revoked, since nobody can read its secret,"
            " and the create was tried again"
        )
    return warnings


def _stays_alive(wanted: Wanted, key: RemoteKey, error: RemoteError, why: str) -> LostKeyError:
    return LostKeyError(
        wanted.subject,
        f"{error.reason}. The create had made key {key.key_id}, whose secret is lost, and it could not be revoked:"
        f" {why}. Revoke it in the dashboard, then run again",
    )


async def _name_suspects(keys: Keys, clock: Clock, wanted: Wanted, error: RemoteError, started: datetime) -> NoReturn:
    """Raise `LostKeyError` with the keys that the create may have made, or its own error where there are none."""
    suspects = [
        key
        for key in await _bearers(keys, clock, wanted, error)
        if key.created_at is None or parse_instant(key.created_at) >= started - SKEW
    ]
    if suspects:
        now = clock.now()
        named = "; ".join(_describe(key, now) for key in suspects)
        raise LostKeyError(
            wanted.subject,
            f"{error.reason}. The key may have been made all the same, with a secret that nobody can read. Suspects,"
            f" which bear that name: {named}. If one is nobody's, revoke it in the dashboard; if it is yours, give it"
            f" to Pulumi with `pulumi import <type> <name> {wanted.project_id}/KEY_ID`; then run again. A name left to"
            " Pulumi is unique, and such a key is then cleaned up without asking",
        )
    raise error


def _describe(key: RemoteKey, now: datetime) -> str:
    prefix = f", prefix {key.key_prefix}" if key.key_prefix else ""
    age = f", made {describe_duration(now - parse_instant(key.created_at))} ago" if key.created_at else ""
    return f"{key.key_id}{prefix}{age}"
