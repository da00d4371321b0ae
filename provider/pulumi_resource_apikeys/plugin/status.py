"""Errors as gRPC statuses: the code, and the words that the engine prints behind `error:`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
from google.protobuf import any_pb2

from pulumi_resource_apikeys import errors

from .stubs import provider_pb2, status_pb2

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from google.protobuf import struct_pb2
    from google.protobuf.message import Message

DETAILS_KEY = "grpc-status-details-bin"

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


def partial(
    resource_id: str,
    state: struct_pb2.Struct,
    inputs: struct_pb2.Struct,
    reasons: tuple[str, ...],
) -> tuple[str, Metadata]:
    """The message and metadata of a call that failed after it made something: the engine saves what is in there.

    See `ErrorResourceInitFailed` in Pulumi's provider.proto.
    """
    detail = provider_pb2.ErrorResourceInitFailed(id=resource_id, properties=state, inputs=inputs, reasons=reasons)
    message = "; ".join(reasons)
    return message, _details(grpc.StatusCode.UNKNOWN, message, detail)


def problems(
    found: Iterable[errors.Problem], secret_names: Collection[str] = frozenset()
) -> list[provider_pb2.CheckFailure]:
    """Input problems as the engine's check failures.

    The engine shows the value of the property that a failure names, a secret one too: such a failure names it in its
    words instead.
    """
    return [
        provider_pb2.CheckFailure(reason=str(problem))
        if problem.property in secret_names
        else provider_pb2.CheckFailure(property=problem.property, reason=problem.reason)
        for problem in found
    ]
