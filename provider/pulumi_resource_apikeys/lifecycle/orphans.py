"""Keys that look like ours and that no state knows: left by a run that died between making a key and recording it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.remote import RemoteKey, Standing
from pulumi_resource_apikeys.model.times import describe_duration, parse_instant

from .naming import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime


def orphans(listing: Sequence[RemoteKey], base: str, known_ids: Collection[str], now: datetime) -> list[RemoteKey]:
    """The live keys named `base` and one of our suffixes that are not known and were never used."""
    pattern = re.compile(re.escape(base) + SUFFIX)
    return [key for key in listing if pattern.fullmatch(key.name) and looks_orphaned(key, known_ids, now)]


def looks_orphaned(key: RemoteKey, known_ids: Collection[str], now: datetime) -> bool:
    """Whether a key is alive, unknown and was never used.

    A key whose secret was lost can't have been used, so one that was used belongs to somebody.
    """
    return key.key_id not in known_ids and key.last_used_at is None and key.standing(now) is Standing.ACTIVE


def warning(key: RemoteKey, now: datetime) -> str:
    """Words about a key that looks orphaned."""
    age = f", made {describe_duration(now - parse_instant(key.created_at))} ago" if key.created_at else ""
    return (
        f'API key "{key.name}" ({key.key_id}{age}, never used) in project {key.project_id} looks orphaned: it is named'
        " like a key of this resource, but this stack does not know it. An interrupted run may have left it; if no"
        " other stack or component owns it, revoke it in the dashboard"
    )
