"""The secrets of a request, by the marks that the engine puts on them; see `pulumi_resource_apikeys.redaction`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import struct_pb2

from pulumi_resource_apikeys import redaction

from .properties import OUTPUT, SECRET, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message


def redact(text: str, request: Message) -> str:
    """The text without any string that the request's properties mark as secret."""
    structs = (value for _, value in request.ListFields() if isinstance(value, struct_pb2.Struct))
    values = (value for struct in structs for value in struct.fields.values())
    return redaction.redact(text, (string for value in values for string in _strings(value, inside=False)))


def _strings(value: struct_pb2.Value, *, inside: bool) -> Iterator[str]:
    """The strings of a value that are secret; `inside` tells that a mark around it says so already."""
    kind = value.WhichOneof("kind")
    if kind == "string_value" and inside:
        yield value.string_value
    elif kind == "list_value":
        for item in value.list_value.values:
            yield from _strings(item, inside=inside)
    elif kind == "struct_value":
        fields = value.struct_value.fields
        signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
        marked = signature == SECRET or (signature == OUTPUT and fields["secret"].bool_value)
        for name, item in fields.items():
            if name != SIGNATURE:
                yield from _strings(item, inside=inside or marked)
