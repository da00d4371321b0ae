"""A stand-in for the one call of Clerk's Backend API that mints session tokens, with Clerk's error bodies.

Every session whose id starts with `sess_` is live until it is ended through the control API.
"""

import secrets
import uuid
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from apikeys_emulator.observed import ObservedRoute
from apikeys_emulator.problems import JSONAnswer, rejection, title_of
from apikeys_emulator.state import ServerState

CODES = {
    400: "request_body_invalid",
    401: "clerk_key_invalid",
    403: "authorization_invalid",
    404: "resource_not_found",
    415: "unsupported_content_type",
    422: "form_param_format_invalid",
    429: "too_many_requests",
}


def clerk_error(status: int, detail: str, headers: dict[str, str] | None = None, title: str | None = None) -> Response:
    """An error as Clerk words it."""
    error = {
        "message": title or title_of(status),
        "long_message": detail,
        "code": CODES.get(status, "internal_clerk_error"),
    }
    body = {"errors": [error], "clerk_trace_id": uuid.uuid4().hex}
    return JSONAnswer(body, status_code=status, headers=headers)


class ClerkRoute(ObservedRoute):
    """An observed route that fails as Clerk does."""

    def refuse(self, error: HTTPException | RequestValidationError) -> Response:
        """An error of the route, as Clerk words it."""
        if isinstance(error, HTTPException):
            return clerk_error(error.status_code, error.detail)
        status, detail, errors = rejection(error)
        return clerk_error(status, "; ".join([detail, *(f"{each.location}: {each.message}" for each in errors)]))

    def fail(self, status: int, detail: str, headers: dict[str, str], title: str | None) -> Response:
        """A failure that a fault asks for, as Clerk words it."""
        return clerk_error(status, detail, headers, title)


class CreateSessionToken(BaseModel):
    """The body that may come with the call."""

    model_config = ConfigDict(extra="forbid")

    expires_in_seconds: float | None = Field(default=None, gt=0, le=315_360_000)


router = APIRouter(route_class=ClerkRoute, include_in_schema=False)


@router.post("/v1/sessions/{session_id}/tokens", name="clerk")
async def create_session_token(
    request: Request, session_id: str, state: ServerState, body: Annotated[CreateSessionToken | None, Body()] = None
) -> Response:
    """A token for a live session."""
    expected = f"Bearer {state.options.clerk_secret_key}"
    given = request.headers.get("Authorization", "")
    if not secrets.compare_digest(expected.encode(), given.encode()):
        raise HTTPException(401, "The provided Clerk Secret Key is invalid.")
    if not session_id.startswith("sess_") or session_id in state.ended_sessions:
        raise HTTPException(404, f"No session was found with id {session_id}")
    ttl = body.expires_in_seconds if body is not None else None
    minted = state.tokens.mint(state.options.token_ttl_seconds if ttl is None else ttl, session=session_id)
    return JSONAnswer({"object": "token", "jwt": minted.token})
