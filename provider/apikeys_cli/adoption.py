"""Taking keys that no stack manages over into a stack: which ones, under which names of resources; pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.keys.ownership import PLUGIN_TYPE
from pulumi_resource_apikeys.keys.port import KeyStatus, canonical_id

from .findings import Relation
from .states import API_KEY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from pulumi_resource_apikeys.keys.port import RemoteKey

    from .audit import Audit, AuditedKey

_OTHER = re.compile(r"[^a-z0-9]+")
LONGEST_NAME = 60


@dataclass(frozen=True)
class Rotation:
    """How a `RotatingAPIKey` that takes over a key shall rotate, as users write durations."""

    every: str
    overlap: str


@dataclass(frozen=True)
class Adoption:
    """A key, and the resource that takes it over: its name, and its rotation for a `RotatingAPIKey`."""

    name: str
    key: RemoteKey
    rotation: Rotation | None = None

    @property
    def kind(self) -> str:
        """The resource's type without its package."""
        return API_KEY if self.rotation is None else "RotatingAPIKey"


def candidates(audit: Audit) -> tuple[AuditedKey, ...]:
    """The live keys that no stack manages."""
    return tuple(key for key in audit.keys if key.status is KeyStatus.ACTIVE and key.relation is Relation.UNMANAGED)


def picked(audit: Audit, picks: Sequence[str]) -> tuple[tuple[AuditedKey, ...], list[Problem]]:
    """The keys that are named by their ids, or by names that only one has, and what is wrong with the rest.

    An orphan may be picked too: its stack has lost it, and another import finds it again.
    """
    found: dict[str, AuditedKey] = {}
    problems = []
    for pick in picks:
        sought = canonical_id(pick.rpartition("/")[2])
        named = [key for key in audit.keys if key.key.key_id == sought] or [
            key for key in audit.keys if key.shown_name == pick
        ]
        reason = _why_not(named)
        if reason is None:
            found[named[0].key.key_id] = named[0]
        else:
            problems.append(Problem(pick, reason))
    return tuple(found.values()), problems


def _why_not(named: Sequence[AuditedKey]) -> str | None:
    if not named:
        return "no live key of the project has that id or name"
    if len(named) > 1:
        return f"{len(named)} keys have that name: pick by their ids, {', '.join(key.key.key_id for key in named)}"
    (key,) = named
    if key.status is not KeyStatus.ACTIVE:
        return f"it is {key.status.value}, and only an active key can be taken over"
    if key.owner is not None:
        return f"{key.owner.resource.name} of {key.owner.stack} has it already"
    return None


def adoptions(keys: Iterable[RemoteKey], taken: Collection[str], rotation: Rotation | None = None) -> list[Adoption]:
    """A resource for each key, with names that no resource of `taken` and none of the others has."""
    used = set(taken)
    made = []
    for key in keys:
        base = _OTHER.sub("-", key.name.lower()).strip("-")[:LONGEST_NAME].strip("-") or "key"
        base = base if base[0].isalpha() else f"key-{base}"
        name, number = base, 2
        while name in used:
            name, number = f"{base}-{number}", number + 1
        used.add(name)
        made.append(Adoption(name, key, rotation))
    return made


def import_file(made: Iterable[Adoption]) -> str:
    """What `pulumi import --file` takes (https://www.pulumi.com/docs/iac/guides/migration/import/#bulk-import)."""
    resources = [
        {
            "type": f"{PLUGIN_TYPE}{one.kind}",
            "name": one.name,
            "id": f"{one.key.project_id}/{one.key.key_id}",
        }
        for one in made
    ]
    return json.dumps({"resources": resources}, indent=2) + "\n"
