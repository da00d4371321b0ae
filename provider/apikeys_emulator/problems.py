"""Errors as `application/problem+json` (RFC 9457), in the words and with the locations of the Go framework Huma."""

import json
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

SCHEMAS_PATH = "/api/v1/schemas"
MEDIA_TYPE = "application/problem+json"

MESSAGES = {
    "extra_forbidden": "unexpected property",
    "string_type": "expected string",
    "string_unicode": "expected string",
    "string_too_short": "expected length >= {min_length}",
    "string_too_long": "expected length <= {max_length}",
    "list_type": "expected array",
    "model_attributes_type": "expected object",
    "value_error": "{error}",
}
"""Huma's words for pydantic's kinds of error; a kind that is not here keeps pydantic's own words."""


class ErrorDetail(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(extra="forbid")

    location: str | None = Field(default=None, description="Where, such as 'body.scopes[0]' or 'path.projectId'")
    message: str | None = Field(default=None, description="What is wrong")
    value: Any = Field(default=None, description="What was sent at that place")


class ErrorModel(BaseModel):
    """Why a request failed."""

    model_config = ConfigDict(extra="forbid")

    schema_: str | None = Field(default=None, alias="$schema", description="A URL to the JSON Schema for this object")
    type: str = Field(default="about:blank", description="A URI reference to documentation of the error")
    title: str | None = Field(default=None, description="A short summary of the kind of problem")
    status: int | None = Field(default=None, description="HTTP status code")
    detail: str | None = Field(default=None, description="What went wrong this time")
    instance: str | None = Field(default=None, description="A URI reference to this occurrence of the problem")
    errors: list[ErrorDetail] | None = Field(default=None, description="What is wrong, place by place")


class JSONAnswer(Response):
    """JSON in ASCII, so that any string that a client managed to send can be echoed."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """`content` as JSON; NaN is refused."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def schema_link(name: str) -> str:
    """The `$schema` value of an answer."""
    return f"{SCHEMAS_PATH}/{name}.json"


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[ErrorDetail] = (),
    headers: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Response:
    """A problem as an answer; `title` None is the status's own."""
    body: dict[str, object] = {
        "$schema": schema_link("ErrorModel"),
        "type": "about:blank",
        "title": title_of(status) if title is None else title,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [error.model_dump() for error in errors]
    return JSONAnswer(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def title_of(status: int) -> str:
    """The name of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def problem_of(error: HTTPException | RequestValidationError) -> Response:
    """What a client is told of an error that a route raised."""
    if isinstance(error, HTTPException):
        return problem(error.status_code, error.detail, headers=error.headers)
    status, detail, errors = rejection(error)
    return problem(status, detail, errors=errors)


def rejection(error: RequestValidationError) -> tuple[int, str, list[ErrorDetail]]:
    """Status, detail and errors for a request that does not fit; a body that can't be read at all goes first."""
    for each in error.errors():
        if each["type"] == "missing" and tuple(each["loc"]) == ("body",):
            return 400, "request body is required", []
        if each["type"] == "json_invalid":
            message = f"invalid JSON: {each['ctx']['error']}"
            return 400, "validation failed", [ErrorDetail(location="body", message=message, value=error.body)]
        if isinstance(each["input"], bytes):
            return 415, "unknown content type, expected application/json", []
    return 422, "validation failed", [_detail(each, error.body) for each in error.errors()]


def database_error(error: sqlite3.Error) -> HTTPException:
    """What a caller is told when the database fails; standard error is told the same."""
    detail = f"the emulator's database failed: {error}"
    sys.stderr.write(f"apikeys-emulator: {detail}\n")
    return HTTPException(500, detail)


def _detail(error: Mapping[str, Any], body: object) -> ErrorDetail:
    place = list(error["loc"])
    value = error["input"]
    if error["type"] == "extra_forbidden":
        value = body
    if error["type"] == "missing":
        name = place.pop()
        message = f"expected required property {name} to be present"
    else:
        message = MESSAGES.get(error["type"], "{msg}").format(msg=error["msg"], **error.get("ctx", {}))
    return ErrorDetail(location=_location(place), message=message, value=value)


def _location(place: Sequence[str | int]) -> str:
    text = str(place[0])
    for part in place[1:]:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text


async def answer_error(_request: Request, error: Exception) -> Response:
    """The exception handler of the whole server."""
    if isinstance(error, HTTPException | RequestValidationError):
        return problem_of(error)
    if isinstance(error, sqlite3.Error):
        return problem_of(database_error(error))
    return problem(500, "unexpected error occurred")
