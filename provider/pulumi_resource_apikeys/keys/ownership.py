"""Whose key is it: the mark in a made name that tells which stack and which resource made the key.

A name is all that a listing tells of who made a key. So each name that is made here ends in a mark of sixteen letters
and digits: five for the stack, six for the resource, five at random. Names of the user's own, and names that were made
before there were marks, tell nothing: such a key is unknown, and nothing is said or done about it by its name.
"""

from __future__ import annotations

import hashlib
import random
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass
from functools import cached_property, lru_cache

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
"""Base 32 (RFC 4648), in lower case."""
STACK_LETTERS, RESOURCE_LETTERS, RANDOM_LETTERS = 5, 6, 5
_MARKED = re.compile(
    rf"(?s:.*)-([{ALPHABET}]{{{STACK_LETTERS}}})([{ALPHABET}]{{{RESOURCE_LETTERS}}})[{ALPHABET}]{{{RANDOM_LETTERS}}}"
)
DYNAMIC_TYPE = "pulumi-python:dynamic/apikeys:"
PLUGIN_TYPE = "apikeys:index:"


@dataclass(frozen=True)
class Mark:
    """What a made name tells: its stack's letters and its resource's letters."""

    stack: str
    resource: str


@dataclass(frozen=True)
class Owner:
    """A resource of a stack, as its URN names it. `kind` is its type with those of its parents, as in the URN.

    `backend` is where the stack's state is kept: stacks of one name in two backends are two stacks.
    """

    project: str
    stack: str
    kind: str
    name: str
    backend: str = ""

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return f"urn:pulumi:{self.stack}::{self.project}::{self.kind}::{self.name}"

    @cached_property
    def mark(self) -> Mark:
        """The letters that names made for this resource bear. The same for a dynamic resource and one of the plugin."""
        kind = self.kind.replace(DYNAMIC_TYPE, PLUGIN_TYPE)
        return Mark(
            _letters(STACK_LETTERS, self.project, self.stack, *filter(None, [self.backend])),
            _letters(RESOURCE_LETTERS, kind, self.name),
        )

    def made_name(self, base: str, seed: bytes = b"") -> str:
        """A name for a key of this resource: the base, a dash and the mark; the same seed gives the same name."""
        chance = random.Random(seed) if seed else secrets.SystemRandom()  # noqa: S311 - a name, no secret
        rest = "".join(chance.choice(ALPHABET) for _ in range(RANDOM_LETTERS))
        return f"{base}-{self.mark.stack}{self.mark.resource}{rest}"


@lru_cache(maxsize=1000)  # each resource is asked about again and again, and its mark takes a while to make
def owner_of(urn: str, backend: str = "") -> Owner | None:
    """The resource that a URN names (`urn:pulumi:stack::project::kind::name`), None if it names none."""
    parts = urn.removeprefix("urn:pulumi:").split("::", 3)
    if not urn.startswith("urn:pulumi:") or len(parts) != 4:  # noqa: PLR2004 - the parts of a URN
        return None
    stack, project, kind, name = parts
    return Owner(project, stack, kind, name, backend)


def mark_of(name: str) -> Mark | None:
    """The mark that a key's name ends in, in any case; None if it ends in none."""
    match = _MARKED.fullmatch(name.lower())
    return Mark(match[1], match[2]) if match else None


def _letters(count: int, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
    return b32encode(digest).decode("ascii").lower()[:count]
