"""The last line of defence for the user's own secrets: words that answer a request hold none that came with it.

A name, scope or trigger may come from a secret; an error that names the key must not show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import struct_pb2

from .properties import OUTPUT, SECRET, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

SHOWN = "[secret]"
SHORTEST = 4
"""Characters; a shorter secret would take ordinary words apart, and is none."""


def redact(text: str, request: Message) -> str:
    """The text without any string that the request's properties mark as secret; the longest are taken out first."""
    for secret in sorted(_secrets(request), key=len, reverse=True):
        text = text.replace(secret, SHOWN)
    return text


def _secrets(request: Message) -> set[str]:
    structs = (value for _, value in request.ListFields() if isinstance(value, struct_pb2.Struct))
    strings = (
        string for struct in structs for item in struct.fields.values() for string in _strings(item, inside=False)
    )
    return {string for string in strings if len(string) >= SHORTEST}


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
