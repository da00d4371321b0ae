"""The shapes of the API: what it takes and what it answers, with the descriptions that its OpenAPI document carries."""

import re
import uuid
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from apikeys_emulator.clock import stamp_of_text
from apikeys_emulator.problems import schema_link
from apikeys_emulator.store import Key

HYPHENATED = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
UUID_IN_ANY_FORM = re.compile(
    rf"(?:urn:uuid:)?{HYPHENATED}|\{{{HYPHENATED}\}}|[0-9a-f]{{32}}", re.ASCII | re.IGNORECASE
)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
KEY_ID_IN_WORDS = re.compile(r"key-in-words-[0-9a-f]{16}")


def canonical_uuid(text: str) -> str:
    """A UUID in any of its forms (plain, urn, braces, 32 digits) as lower case with hyphens.

    Raises:
        ValueError: the text is no UUID.
    """
    if UUID_IN_ANY_FORM.fullmatch(text) is None:
        raise ValueError("expected string to be RFC 4122 uuid: invalid UUID format")
    return str(uuid.UUID(text.lower()))


def _canonical_key_id(text: str) -> str:
    return text if KEY_ID_IN_WORDS.fullmatch(text) else canonical_uuid(text)


def _whole_text(text: str) -> str:
    if LONE_SURROGATE.search(text):
        raise PydanticCustomError("string_unicode", "expected string")
    return text


UUID_SCHEMA = WithJsonSchema({"type": "string", "format": "uuid"})
UUIDText = Annotated[str, AfterValidator(canonical_uuid), UUID_SCHEMA]
KeyIdText = Annotated[str, AfterValidator(_canonical_key_id), UUID_SCHEMA]
Text = Annotated[str, AfterValidator(_whole_text)]
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
    scopes: list[Text] | None = Field(default=None, description="What the key may do")
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
    body = {**vars(key), "scopes": key.scopes or None}
    del body["revoked_at"]
    return body


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
