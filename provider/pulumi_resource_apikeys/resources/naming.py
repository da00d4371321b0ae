"""Automatic names: the engine's wish first, else the resource's name with a random suffix."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import Problem

from .lifecycle import Naming

if TYPE_CHECKING:
    from pulumi_resource_apikeys.keys.ownership import Owner

    from .lifecycle import CheckRequest

SUFFIX_DIGITS = 7


@dataclass(frozen=True)
class Named:
    """A name, and whether it was made here, so that no other key in the world bears it."""

    name: str
    unique: bool


def suffixed(name: str, seed: bytes = b"") -> str:
    """The name with a dash and seven random hex digits, as Pulumi providers do; the same seed gives the same suffix."""
    bits = 4 * SUFFIX_DIGITS
    number = random.Random(seed).getrandbits(bits) if seed else secrets.randbits(bits)  # noqa: S311 - a name, no secret
    return f"{name}-{number:0{SUFFIX_DIGITS}x}"


def made_name(base: str, owner: Owner | None, seed: bytes = b"") -> str:
    """A name for a key: with the mark of its resource, or with a random suffix if the resource is not known."""
    return suffixed(base, seed) if owner is None else owner.made_name(base, seed)


def automatic(request: CheckRequest, *, marked: bool) -> Named | Problem:
    """Name a resource whose program gave no name (Pulumi's `pulumi:autonaming` configuration decides how).

    `marked` names are those of keys; other ones only begin the names of keys, which get the mark then.
    """
    if request.naming is Naming.DISABLE:
        return Problem("name", "is required: automatic naming is disabled for this stack (pulumi:autonaming)")
    if request.naming is not Naming.DEFAULT and request.proposed_name:
        return Named(request.proposed_name, unique=False)
    return Named(made_name(request.name.strip(), request.owner if marked else None, request.seed), unique=True)
