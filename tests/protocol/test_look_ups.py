"""Functions and lists over gRPC, as an engine or a terminal asks for them."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from fakes.engine import TYPE, UNKNOWN_STRING, Driver, plain, secret, struct
from fakes.keys import PROJECT
from fakes.served import Served
from pulumi_resource_apikeys.keys.ownership import mark_of

STATELESS = f"urn:pulumi:dev::default::{TYPE}::APIKey"


async def invoke(driver: Driver, function: str, **args: Any) -> dict[str, Any]:
    answer = await driver.stub.Invoke(
        provider_pb2.InvokeRequest(tok=f"apikeys:index:{function}", args=struct({"projectId": PROJECT, **args}))
    )
    return plain(getattr(answer, "return"))


async def listed(driver: Driver, token: str = TYPE, **wanted: Any) -> list[tuple[str, str]]:
    """What a list streams: each answer's kind, and the name or the continuation in it."""
    request = provider_pb2.ListRequest(token=token, **wanted)
    answers = [answer async for answer in driver.stub.List(request)]
    return [
        (answer.WhichOneof("response"), answer.result.name or answer.continuation.continuation_token)
        for answer in answers
    ]


async def test_a_function_answers_without_a_secret(plugin: Served, driver: Driver) -> None:
    key = plugin.keys.add("ci")
    assert (await invoke(driver, "getAPIKey", name="ci"))["keyId"] == key.key_id


async def test_what_follows_from_a_secret_argument_is_secret(plugin: Served, driver: Driver) -> None:
    plugin.keys.add("ci")
    found = await invoke(driver, "getAPIKeys", namePrefix=secret("c"))
    assert found.keys() == {"keys", "undecided"}
    assert found["undecided"] == secret([])


async def test_an_error_does_not_show_a_secret_argument(plugin: Served, driver: Driver) -> None:
    plugin.keys.add("others")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await invoke(driver, "getAPIKey", name=secret("confidential-name"))
    assert "confidential-name" not in str(caught.value.details())
    assert "no API key named" in str(caught.value.details())


@pytest.mark.usefixtures("plugin")
async def test_every_argument_that_can_not_be_used_is_told_at_once(driver: Driver) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await invoke(driver, "getAPIKeys", unusedFor="soon", active="yes")
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "unusedFor: " in str(caught.value.details())
    assert "active: " in str(caught.value.details())


@pytest.mark.usefixtures("plugin")
async def test_a_function_or_type_that_there_is_not_is_told_with_those_that_there_are(driver: Driver) -> None:
    with pytest.raises(grpc.aio.AioRpcError, match="there is no function apikeys:index:getKey; there are apikeys"):
        await invoke(driver, "getKey")
    with pytest.raises(grpc.aio.AioRpcError, match="there is no resource type apikeys:index:Key; there are apikeys"):
        await listed(driver, "apikeys:index:Key")


async def test_before_it_is_configured_it_answers_nothing(served: Served) -> None:
    with pytest.raises(grpc.aio.AioRpcError, match="before it was configured"):
        await invoke(served.driver, "getAPIKeys")
    with pytest.raises(grpc.aio.AioRpcError, match="before it was configured"):
        await listed(served.driver)


async def test_a_list_streams_its_keys_and_then_how_to_go_on(plugin: Served, driver: Driver) -> None:
    query = struct({"projectId": PROJECT})
    for number, name in enumerate(("a", "b", "c")):
        plugin.keys.add(name, created_at=f"2026-01-0{number + 1}T00:00:00Z")
    *keys, (kind, token) = await listed(driver, query=query, page_size=2)
    assert (keys, kind) == ([("result", "a"), ("result", "b")], "continuation")
    assert await listed(driver, query=query, page_size=2, continuation_token=token) == [("result", "c")]


@pytest.mark.usefixtures("plugin")
async def test_a_list_by_something_unknown_is_computed(driver: Driver) -> None:
    query = struct({"projectId": PROJECT, "namePrefix": UNKNOWN_STRING})
    assert await listed(driver, query=query) == [("computed", "")]


async def test_a_key_made_without_a_stack_is_not_taken_for_one_of_a_stack(plugin: Served, driver: Driver) -> None:
    await Driver(driver.stub, urn=STATELESS, seed=b"").made(projectId=PROJECT)
    await driver.made(projectId=PROJECT)
    assert [mark_of(key.name) is None for key in plugin.keys.live] == [True, False]
