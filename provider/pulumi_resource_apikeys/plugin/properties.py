"""Property values on Pulumi's wire, there and back: protobuf structs and the lifecycles' plain values.

The wire marks secrets, outputs, computed values, assets and resource references by signatures inside structs; see
"Property value marshaling" in Pulumi's provider documentation and sdk/go/common/resource/plugin/rpc.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from google.protobuf import struct_pb2
from pydantic import SecretStr

from pulumi_resource_apikeys.errors import InputError, InternalError, Problem
from pulumi_resource_apikeys.model.validation import property_path
from pulumi_resource_apikeys.model.values import UNKNOWN, Props, Value
from pulumi_resource_apikeys.text import without_lone_surrogates

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the wire's mark of a secret, no secret itself
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFUSED = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
    "5cf8f73096256a8f31e491e813e4eb8e": "a resource",
}
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
COMPUTED = {
    UNKNOWN_STRING: "a string",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7": "a boolean",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421": "a number",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2": "an array",
    "030794c1-ac77-496b-92df-f27374a8bd58": "an asset",
    "e48ece36-62e2-4504-bad9-02848725956a": "an archive",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff": "an object",
}
"""What the wire writes for a value that a preview can't know, by the type the value will have."""


@dataclass(frozen=True)
class Decoded:
    """Properties as the lifecycles take them, and the names of those that are, or anywhere contain, a secret."""

    props: Props
    secret_names: frozenset[str]


def decode(struct: struct_pb2.Struct, wrapped: frozenset[str] = frozenset()) -> Decoded:
    """Read properties; those named in `wrapped` become `SecretStr`.

    Raises InputError, naming the property, for assets, archives and resource references, which nothing here takes.
    """
    secret_names: set[str] = set()
    props: dict[str, Value] = {}
    for name, value in struct.fields.items():
        reader = _Reader()
        plain = reader.read(value, (name,))
        if reader.saw_secret:
            secret_names.add(name)
        props[name] = SecretStr(plain) if name in wrapped and isinstance(plain, str) else plain
    return Decoded(props, frozenset(secret_names))


class _Reader:
    """Reads one property and remembers whether a secret was in it."""

    def __init__(self) -> None:
        self.saw_secret = False

    def read(self, value: struct_pb2.Value, path: tuple[int | str, ...]) -> Value:
        kind = value.WhichOneof("kind")
        if kind == "string_value":
            return UNKNOWN if value.string_value in COMPUTED else value.string_value
        if kind == "bool_value":
            return value.bool_value
        if kind == "number_value":
            return value.number_value
        if kind == "list_value":
            return [self.read(item, (*path, index)) for index, item in enumerate(value.list_value.values)]
        if kind == "struct_value":
            return self._struct(value.struct_value.fields, path)
        return None

    def _struct(self, fields: Mapping[str, struct_pb2.Value], path: tuple[int | str, ...]) -> Value:
        signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
        if not signature:
            return {name: self.read(item, (*path, name)) for name, item in fields.items()}
        if signature in REFUSED:
            raise InputError([Problem(property_path(path), f"must not be {REFUSED[signature]}")])
        if signature not in {SECRET, OUTPUT}:
            raise InternalError(f"{property_path(path)} came with an unknown signature {signature}")
        if signature == SECRET or ("secret" in fields and fields["secret"].bool_value):
            self.saw_secret = True
        return self.read(fields["value"], path) if "value" in fields else UNKNOWN


def encode(props: Props, secret_names: frozenset[str] = frozenset()) -> struct_pb2.Struct:
    """Write properties; a `SecretStr`, and every property named in `secret_names`, is marked secret.

    Text that UTF-8 can't hold is sent with a mark in its place: no server's answer may keep a key out of the state.
    """
    fields = {
        name: _secret(_write(value)) if name in secret_names and not isinstance(value, SecretStr) else _write(value)
        for name, value in props.items()
    }
    return struct_pb2.Struct(fields=fields)


def _write(value: Value) -> struct_pb2.Value:  # noqa: PLR0911 - one line a kind of value
    if isinstance(value, str):
        return struct_pb2.Value(string_value=without_lone_surrogates(value))
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=UNKNOWN_STRING)
    if isinstance(value, SecretStr):
        return _secret(struct_pb2.Value(string_value=without_lone_surrogates(value.get_secret_value())))
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, (int, float)):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, Mapping):
        inner = struct_pb2.Struct(fields={without_lone_surrogates(name): _write(item) for name, item in value.items()})
        return struct_pb2.Value(struct_value=inner)
    if isinstance(value, Sequence):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_write(item) for item in value]))
    raise InternalError(f"a property of type {type(value).__name__} can't be sent")


def _secret(value: struct_pb2.Value) -> struct_pb2.Value:
    fields = {SIGNATURE: struct_pb2.Value(string_value=SECRET), "value": value}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
