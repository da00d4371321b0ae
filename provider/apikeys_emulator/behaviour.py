"""What the API leaves open, as switches: how keys are shown and which of the allowed answers is given."""

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict

from apikeys_emulator.store import Key
from apikeys_emulator.terms import ExpiredKeys, KeyState, ListOrder, RevokeAgain, RevokedKeys


class Behaviour(BaseModel):
    """The switches, with what the server does unless told otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    revoked_keys: RevokedKeys = "listed"
    expired_keys: ExpiredKeys = "active"
    create_status: Literal[200, 201] = 200
    revoke_status: Literal[200, 204] = 200
    revoke_again: RevokeAgain = "success"
    list_order: ListOrder = "created"


def state_of_key(key: Key, now: str) -> KeyState:
    """What a key is at the time `now` (a stamp)."""
    if not key.is_active:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "active"


def shown(keys: Iterable[Key], now: str, behaviour: Behaviour) -> list[Key]:
    """The keys as the list call shows them at the time `now` (a stamp)."""
    visible: list[Key] = []
    for key in keys:
        match state_of_key(key, now):
            case "revoked" if behaviour.revoked_keys == "absent":
                continue
            case "expired" if behaviour.expired_keys == "absent":
                continue
            case "expired" if behaviour.expired_keys == "inactive":
                visible.append(replace(key, is_active=False))
            case _:
                visible.append(key)
    match behaviour.list_order:
        case "reverse":
            visible.reverse()
        case "random":
            random.shuffle(visible)
        case "created":
            pass
    return visible
