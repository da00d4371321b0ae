"""Keys that look like ours and that no state knows, as a run leaves them that died after making a key.

Two runs at once from the same state leave one too: each makes a key, and only one of the states stays.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError
from pulumi_resource_apikeys.model.remote import Keys, RemoteKey, Standing
from pulumi_resource_apikeys.model.times import describe_duration, parse_instant

from .identity import KeyPath
from .naming import SUFFIX, base_of
from .retiring import revoke

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Clock

SETTLED = timedelta(hours=1)
"""How old an unknown key must be to be nobody's: a younger one may be a run's at the same time, not yet recorded."""


def strays(
    listing: Sequence[RemoteKey], bases: Collection[str], known_ids: Collection[str], now: datetime
) -> list[RemoteKey]:
    """The live keys named like one of `bases` with one of our suffixes that are not known."""
    return _strays(listing, f"({'|'.join(map(re.escape, sorted(bases)))}){SUFFIX}", known_ids, now)


def orphans(listing: Sequence[RemoteKey], base: str, known_ids: Collection[str], now: datetime) -> list[RemoteKey]:
    """The strays that were never used."""
    return [key for key in strays(listing, {base}, known_ids, now) if looks_orphaned(key, known_ids, now)]


def of_earlier_creates(
    listing: Sequence[RemoteKey], base: str, known_ids: Collection[str], now: datetime, *, automatic: bool
) -> list[RemoteKey]:
    """The orphans that a create of a rotating key of that base may have left.

    An `automatic` base ends in a suffix of ours, which was another at each create.
    """
    pattern = re.escape(base_of(base)) + SUFFIX + SUFFIX if automatic else re.escape(base) + SUFFIX
    return [key for key in _strays(listing, pattern, known_ids, now) if looks_orphaned(key, known_ids, now)]


def _strays(listing: Sequence[RemoteKey], pattern: str, known_ids: Collection[str], now: datetime) -> list[RemoteKey]:
    return [
        key
        for key in listing
        if re.fullmatch(pattern, key.name) and key.key_id not in known_ids and key.standing(now) is Standing.ACTIVE
    ]


def looks_orphaned(key: RemoteKey, known_ids: Collection[str], now: datetime) -> bool:
    """Whether a key is alive, unknown and was never used.

    A key whose secret was lost can't have been used, so one that was used belongs to somebody.
    """
    return key.key_id not in known_ids and key.last_used_at is None and key.standing(now) is Standing.ACTIVE


def warning(key: RemoteKey, now: datetime) -> str:
    """Words about a live key that no state knows."""
    age = f", made {_ago(key.created_at, now)}" if key.created_at else ""
    used = f"used last {_ago(key.last_used_at, now)}" if key.last_used_at else "never used"
    looks = "is unknown here" if key.last_used_at else "looks orphaned"
    return (
        f'API key "{key.name}" ({key.key_id}{age}, {used}) in project {key.project_id} {looks}: it is named'
        " like a key of this resource, but this stack does not know it. An interrupted run, or two at once, may have"
        " left it; if no other stack or component owns it, revoke it in the dashboard"
    )


async def clean_up(keys: Keys, clock: Clock, found: Sequence[RemoteKey], *, surely_ours: bool) -> list[str]:
    """Revoke those of the strays that nobody can have, and tell of all; one that can't be revoked is told of too.

    `surely_ours` tells that no other resource's keys can bear such names.
    """
    now = clock.now()
    words = []
    for key in found:
        if not (surely_ours and key.last_used_at is None and _settled(key, now)):
            words.append(warning(key, now))
            continue
        try:
            await revoke(keys, clock, KeyPath(key.project_id, key.key_id), key.name)
        except ApiKeysError as error:
            words.append(f"{warning(key, now)}. It could not be revoked here: {error}")
            continue
        words.append(
            f'API key "{key.name}" ({key.key_id}) was revoked: an earlier run of this resource had made it and ended'
            " before it was recorded, and it was never used"
        )
    return words


def _settled(key: RemoteKey, now: datetime) -> bool:
    return key.created_at is not None and parse_instant(key.created_at) <= now - SETTLED


def _ago(instant: str, now: datetime) -> str:
    return f"{describe_duration(max(now - parse_instant(instant), timedelta(0)))} ago"
