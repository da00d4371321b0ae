"""Which keys of a project's list somebody asks for: one set of filters, for functions, lists and commands alike.

What the server did not tell of a key is unknown, and an unknown fact fits no filter, neither the one that asks for it
nor the one that asks for its opposite: nothing is claimed of a key that the server did not say. `undecided` are the
keys of which just that keeps them from being told, so that a caller can say that there are some.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .port import KeyStatus, server_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from .port import RemoteKey


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """What the keys must be to be told, all of it at once; the default fits every key.

    - `active`: whether it may be used, which one that was revoked or has expired may not;
    - `name_prefix`: how its name begins, in upper and lower case as written;
    - `scopes`: scopes that it must have, all of them, whatever else it has;
    - `unused_since`: a time since which it was not used. One that never was used counts as unused since it was made,
      so one made after that time does not fit. A revoked key fits too, unless `active` says otherwise;
    - `expiring_before`: a time before which it will have expired. One that was revoked or has expired is not expiring;
    - `admin_managed`: whether administrators manage it.
    """

    active: bool | None = None
    name_prefix: str = ""
    scopes: frozenset[str] = frozenset()
    unused_since: datetime | None = None
    expiring_before: datetime | None = None
    admin_managed: bool | None = None


def matching(listing: Sequence[RemoteKey], wanted: KeyFilter, now: datetime) -> tuple[RemoteKey, ...]:
    """The keys of a project's list that surely fit, in the list's order.

    Whether a key has expired is judged by the server's time if the list tells one, else by `now`.
    """
    at = server_time(listing) or now
    return tuple(key for key in listing if all(_answers(key, wanted, at)))


def undecided(listing: Sequence[RemoteKey], wanted: KeyFilter, now: datetime) -> tuple[RemoteKey, ...]:
    """The keys that may fit: as far as the server told of them they do, but it did not tell all that is asked."""
    at = server_time(listing) or now
    answers = ((key, tuple(_answers(key, wanted, at))) for key in listing)
    return tuple(key for key, said in answers if None in said and False not in said)


def unused_since(key: RemoteKey, since: datetime) -> bool | None:
    """Whether a key was not used since that time; None if the server did not say."""
    idle_from = key.made_at if key.never_used else key.used_at
    return None if idle_from is None else idle_from < since


def _answers(key: RemoteKey, wanted: KeyFilter, at: datetime) -> Iterator[bool | None]:
    """What is true of a key for each thing that is asked; None if the server did not say."""
    yield key.name.startswith(wanted.name_prefix)
    yield wanted.scopes.issubset(key.scopes)
    is_active = key.status_at(at) is KeyStatus.ACTIVE
    if wanted.active is not None:
        yield is_active is wanted.active
    if wanted.expiring_before is not None:
        yield is_active and key.ends_at is not None and key.ends_at < wanted.expiring_before
    if wanted.admin_managed is not None:
        yield None if key.is_admin_managed is None else key.is_admin_managed is wanted.admin_managed
    if wanted.unused_since is not None:
        yield unused_since(key, wanted.unused_since)
