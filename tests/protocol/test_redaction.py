"""Words about a resource hold none of the secrets that the program gave it, whatever the server says."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from fakes.engine import URN, Driver
from fakes.keys import PROJECT
from fakes.served import Served
from pulumi_resource_apikeys.errors import RejectedError, Subject
from pulumi_resource_apikeys.plugin.properties import OUTPUT, SECRET, SIGNATURE
from pulumi_resource_apikeys.plugin.redaction import redact

CONFIDENTIAL = "confidential-name"


def text(value: str) -> struct_pb2.Value:
    return struct_pb2.Value(string_value=value)


def signed(**fields: struct_pb2.Value) -> struct_pb2.Value:
    named = {SIGNATURE if name == "signature" else name: value for name, value in fields.items()}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=named))


def secret(value: struct_pb2.Value) -> struct_pb2.Value:
    return signed(signature=text(SECRET), value=value)


def listed(*values: struct_pb2.Value) -> struct_pb2.Value:
    return struct_pb2.Value(list_value=struct_pb2.ListValue(values=values))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (text("open-value"), "about open-value"),
        (secret(text("open-value")), "about [secret]"),
        (secret(listed(text("open-value"))), "about [secret]"),
        (listed(secret(text("open-value"))), "about [secret]"),
        (signed(inner=secret(signed(deep=text("open-value")))), "about [secret]"),
        (
            signed(signature=text(OUTPUT), value=text("open-value"), secret=struct_pb2.Value(bool_value=True)),
            "about [secret]",
        ),
        (signed(signature=text(OUTPUT), value=text("open-value")), "about open-value"),
        (secret(listed(text("open"), text("open-value"))), "about [secret]"),
        (secret(text("a")), "about open-value"),
    ],
)
def test_what_is_marked_secret_is_taken_out(value: struct_pb2.Value, shown: str) -> None:
    request = provider_pb2.CreateRequest(urn=URN, properties=struct_pb2.Struct(fields={"name": value}))
    assert redact("about open-value", request) == shown


async def test_a_remote_error_does_not_show_a_secret_name(plugin: Served, driver: Driver) -> None:
    plugin.keys.mint_fails(RejectedError(Subject("create", PROJECT, CONFIDENTIAL), f"no {CONFIDENTIAL}", status=409))
    properties = struct_pb2.Struct(fields={"name": secret(text(CONFIDENTIAL)), "projectId": text(PROJECT)})
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await driver.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=properties))
    assert 'could not create API key "[secret]"' in str(caught.value.details())
    assert CONFIDENTIAL not in str(caught.value)
