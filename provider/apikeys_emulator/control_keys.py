"""Control API, the keys: all that people and other programs do to keys behind the back of a stack.

Nothing here asks for a token, is counted, or appears in the OpenAPI document.
"""

import uuid
from dataclasses import replace

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from apikeys_emulator.behaviour import state_of_key
from apikeys_emulator.problems import JSONAnswer
from apikeys_emulator.state import ServerState, State
from apikeys_emulator.store import Key, new_secret, prefix_of
from apikeys_emulator.strict import StrictRoute
from apikeys_emulator.tokens import DEFAULT_SUBJECT, DEFAULT_TENANT
from apikeys_emulator.wire import KeyIdText, Stamp, Text, UUIDText

router = APIRouter(prefix="/_emulator", route_class=StrictRoute, include_in_schema=False)


class NewKeys(BaseModel):
    """Keys made out of band. With `count` above one, their names end in -1, -2 and so on."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUIDText
    name: str = Field(default="made-by-hand", min_length=1, max_length=100)
    count: int = Field(default=1, ge=1, le=10_000)
    scopes: list[Text] | None = None
    created_at: Stamp | None = None
    created_by: Text = DEFAULT_SUBJECT
    expires_at: Stamp | None = None
    last_used_at: Stamp | None = None
    is_active: bool = True
    is_admin_managed: bool = False


class KeyChange(BaseModel):
    """What is to change of a key; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    is_active: bool = True
    is_admin_managed: bool = False
    created_at: Stamp = ""
    expires_at: Stamp | None = None
    last_used_at: Stamp | None = None


class Presented(BaseModel):
    """A secret as a consumer presents it."""

    model_config = ConfigDict(extra="forbid")

    key: Text


def _whole(state: State, key: Key) -> dict[str, object]:
    return {**vars(key), "state": state_of_key(key, state.clock.stamp())}


def _stored(state: State, key_id: str) -> Key:
    key = state.store.find(key_id)
    if key is None:
        raise HTTPException(404, "key not found")
    return key


@router.get("/keys")
async def all_keys(state: ServerState, project_id: UUIDText | None = None) -> Response:
    """Every key, or every key of one project, with its state (active, revoked, expired); no secrets."""
    keys = state.store.all_keys() if project_id is None else state.store.keys_of_project(project_id)
    return JSONAnswer([_whole(state, key) for key in keys])


@router.post("/keys")
async def add_keys(state: ServerState, wanted: NewKeys) -> Response:
    """Make keys that no call of the API made; the answer is a list, each with its secret."""
    now = state.clock.stamp()
    minted: list[tuple[Key, str]] = []
    for number in range(1, wanted.count + 1):
        secret = new_secret()
        key = Key(
            key_id=str(uuid.uuid4()),
            key_prefix=prefix_of(secret),
            project_id=wanted.project_id,
            tenant_id=DEFAULT_TENANT,
            name=wanted.name if wanted.count == 1 else f"{wanted.name}-{number}",
            scopes=None if wanted.scopes is None else tuple(wanted.scopes),
            created_at=wanted.created_at or now,
            created_by=wanted.created_by,
            expires_at=wanted.expires_at,
            last_used_at=wanted.last_used_at,
            is_active=wanted.is_active,
            is_admin_managed=wanted.is_admin_managed,
        )
        minted.append((key, secret))
    state.store.add(minted)
    return JSONAnswer([_whole(state, key) | {"key": secret} for key, secret in minted], status_code=201)


@router.patch("/keys/{key_id}")
async def change_key(state: ServerState, key_id: KeyIdText, change: KeyChange) -> Response:
    """Change what the API can't change."""
    changes = change.model_dump(exclude_unset=True)
    key = _stored(state, key_id)
    if "is_active" in changes:
        key = key.turned(active=changes.pop("is_active"), now=state.clock.stamp())
    key = replace(key, **changes)
    state.store.save(key)
    return JSONAnswer(_whole(state, key))


@router.delete("/keys/{key_id}")
async def forget_key(state: ServerState, key_id: KeyIdText) -> Response:
    """Remove a key with no trace."""
    if not state.store.forget(key_id):
        raise HTTPException(404, "key not found")
    return Response(status_code=204)


@router.post("/verify")
async def verify(state: ServerState, presented: Presented) -> Response:
    """Check a secret as the API behind the keys does; the key counts as used now."""
    key = state.store.find_by_secret(presented.key)
    if key is None:
        raise HTTPException(401, "key is unknown")
    now = state.clock.stamp()
    standing = state_of_key(key, now)
    if standing != "active":
        raise HTTPException(401, f"key {key.key_id} is {standing}")
    state.store.save(replace(key, last_used_at=now))
    return JSONAnswer(
        {"key_id": key.key_id, "project_id": key.project_id, "name": key.name, "scopes": key.scopes or None}
    )
