"""What the API leaves open, and what a bad day brings, as switches; and the list that a server shows by them."""

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from apikeys_emulator.clock import NANOSECONDS, nanoseconds_of_stamp, stamp_of_nanoseconds
from apikeys_emulator.store import Key
from apikeys_emulator.terms import (
    CENTURY_SECONDS,
    DateField,
    EmptyList,
    ExpiredKeys,
    IdCase,
    KeyIds,
    KeyState,
    LastUsed,
    ListOrder,
    Names,
    OddText,
    RevokeAgain,
    RevokedKeys,
    RevokeEffect,
    TextField,
)


class Behaviour(BaseModel):
    """The switches, with what the server does unless told otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # What the list shows
    revoked_keys: RevokedKeys = "listed"
    expired_keys: ExpiredKeys = "active"
    list_order: ListOrder = "created"
    empty_list: EmptyList = "null"
    create_lag_seconds: float = Field(
        default=0, ge=0, le=CENTURY_SECONDS, description="a key younger than this is not listed yet"
    )
    revoke_lag_seconds: float = Field(
        default=0, ge=0, le=CENTURY_SECONDS, description="a key revoked since then is listed as active still"
    )
    double_listing: bool = Field(default=False, description="an active key is listed twice, active and then inactive")
    last_used: LastUsed = "told"

    # What create and revoke do and answer
    create_status: Literal[200, 201] = 200
    revoke_status: Literal[200, 204] = 200
    revoke_again: RevokeAgain = "success"
    revoke_effect: RevokeEffect = Field(default="revokes", description="none: a success is answered, the key lives on")
    names: Names = Field(default="as_sent", description="what is made of the name of a new key")
    key_ids: KeyIds = "uuid"
    create_leaves_out: tuple[str, ...] = Field(default=(), description="fields that the answer to a create lacks")
    create_overrides: dict[str, Any] = Field(default={}, description="fields of that answer, with their value as is")

    # How a key is written, in a list and in the answer to a create
    id_case: IdCase = Field(default="lower", description="the form of key_id and project_id")
    odd_dates: str | None = Field(default=None, description="written as is into odd_date_fields")
    odd_date_fields: tuple[DateField, ...] = ("created_at", "expires_at")
    odd_text: OddText = Field(default="none", description="surrogate: half an emoji is added to odd_text_fields")
    odd_text_fields: tuple[TextField, ...] = ("name", "created_by", "tenant_id", "key_prefix", "scopes")

    opaque_tokens: bool = Field(default=False, description="bearer tokens that are no JWT are taken too")


def state_of_key(key: Key, now: str) -> KeyState:
    """What a key is at the time `now` (a stamp)."""
    if not key.is_active:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "active"


def shown(keys: Iterable[Key], now: str, behaviour: Behaviour) -> list[Key]:
    """The keys as the list call shows them at the time `now` (a stamp)."""
    made_by = _earlier(now, behaviour.create_lag_seconds)
    revoked_by = _earlier(now, behaviour.revoke_lag_seconds)
    visible: list[Key] = []
    for stored in keys:
        if behaviour.create_lag_seconds and stored.created_at > made_by:
            continue
        lags = behaviour.revoke_lag_seconds and stored.revoked_at is not None and stored.revoked_at > revoked_by
        key = replace(stored, is_active=True) if lags else stored
        match state_of_key(key, now):
            case "revoked" if behaviour.revoked_keys == "absent":
                continue
            case "expired" if behaviour.expired_keys == "absent":
                continue
            case "expired" if behaviour.expired_keys == "inactive":
                visible.append(replace(key, is_active=False))
            case "active" if behaviour.double_listing:
                visible += [key, replace(key, is_active=False)]
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


def _earlier(now: str, seconds: float) -> str:
    return stamp_of_nanoseconds(nanoseconds_of_stamp(now) - round(seconds * NANOSECONDS))
