"""Property values between the dynamic host, which has its own form for unknown and secret ones, and the lifecycles.

Some versions of the host drop properties whose names begin with `__`, which the lifecycles use for their own. Here
these begin with a single `_`, which no input of a user does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pulumi import Archive, Asset
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pydantic import SecretStr

from pulumi_resource_apikeys.errors import InputError, Problem
from pulumi_resource_apikeys.model.validation import property_path
from pulumi_resource_apikeys.model.values import UNKNOWN, Props, Value
from pulumi_resource_apikeys.text import without_lone_surrogates

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

PROVIDER = "__provider"


def decode(props: Mapping[str, Any], wrapped: AbstractSet[str] = frozenset()) -> dict[str, Value]:
    """Read properties from the host; those named in `wrapped` become `SecretStr`.

    Raises InputError, naming the property, for assets and archives, which nothing here takes.
    """
    read: dict[str, Value] = {}
    for wire, value in props.items():
        if wire == PROVIDER:
            continue
        name = f"_{wire}" if wire.startswith("_") else wire
        plain = _read(value, (wire,))
        read[name] = SecretStr(plain) if name in wrapped and isinstance(plain, str) else plain
    return read


def _read(value: object, path: tuple[int | str, ...]) -> Value:
    inner = rpc.unwrap_rpc_secret(value)
    if isinstance(inner, Unknown):
        return UNKNOWN
    if isinstance(inner, (Asset, Archive)):
        kind = "an asset" if isinstance(inner, Asset) else "an archive"
        raise InputError([Problem(property_path(path), f"must not be {kind}")])
    if isinstance(inner, Mapping):
        return {str(name): _read(item, (*path, str(name))) for name, item in inner.items()}
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return [_read(item, (*path, index)) for index, item in enumerate(inner)]
    return inner if isinstance(inner, (bool, int, float, str)) else None


def encode(props: Props) -> dict[str, Any]:
    """Write properties for the host: a `SecretStr` as a secret, `UNKNOWN` as unknown.

    Text that UTF-8 can't hold is sent with a mark in its place: no server's answer may keep a key out of the state.
    """
    return {
        name[1:] if name.startswith("__") else name: _write(value) for name, value in props.items() if value is not None
    }


def secret(value: object) -> object:
    """A value as the engine takes a secret."""
    return rpc.wrap_rpc_secret(value)


def _write(value: Value) -> object:
    if value is UNKNOWN:
        return Unknown()  # type: ignore[no-untyped-call] # pulumi's own
    if isinstance(value, SecretStr):
        return secret(without_lone_surrogates(value.get_secret_value()))
    if isinstance(value, str):
        return without_lone_surrogates(value)
    if isinstance(value, Mapping):
        return {without_lone_surrogates(name): _write(item) for name, item in value.items()}
    if isinstance(value, Sequence):
        return [_write(item) for item in value]
    return value
