"""The three calls of the API: list, create and revoke the keys of a project."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException

from apikeys_emulator.behaviour import shown
from apikeys_emulator.observed import ObservedRoute
from apikeys_emulator.oddities import as_created, as_listed, name_of_new_key, new_key_id
from apikeys_emulator.problems import MEDIA_TYPE, JSONAnswer
from apikeys_emulator.state import ServerState
from apikeys_emulator.store import Key, new_secret, prefix_of
from apikeys_emulator.tokens import DEFAULT_SUBJECT, DEFAULT_TENANT, Caller, NoJWTError, TokenRefusedError
from apikeys_emulator.wire import (
    APIKey,
    CreateAPIKeyInputBody,
    CreateAPIKeyOutputBody,
    KeyIdText,
    RevokeAPIKeyOutputBody,
    UUIDText,
    created,
    listed,
    revoked,
)

PREFIX = "/api/v1"
KEYS = "/projects/{projectId}/keys"

BEARER = HTTPBearer(
    scheme_name="bearerClerk",
    bearerFormat="JWT",
    description="Clerk session JWT from an authenticated dashboard user. Format: Bearer eyJ....",
    auto_error=False,
)


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ErrorModel"}}}
    return {status: {"description": "Error", "content": content} for status in statuses}


COMMON_ERRORS = _errors(401, 403, 404, 422, 429, 500, 503)


async def authenticate(request: Request, state: ServerState) -> Caller:
    """Who calls; 401 if that can't be told."""
    try:
        return state.tokens.caller(request.headers.get("Authorization"))
    except TokenRefusedError as error:
        if state.behaviour.opaque_tokens and isinstance(error, NoJWTError):
            return Caller(DEFAULT_SUBJECT, DEFAULT_TENANT)
        raise HTTPException(401, str(error), headers={"WWW-Authenticate": "Bearer"}) from error


CallerOfAPI = Annotated[Caller, Depends(authenticate)]


async def open_project(projectId: UUIDText, _caller: CallerOfAPI, state: ServerState) -> str:  # noqa: N803 - the API's name
    """The project of the path; 403 or 404 if the caller may not see it."""
    match state.access.get(projectId, "ok"):
        case "forbidden":
            raise HTTPException(403, "you do not have access to this project")
        case "missing":
            raise HTTPException(404, "project not found")
        case "ok":
            return projectId


OpenProject = Annotated[str, Depends(open_project)]

router = APIRouter(prefix=PREFIX, route_class=ObservedRoute, dependencies=[Depends(BEARER)])


@router.get(
    KEYS,
    name="list",
    operation_id="list-api-keys",
    summary="List API keys for a project",
    response_model=list[APIKey] | None,
    response_description="The keys of the project; null if there is none",
    responses=COMMON_ERRORS,
)
async def list_keys(project_id: OpenProject, state: ServerState) -> Response:
    """All keys of a project, without their secrets."""
    keys = shown(state.store.keys_of_project(project_id), state.clock.stamp(), state.behaviour)
    nothing: list[object] | None = None if state.behaviour.empty_list == "null" else []
    return JSONAnswer([as_listed(listed(key), state.behaviour) for key in keys] or nothing)


@router.post(
    KEYS,
    name="create",
    operation_id="create-api-key",
    summary="Create an API key",
    response_model=CreateAPIKeyOutputBody,
    response_description="The new key with its secret",
    responses={
        201: {"model": CreateAPIKeyOutputBody, "description": "The new key with its secret"},
        **COMMON_ERRORS,
        **_errors(400, 415),
    },
)
async def create_key(
    request: Request, project_id: OpenProject, caller: CallerOfAPI, state: ServerState, body: CreateAPIKeyInputBody
) -> Response:
    """Mint a key; its secret is shown in this answer and never again."""
    now = state.clock.stamp()
    if body.expires_at is not None and body.expires_at <= now:
        raise RequestValidationError([_not_in_the_future((await request.json())["expires_at"])])
    secret = new_secret()
    key = Key(
        key_id=new_key_id(state.behaviour),
        key_prefix=prefix_of(secret),
        project_id=project_id,
        tenant_id=caller.tenant_id,
        name=name_of_new_key(body.name, state.behaviour),
        scopes=None if body.scopes is None else tuple(body.scopes),
        created_at=now,
        created_by=caller.subject,
        expires_at=body.expires_at,
    )
    state.store.add([(key, secret)])
    request.state.call.key_id = key.key_id
    answer = as_created(created(key, secret), state.behaviour)
    return JSONAnswer(answer, status_code=state.behaviour.create_status)


@router.delete(
    KEYS + "/{keyId}",
    name="revoke",
    operation_id="revoke-api-key",
    summary="Revoke an API key",
    response_model=RevokeAPIKeyOutputBody,
    response_description="Whether the key is revoked",
    responses={204: {"description": "The key is revoked"}, **COMMON_ERRORS},
)
async def revoke_key(project_id: OpenProject, keyId: KeyIdText, state: ServerState) -> Response:  # noqa: N803 - the API's name
    """Revoke a key for good."""
    key = state.store.find(keyId)
    if key is None or key.project_id != project_id:
        raise HTTPException(404, "key not found")
    if key.is_admin_managed:
        raise HTTPException(403, "admin-managed keys can't be revoked through the API")
    if not key.is_active:
        match state.behaviour.revoke_again:
            case "not_found":
                raise HTTPException(404, "key not found")
            case "success_false":
                return JSONAnswer(revoked(success=False))
            case "success":
                pass
    if state.behaviour.revoke_effect == "revokes":
        state.store.save(key.turned(active=False, now=state.clock.stamp()))
    if state.behaviour.revoke_status == 204:  # noqa: PLR2004 - an HTTP status is its own name
        return Response(status_code=204)
    return JSONAnswer(revoked(success=True))


def _not_in_the_future(sent: object) -> dict[str, object]:
    return {
        "type": "not_in_the_future",
        "loc": ("body", "expires_at"),
        "msg": "expected date-time in the future",
        "input": sent,
    }
