"""Errors as `application/problem+json` (RFC 9457), in the words and with the locations of the Go framework Huma."""

import json
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
    status: int, detail: str, *, errors: Sequence[ErrorDetail] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """A problem as an answer."""
    body: dict[str, object] = {
        "$schema": schema_link("ErrorModel"),
        "type": "about:blank",
        "title": title_of(status),
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
    status, detail, errors = rejection(error.errors())
    return problem(status, detail, errors=errors)


def rejection(errors: Sequence[Mapping[str, Any]]) -> tuple[int, str, list[ErrorDetail]]:
    """Status, detail and errors for what pydantic found wrong with a request."""
    first = errors[0]
    if first["type"] == "missing" and tuple(first["loc"]) == ("body",):
        return 400, "request body is required", []
    if first["type"] == "json_invalid":
        return (
            400,
            "validation failed",
            [ErrorDetail(location="body", message=f"invalid JSON: {first['ctx']['error']}")],
        )
    if isinstance(first["input"], bytes):
        return 415, "unknown content type, expected application/json", []
    return 422, "validation failed", [_detail(error) for error in errors]


def _detail(error: Mapping[str, Any]) -> ErrorDetail:
    location = list(error["loc"])
    if error["type"] == "missing":
        name = location.pop()
        return ErrorDetail(
            location=_location(location),
            message=f"expected required property {name} to be present",
            value=error["input"],
        )
    return ErrorDetail(location=_location(location), message=_message(error), value=error["input"])


def _location(parts: Sequence[str | int]) -> str:
    text = str(parts[0])
    for part in parts[1:]:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text


def _message(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            return "unexpected property"
        case "string_type" | "string_unicode":
            return "expected string"
        case "string_too_short":
            return f"expected length >= {context['min_length']}"
        case "string_too_long":
            return f"expected length <= {context['max_length']}"
        case "list_type":
            return "expected array"
        case "model_attributes_type" | "model_type" | "dict_type":
            return "expected object"
        case "bool_type" | "bool_parsing":
            return "expected boolean"
        case "value_error":
            return str(context["error"])
        case _:
            return str(error["msg"])


async def answer_error(_request: Request, error: Exception) -> Response:
    """The exception handler of the whole server."""
    if isinstance(error, HTTPException | RequestValidationError):
        return problem_of(error)
    return problem(500, "unexpected error occurred")
