"""The shapes of the API: what it takes and what it answers, with the descriptions that its OpenAPI document carries."""

import uuid
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from apikeys_emulator.clock import stamp_of_text
from apikeys_emulator.problems import schema_link
from apikeys_emulator.store import Key

UUID_LENGTH = 36


def _canonical_uuid(text: str) -> str:
    try:
        canonical = str(uuid.UUID(text))
    except ValueError:
        canonical = ""
    if len(text) != UUID_LENGTH or canonical != text.lower():
        raise ValueError("expected string to be RFC 4122 uuid: invalid UUID format")
    return canonical


UUIDText = Annotated[str, AfterValidator(_canonical_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
Stamp = Annotated[str, AfterValidator(stamp_of_text), WithJsonSchema({"type": "string", "format": "date-time"})]

SchemaLink = Annotated[
    str | None,
    Field(
        alias="$schema", description="A URL to the JSON Schema for this object", json_schema_extra={"readOnly": True}
    ),
]


class CreateAPIKeyInputBody(BaseModel):
    """A key to be minted."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100, description="Name for people; names are not unique")
    scopes: list[str] | None = Field(default=None, description="What the key may do")
    expires_at: Stamp | None = Field(default=None, description="When the key ends; must be in the future")


class _KeyFields(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key_id: UUIDText
    key_prefix: str = Field(description="The start of the secret")
    project_id: UUIDText
    tenant_id: str
    name: str
    scopes: list[str] | None
    created_at: Stamp
    created_by: str = Field(description="The user whose token minted the key")
    is_active: bool = Field(description="False once the key is revoked")


class APIKey(_KeyFields):
    """A key as the list shows it."""

    expires_at: Stamp | None = None
    is_admin_managed: bool | None = Field(default=None, description="Such a key can't be revoked through this API")
    last_used_at: Stamp | None = None


class CreateAPIKeyOutputBody(_KeyFields):
    """A new key with its secret."""

    schema_: SchemaLink = None
    key: str = Field(description="The secret, shown this once")
    expires_at: Stamp | None = None


class RevokeAPIKeyOutputBody(BaseModel):
    """What became of a revoke."""

    model_config = ConfigDict(extra="forbid")

    schema_: SchemaLink = None
    success: bool


def listed(key: Key) -> dict[str, object]:
    """A key for the list call."""
    return {**vars(key), "scopes": key.scopes or None}


def created(key: Key, secret: str) -> dict[str, object]:
    """A key for the answer of the create call, which leaves out what can't be known or is not set."""
    body = listed(key) | {"$schema": schema_link("CreateAPIKeyOutputBody"), "key": secret}
    del body["is_admin_managed"], body["last_used_at"]
    if key.expires_at is None:
        del body["expires_at"]
    return body


def revoked(*, success: bool) -> dict[str, object]:
    """The answer of the revoke call."""
    return {"$schema": schema_link("RevokeAPIKeyOutputBody"), "success": success}
