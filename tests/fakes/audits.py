"""An audit with a finding of every kind, and names that try to be more than names."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

from apikeys_cli.audit import Audit, audit
from apikeys_cli.states import StackState, read_state
from fakes.keys import PROJECT, uuid
from fakes.states import SECRET, exported, owner, record
from pulumi_resource_apikeys.keys.port import Listing, RemoteKey
from pulumi_resource_apikeys.model.times import format_instant

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)
HOSTILE = "<script>alert(1)</script> `code` | @everyone [x](https://evil.example) &amp; \"quoted\" 'single'"
STEERING = "\x1b[31mred\u202eevil\r\nline"
FORMULA = "=HYPERLINK(1)"
CURRENT = {"expires_at": "2028-01-01T00:00:00Z", "last_used_at": "2026-11-19T12:00:00Z"}
ROTATING = "RotatingAPIKey"
SERVICES = ("billing", "deploy", "metrics", "search", "reports", "mailer", "frontend", "nightly")


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


def crowd(count: int = 300) -> Audit:
    """A project as teams have it: three stacks that rotate some keys in time and others not, and keys made by hand."""
    chance = random.Random(count)  # noqa: S311 - the same project in every run
    listing, records = list[RemoteKey](), {stack: list[dict[str, Any]]() for stack in ("prod", "staging", "shop")}
    for number in range(1, count + 1):
        stack, service = chance.choice(list(records)), f"{chance.choice(SERVICES)}-{number}"
        made = NOW - timedelta(days=chance.uniform(2, 400))
        used = NOW - timedelta(days=chance.choice([0.01, 0.2, 1, 3, 40, 120]) * chance.random())
        facts: dict[str, Any] = {
            "created_at": format_instant(made),
            "created_by": chance.choice(["user_ada", "user_grace", "user_edsger"]),
            "last_used_at": format_instant(max(used, made)),
            "expires_at": None,
            "scopes": tuple(chance.sample(["builds:read", "builds:write", "reports:read"], chance.randint(0, 2))),
        }
        match number % 10:
            case 0:
                listing.append(remote(number, owner(service, stack=stack).made_name(service, b"seed"), **facts))
            case 1 | 2:
                ends = {"expires_at": format_instant(NOW + timedelta(days=chance.uniform(-5, 200)))}
                unused = {"last_used_at": None, "never_used": True} if number % 3 else {}
                listing.append(remote(number, f"{service} (made by hand)", **{**facts, **ends, **unused}))
            case 3 | 4 | 5:
                of = owner(service, stack=stack)
                ends = {"expires_at": format_instant(made + timedelta(days=460))} if number % 4 else {}
                known = {"expiresAt": ends.get("expires_at"), "rotateAfter": "300d", "createdAt": facts["created_at"]}
                listing.append(remote(number, of.made_name(service, b"seed"), **{**facts, **ends}))
                records[stack].append(record(of, number, **known))
            case _:
                listing += _rotating(number, service, stack, records[stack], facts, chance)
    known_states = [read_state(exported(*records[stack], stack=stack), stack) for stack in records]
    return audit({PROJECT: Listing(listing)}, known_states, NOW)


def _rotating(  # noqa: PLR0913, PLR0917 - what a rotation is made of
    number: int, service: str, stack: str, records: list[dict[str, Any]], facts: dict[str, Any], chance: random.Random
) -> list[RemoteKey]:
    """A rotating resource: in its overlap, in its time, overdue, or with a previous key that should be no more."""
    of = owner(service, ROTATING, stack)
    rotated = NOW - timedelta(days=chance.choice([5, 20, 45, 60, 80, 110]) * chance.uniform(0.8, 1.1))
    since = format_instant(rotated)
    ends = format_instant(rotated + timedelta(days=130))
    known: dict[str, Any] = {
        "rotateEvery": "90d",
        "overlap": "14d",
        "rotatedAt": since,
        "createdAt": since,
        "nextRotationAt": format_instant(rotated + timedelta(days=90)),
    }
    current = remote(number, of.made_name(service, b"now"), **{**facts, "created_at": since, "expires_at": ends})
    if number % 10 == 6 or number % 20 == 7:
        records.append(record(of, number, **known))
        return [current]
    retires = format_instant(rotated + timedelta(days=14))
    records.append(record(of, number, **known, previousKeyId=uuid(number + 5000), previousRevokesAt=retires))
    before = format_instant(rotated - timedelta(days=90))
    previous = remote(number + 5000, of.made_name(service, b"before"), **{**facts, "created_at": before})
    return [current, previous]
