"""An audit with a finding of every kind, and names that try to be more than names."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from apikeys_cli.audit import Audit, audit
from apikeys_cli.states import StackState, read_state
from fakes.keys import PROJECT, uuid
from fakes.states import SECRET, exported, owner, record
from pulumi_resource_apikeys.keys.port import Listing, RemoteKey

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)
HOSTILE = "<script>alert(1)</script> `code` | @everyone [x](https://evil.example) &amp; \"quoted\" 'single'"
STEERING = "\x1b[31mred\u202eevil\r\nline"
FORMULA = "=HYPERLINK(1)"
CURRENT = {"expires_at": "2028-01-01T00:00:00Z", "last_used_at": "2026-11-19T12:00:00Z"}
ROTATING = "RotatingAPIKey"


def remote(number: int, name: str = "by-hand", **fields: Any) -> RemoteKey:
    """A key made nine months ago, used yesterday, with an end far ahead."""
    facts = {"created_at": "2026-02-20T00:00:00Z", "created_by": "user_1", **CURRENT, **fields}
    return RemoteKey(key_id=uuid(number), project_id=PROJECT, name=name, **facts)


def keys() -> Listing:
    """The listing: keys by number, some of which the stacks have."""
    return Listing(
        [
            remote(1, owner("deploy").made_name("deploy")),
            remote(2, owner("ci", ROTATING).made_name("ci"), created_at="2026-10-01T00:00:00Z"),
            remote(3, owner("ci", ROTATING).made_name("ci"), created_at="2026-09-01T00:00:00Z"),
            remote(4, owner("gone").made_name("gone")),
            remote(5, HOSTILE, expires_at="2026-12-01T00:00:00Z", scopes=("a:read", HOSTILE.replace(" ", "_"))),
            remote(6, STEERING, last_used_at="2026-01-01T00:00:00Z", created_by=HOSTILE),
            remote(7, FORMULA, last_used_at=None, never_used=True),
            remote(8, "admins", is_admin_managed=True, expires_at=None),
            remote(9, "old", expires_at="2026-11-01T00:00:00Z"),
            remote(10, "endless", expires_at=None),
            remote(11, "the-secret-name"),
            remote(12, "revoked", is_active=False),
        ]
    )


def stacks() -> list[StackState]:
    """Two stacks, which share a key."""
    rotated: dict[str, Any] = {"rotatedAt": "2026-10-01T00:00:00Z", "nextRotationAt": "2026-10-31T00:00:00Z"}
    previous: dict[str, Any] = {"previousKeyId": uuid(3), "previousRevokesAt": "2026-10-08T00:00:00Z"}
    prod = exported(
        record(owner("deploy"), 1),
        record(owner("ci", ROTATING), 2, **rotated, **previous),
        record(owner("endless"), 10),
        record(owner("dead"), 12),
        record(owner("hidden"), 11, name=SECRET),
    )
    staging = exported(record(owner("deploy", stack="staging"), 1), stack="staging")
    return [read_state(prod, "prod"), read_state(staging, "staging")]


def everything() -> Audit:
    """The audit of all that."""
    return audit({PROJECT: keys()}, stacks(), NOW)
