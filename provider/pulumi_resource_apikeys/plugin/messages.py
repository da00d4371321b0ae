"""Between the engine's messages and the lifecycles' requests and results, where that is more than property values."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from pulumi_resource_apikeys.keys.ownership import owner_of
from pulumi_resource_apikeys.model.renaming import both_names, handed_out, present_names, taken_in
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, Difference, Kind, Naming

from .properties import Decoded, decode, encode
from .stubs import provider_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf import struct_pb2
    from pydantic import BaseModel

    from pulumi_resource_apikeys.functions.listing import Page
    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.model.values import Props

AboutResource: TypeAlias = (
    "provider_pb2.DiffRequest | provider_pb2.CreateRequest | provider_pb2.ReadRequest"
    " | provider_pb2.UpdateRequest | provider_pb2.DeleteRequest"
)

_KINDS: Mapping[tuple[Kind, bool], provider_pb2.PropertyDiff.Kind.ValueType] = {
    (Kind.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Kind.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Kind.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Kind.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Kind.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Kind.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_NAMING = {
    provider_pb2.CheckRequest.AutonamingOptions.PROPOSE: Naming.PROPOSE,
    provider_pb2.CheckRequest.AutonamingOptions.ENFORCE: Naming.ENFORCE,
    provider_pb2.CheckRequest.AutonamingOptions.DISABLE: Naming.DISABLE,
}


def name_of(urn: str) -> str:
    """A resource's logical name, the last part of its URN; it may itself hold `::`."""
    return urn.split("::", 3)[3]


def type_of(urn: str) -> str:
    """A resource's type token, without the types of its parents."""
    return urn.split("::", 3)[2].rpartition("$")[2]


def owner(urn: str, backend: str) -> Owner | None:
    """The resource that a call is about; None if it is of no stack, as with `pulumi do --stateless`.

    That gives all its resources of a type the same URN, so nothing can be concluded from one about another: see
    `resourceURN` in `do_shared.go` of pkg/v3.
    """
    if urn.startswith("urn:pulumi:dev::default::") and name_of(urn) == type_of(urn).rpartition(":")[2]:
        return None
    return owner_of(urn, backend)


def read_inputs(urn: str, struct: struct_pb2.Struct, wrapped: frozenset[str] = frozenset()) -> Decoded:
    """A resource's inputs by their present names; see `properties.decode`."""
    return _read(RESOURCES[type_of(urn)].args, struct, wrapped)


def read_state(urn: str, struct: struct_pb2.Struct, wrapped: frozenset[str]) -> Decoded:
    """A resource's outputs by their present names; see `properties.decode`."""
    return _read(RESOURCES[type_of(urn)].outputs, struct, wrapped)


def _read(model: type[BaseModel], struct: struct_pb2.Struct, wrapped: frozenset[str]) -> Decoded:
    found = decode(struct, both_names(model, wrapped))
    return Decoded(taken_in(model, found.props), present_names(model, found.secret_names))


def write_state(urn: str, state: Props, secret_names: frozenset[str]) -> struct_pb2.Struct:
    """A resource's outputs for the engine, by the names of older SDKs too; see `properties.encode`."""
    model = RESOURCES[type_of(urn)].outputs
    return encode(handed_out(model, state), both_names(model, secret_names))


def kept_secret(news: Decoded, olds: Decoded) -> frozenset[str]:
    """What is secret in the news, and in the olds as far as the news say nothing of it, since that may be kept."""
    return news.secret_names | {name for name in olds.secret_names if news.props.get(name) is None}


def secret_outputs(urn: str, secret_inputs: frozenset[str]) -> frozenset[str]:
    """The names of a resource's outputs that are secret if those inputs are."""
    return RESOURCES[type_of(urn)].outputs.secret_outputs(secret_inputs)


def check_request(request: provider_pb2.CheckRequest, news: Decoded, olds: Decoded, backend: str) -> CheckRequest:
    """What a program wrote, with the engine's wishes for an automatic name."""
    wished = request.autonaming if request.HasField("autonaming") else None
    return CheckRequest(
        name=request.name or name_of(request.urn),
        news=news.props,
        olds=olds.props,
        naming=_NAMING.get(wished.mode, Naming.PROPOSE) if wished else Naming.DEFAULT,
        proposed_name=wished.proposed_name if wished else "",
        seed=request.randomSeed,
        secret_names=kept_secret(news, olds),
        owner=owner(request.urn, backend),
    )


def diff_response(difference: Difference) -> provider_pb2.DiffResponse:
    """A difference as the engine's detailed diff."""
    some = bool(difference.changes)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=difference.properties,
        replaces=difference.replaces,
        hasDetailedDiff=some,
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.replace], inputDiff=change.of_input)
            for path, change in difference.changes.items()
        },
    )


def list_responses(page: Page | None) -> Iterator[provider_pb2.ListResponse]:
    """A page of a list as the engine's answers; None stands for a query that is not known yet."""
    response = provider_pb2.ListResponse
    if page is None:
        yield response(computed=response.Computed())
        return
    for key in page.keys:
        yield response(result=response.Result(id=key.id, name=key.name))
    if page.continuation:
        yield response(continuation=response.Continuation(continuation_token=page.continuation))
