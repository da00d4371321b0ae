"""The words of the emulator: operations, kinds of fault and switches, as all its interfaces spell them."""

from typing import Literal

Operation = Literal["list", "create", "revoke", "clerk"]
FaultTarget = Literal["list", "create", "revoke", "clerk", "any"]
FaultKind = Literal[
    "status", "unauthorized", "html", "latency", "drop_before", "drop_after", "truncate", "empty"
]  # fmt: skip
Access = Literal["ok", "forbidden", "missing"]
RevokedKeys = Literal["listed", "absent"]
ExpiredKeys = Literal["active", "inactive", "absent"]
RevokeAgain = Literal["success", "not_found", "success_false"]
ListOrder = Literal["created", "reverse", "random"]
KeyState = Literal["active", "revoked", "expired"]

OPERATIONS: tuple[Operation, ...] = ("list", "create", "revoke", "clerk")

DEFAULT_JWT_SECRET = "apikeys-emulator-development-secret"  # noqa: S105 - public on purpose: it guards nothing but a local emulator
DEFAULT_CLERK_SECRET_KEY = "sk_test_emulator"  # noqa: S105 - the same
DEFAULT_TOKEN_TTL_SECONDS = 60.0
