"""What keys and times are called for people, whatever the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apikeys_cli.findings import Relation
from pulumi_resource_apikeys.text import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from apikeys_cli.audit import AuditedKey
    from pulumi_resource_apikeys.keys.port import RemoteKey

SECRET_NAME = "(a secret of its stack)"  # noqa: S105 - what stands in the place of one
LONGEST = 200
MINUTE = "%Y-%m-%d %H:%M"


def plain(text: str | None) -> str:
    """Text of others on one line, without control characters; empty for none."""
    return one_line(text, limit=LONGEST) if text else ""


def name_of(audited: AuditedKey) -> str:
    """The key's name, or words in its place if its stack keeps it as a secret."""
    return SECRET_NAME if audited.shown_name is None else plain(audited.shown_name)


def whose(audited: AuditedKey) -> str:
    """Whose a key is."""
    if audited.owner is not None:
        named = f"{plain(audited.owner.resource.name)} of {plain(audited.owner.stack)}"
        return {Relation.PREVIOUS: f"previous key of {named}", Relation.LEAVING: f"replaced key of {named}"}.get(
            audited.relation, named
        )
    return f"orphan of {plain(audited.made_by)}" if audited.made_by else "nobody's"


def minute(instant: datetime | None, absent: str = "") -> str:
    """A time in UTC, to the minute."""
    return absent if instant is None else f"{instant:{MINUTE}}"


def use(key: RemoteKey) -> str:
    """When a key was last used."""
    return minute(key.used_at, "never" if key.never_used else "not told")


def end(key: RemoteKey) -> str:
    """When a key ends."""
    return minute(key.ends_at, "never" if key.expires_at is None else "not told")
