"""The words of the emulator: operations, kinds of fault and switches, as all its interfaces spell them."""

from typing import Literal, TypedDict

Operation = Literal["list", "create", "revoke", "clerk"]
FaultTarget = Literal["list", "create", "revoke", "clerk", "any"]
FaultKind = Literal[
    "status", "unauthorized", "html", "latency", "drop_before", "drop_after", "truncate", "empty", "no_keys",
    "decorated",
]  # fmt: skip
Echo = Literal["title", "detail", "media_type", "reason", "location"]
Access = Literal["ok", "forbidden", "missing"]
RevokedKeys = Literal["listed", "absent"]
ExpiredKeys = Literal["active", "inactive", "absent"]
RevokeAgain = Literal["success", "not_found", "success_false"]
ListOrder = Literal["created", "reverse", "random"]
EmptyList = Literal["null", "array"]
IdCase = Literal["lower", "upper", "urn", "braces", "hex"]
KeyIds = Literal["uuid", "words"]
Names = Literal["as_sent", "upper", "cut", "prefixed"]
LastUsed = Literal["told", "null", "absent"]
RevokeEffect = Literal["revokes", "none"]
OddText = Literal["none", "surrogate"]
DateField = Literal["created_at", "expires_at", "last_used_at"]
TextField = Literal["name", "created_by", "tenant_id", "key_prefix", "scopes"]
KeyState = Literal["active", "revoked", "expired"]

OPERATIONS: tuple[Operation, ...] = ("list", "create", "revoke", "clerk")

DEFAULT_JWT_SECRET = "apikeys-emulator-development-secret"  # noqa: S105 - public on purpose: it guards nothing but a local emulator
DEFAULT_CLERK_SECRET_KEY = "sk_test_emulator"  # noqa: S105 - the same
DEFAULT_TOKEN_TTL_SECONDS = 60.0
CENTURY_SECONDS = 100 * 365.25 * 86_400


class FaultOptions(TypedDict, total=False):
    """What a fault may say beside its operation, kind and times; None is as if left out. See `faults.Fault`."""

    after: int
    status: int | None
    retry_after: str | None
    latency_ms: float | None
    work: bool | None
    project_id: str | None
    detail: str | None
    null: bool | None
    location: str | None
    charset: str | None
    set_cookie: str | None
    size_bytes: int | None
    gzip: bool
    echo: list[Echo]


class Switches(TypedDict, total=False):
    """The switches of a server. See `behaviour.Behaviour`."""

    revoked_keys: RevokedKeys
    expired_keys: ExpiredKeys
    create_status: int
    revoke_status: int
    revoke_again: RevokeAgain
    revoke_effect: RevokeEffect
    list_order: ListOrder
    create_lag_seconds: float
    revoke_lag_seconds: float
    empty_list: EmptyList
    double_listing: bool
    last_used: LastUsed
    id_case: IdCase
    key_ids: KeyIds
    names: Names
    odd_dates: str | None
    odd_date_fields: list[DateField]
    odd_text: OddText
    odd_text_fields: list[TextField]
    create_leaves_out: list[str]
    create_overrides: dict[str, object]
    opaque_tokens: bool
