"""Errors as gRPC statuses: the code, and the words that the engine prints behind `error:`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
from google.protobuf import any_pb2, struct_pb2

from pulumi_resource_apikeys import errors

from .stubs import provider_pb2, status_pb2

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from google.protobuf.message import Message

DETAILS_KEY = "grpc-status-details-bin"
LARGEST_DETAILS = 8 * 1024 * 1024
"""Bytes. They travel as base64 in metadata, of which the engine takes 16 MiB; at more it drops the whole connection."""
TOO_LARGE = "The resource's state is too large to be saved along with an error, so what was done counts as done"
LARGEST_MESSAGE = 64 * 1024
"""Characters of a message, which travels in metadata too, percent-encoded."""

_CODES: tuple[tuple[type[errors.ApiKeysError], grpc.StatusCode], ...] = (
    (errors.InputError, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.OfflineError, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.ElsewhereError, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.CredentialError, grpc.StatusCode.UNAUTHENTICATED),
    (errors.UnauthorizedError, grpc.StatusCode.UNAUTHENTICATED),
    (errors.ForbiddenError, grpc.StatusCode.PERMISSION_DENIED),
    (errors.NotFoundError, grpc.StatusCode.NOT_FOUND),
    (errors.RejectedError, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.RateLimitedError, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.UnreachableError, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.InternalError, grpc.StatusCode.INTERNAL),
)


def code_of(error: errors.ApiKeysError) -> grpc.StatusCode:
    """The gRPC code of a foreseen error.

    Never UNAVAILABLE: the engine takes that for a plugin that died, and hides the words.
    """
    return next((code for family, code in _CODES if isinstance(error, family)), grpc.StatusCode.UNKNOWN)


Metadata = tuple[tuple[str, bytes], ...]


def _details(code: grpc.StatusCode, message: str, detail: Message) -> Metadata:
    packed = any_pb2.Any()
    packed.Pack(detail)
    status = status_pb2.Status(code=code.value[0], message=message, details=[packed])
    return ((DETAILS_KEY, status.SerializeToString()),)


def message_of(error: str) -> str:
    """An error's text as far as it can travel."""
    return error if len(error) <= LARGEST_MESSAGE else f"{error[:LARGEST_MESSAGE]} …"


def joined(reasons: Iterable[str]) -> str:
    """Why a call failed, as one message."""
    return message_of("; ".join(reasons))


def partial(detail: provider_pb2.ErrorResourceInitFailed, *, read: bool) -> tuple[str, Metadata] | None:
    """The message and metadata of a call that failed after it made something: the engine saves what is in there.

    None if that is more than can travel so. The engine heeds the inputs in answers to a `read` alone, so they are
    left out of others that are too large. See `ErrorResourceInitFailed` in Pulumi's provider.proto.
    """
    message = joined(detail.reasons)
    lean = provider_pb2.ErrorResourceInitFailed()
    lean.CopyFrom(detail)
    lean.ClearField("inputs")
    for each in (detail,) if read else (detail, lean):
        metadata = _details(grpc.StatusCode.UNKNOWN, message, each)
        if len(metadata[0][1]) <= LARGEST_DETAILS:
            return message, metadata
    return None


def same_key(state: struct_pb2.Struct, request: Message) -> bool:
    """Whether an update left the resource with the key that the engine's state has, so that nothing is lost with it."""
    olds = request.olds if isinstance(request, provider_pb2.UpdateRequest) else struct_pb2.Struct()
    return "keyId" in olds and olds["keyId"] == state["keyId"]


def problems(
    refused: Iterable[errors.Problem], secret_names: Collection[str] = frozenset()
) -> list[provider_pb2.CheckFailure]:
    """Input problems as the engine's check failures.

    The engine shows the value of the property that a failure names, a secret one too: such a failure names it in its
    words instead.
    """
    return [
        provider_pb2.CheckFailure(reason=str(problem))
        if problem.property in secret_names
        else provider_pb2.CheckFailure(property=problem.property, reason=problem.reason)
        for problem in refused
    ]
