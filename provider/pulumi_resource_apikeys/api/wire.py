"""The shapes of the API's answers, read into `RemoteKey` and `MintedKey`; see the API's reference.

Unknown fields are ignored, null and absent are alike. A complaint names the place, never the value: it may be a secret.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from pulumi_resource_apikeys.model.remote import MintedKey, RemoteKey
from pulumi_resource_apikeys.model.times import parse_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

Answer = TypeVar("Answer", bound=BaseModel)

GO_ZERO_TIME = "0001-01-01T00:00:00"


class UnreadableError(ValueError):
    """A success whose body is not what the API promises; the text says in what way."""


def _time(text: str | None) -> str | None:
    if not text or text.startswith(GO_ZERO_TIME):
        return None
    try:
        parse_instant(text)
    except ValueError:
        raise ValueError("not a time in RFC 3339 form") from None
    return text


def _secret(value: object) -> object:
    return SecretStr(value) if isinstance(value, str) else value


Time = Annotated[str | None, AfterValidator(_time)]
Text = Annotated[str, Field(min_length=1)]
Secret = Annotated[SecretStr, Field(min_length=1), BeforeValidator(_secret)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


class ListedKey(_Wire):
    """A key of a list answer."""

    key_id: Text
    name: str
    project_id: str | None = None
    is_active: bool | None = None
    scopes: list[str] | None = None
    key_prefix: str | None = None
    created_at: Time = None
    created_by: str | None = None
    expires_at: Time = None
    last_used_at: Time = None
    tenant_id: str | None = None
    is_admin_managed: bool | None = None

    def remote(self, project_id: str) -> RemoteKey:
        """The key, of the project that was asked where the answer names none."""
        return RemoteKey(
            key_id=self.key_id,
            project_id=self.project_id or project_id,
            name=self.name,
            is_active=self.is_active is not False,
            scopes=tuple(self.scopes or ()),
            key_prefix=self.key_prefix,
            created_at=self.created_at,
            created_by=self.created_by,
            expires_at=self.expires_at,
            last_used_at=self.last_used_at,
            tenant_id=self.tenant_id,
            is_admin_managed=self.is_admin_managed,
        )


class CreatedKey(ListedKey):
    """The answer of a create: the key with its secret."""

    key: Secret


class Revocation(_Wire):
    """The answer of a revoke."""

    success: bool


def read_listing(body: bytes, project_id: str) -> tuple[RemoteKey, ...]:
    """The keys of a list answer; `null` is an empty list. Raises `UnreadableError`."""
    value = _json(body)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise UnreadableError(f"expected a list of keys, got {_kind(value)}")
    return tuple(_read(ListedKey, element, f"[{index}]").remote(project_id) for index, element in enumerate(value))


def read_minted(body: bytes, project_id: str) -> MintedKey:
    """The key of a create answer. Raises `UnreadableError`."""
    created = _read(CreatedKey, _json(body))
    return MintedKey(created.remote(project_id), created.key)


def read_success(body: bytes) -> bool:
    """What a revoke answer says. Raises `UnreadableError`."""
    return _read(Revocation, _json(body)).success


def create_body(name: str, scopes: Sequence[str] | None, expires_at: str | None) -> dict[str, Any]:
    """The body of a create, with only what was set: the server refuses what it doesn't know."""
    body: dict[str, Any] = {"name": name}
    if scopes is not None:
        body["scopes"] = list(scopes)
    if expires_at is not None:
        body["expires_at"] = expires_at
    return body


def _json(body: bytes) -> Any:  # noqa: ANN401 - whatever the server sent
    if not body.strip():
        raise UnreadableError("the body is empty")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        unreadable = UnreadableError("the body is not JSON, or is cut off")
    # Outside the handler: the decoder's error holds the whole body, and must not travel along as context.
    raise unreadable


def _read(model: type[Answer], value: object, place: str = "") -> Answer:
    if not isinstance(value, dict):
        raise UnreadableError(f"{place or 'the answer'}: expected an object, got {_kind(value)}")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
        unreadable = UnreadableError(f"{(place + steps).lstrip('.')}: {first['msg'].removeprefix('Value error, ')}")
    # Outside the handler, for the same reason.
    raise unreadable


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
