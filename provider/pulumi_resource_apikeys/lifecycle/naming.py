"""Automatic names: the engine's wish first, else the resource's name with a random suffix."""

from __future__ import annotations

import random
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import Problem

from .resource import Naming

if TYPE_CHECKING:
    from .resource import CheckRequest

SUFFIX_DIGITS = 7
SUFFIX = rf"-[0-9a-f]{{{SUFFIX_DIGITS}}}"
"""A pattern of the suffixes that `suffixed` makes."""


@dataclass(frozen=True)
class Named:
    """A name, and whether its random suffix is ours, so that no other key in the world bears it."""

    name: str
    unique: bool


def suffixed(name: str, seed: bytes = b"") -> str:
    """The name with a dash and seven random hex digits, as Pulumi providers do; the same seed gives the same suffix."""
    bits = 4 * SUFFIX_DIGITS
    number = random.Random(seed).getrandbits(bits) if seed else secrets.randbits(bits)  # noqa: S311 - a name, no secret
    return f"{name}-{number:0{SUFFIX_DIGITS}x}"


def is_ours(name: str) -> bool:
    """Tell whether a name ends in a suffix of ours."""
    return re.search(SUFFIX + r"\Z", name) is not None


def base_of(name: str) -> str:
    """A name without the suffix of ours that it may end in."""
    return re.sub(SUFFIX + r"\Z", "", name)


def automatic(request: CheckRequest) -> Named | Problem:
    """Name a resource whose program gave no name (Pulumi's `pulumi:autonaming` configuration decides how)."""
    if request.naming is Naming.DISABLE:
        return Problem("name", "is required: automatic naming is disabled for this stack (pulumi:autonaming)")
    if request.naming is not Naming.DEFAULT and request.proposed_name:
        return Named(request.proposed_name, unique=False)
    return Named(suffixed(request.name.strip(), request.seed), unique=True)
