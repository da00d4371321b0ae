"""Meeting the engine: handshake, schema, and the provider's configuration, of which nothing leaks into the state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import grpc
import grpc.aio
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from fakes.engine import PROVIDER_URN, UNKNOWN_STRING, secret, struct
from fakes.keys import OTHER_PROJECT, PROJECT, lost_answer
from pulumi_resource_apikeys import __version__

if TYPE_CHECKING:
    from fakes.engine import Driver, Wire
    from fakes.served import Served

ENDPOINT = "https://api.example.com"
THIRD_PROJECT = "33333333-3333-4333-8333-333333333333"


async def test_a_handshake_agrees_on_secrets_and_names_and_opens_the_log(served: Served) -> None:
    answer = await served.driver.stub.Handshake(
        provider_pb2.ProviderHandshakeRequest(engine_address=served.engine_address, configure_with_urn=True)
    )
    assert answer.accept_secrets
    assert answer.supports_autonaming_configuration
    assert not answer.accept_resources
    assert not answer.accept_outputs
    await served.driver.configure({"endpoint": ENDPOINT, "projectId": PROJECT})
    served.keys.mint_fails(lost_answer(), made=True)
    await served.driver.made()
    assert len(served.engine.warnings) == 1


async def test_an_attached_engine_gets_the_log(served: Served) -> None:
    await served.driver.stub.Attach(plugin_pb2.PluginAttach(address=served.engine_address))
    await served.driver.configure({"endpoint": ENDPOINT, "projectId": PROJECT})
    served.keys.mint_fails(lost_answer(), made=True)
    await served.driver.made()
    assert len(served.engine.warnings) == 1


@pytest.mark.parametrize("address", ["", "127.0.0.1:1"])
async def test_an_engine_that_hears_nothing_stops_no_work(served: Served, address: str) -> None:
    await served.driver.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=address))
    await served.driver.configure({"endpoint": ENDPOINT, "projectId": PROJECT})
    served.keys.mint_fails(lost_answer(), made=True)
    assert (await served.driver.made()).id


async def test_the_answer_to_configure_is_that_to_the_handshake(served: Served) -> None:
    answer = await served.driver.configure({"endpoint": ENDPOINT})
    assert answer.acceptSecrets
    assert answer.supportsPreview
    assert answer.supports_autonaming_configuration
    assert not answer.acceptResources
    assert not answer.acceptOutputs


async def test_the_version_is_told(served: Served) -> None:
    info = await served.driver.stub.GetPluginInfo(empty_pb2.Empty())
    assert info.version == __version__


async def test_the_schema_is_told_before_any_configuration(served: Served) -> None:
    answer = await served.driver.stub.GetSchema(provider_pb2.GetSchemaRequest())
    schema = json.loads(answer.schema)
    assert schema["name"] == "apikeys"
    assert schema["version"] == __version__
    assert "apikeys:index:APIKey" in schema["resources"]


UNWRITTEN = {
    "Parameterize": provider_pb2.ParameterizeRequest(),
    "Call": provider_pb2.CallRequest(tok="apikeys:index:f"),
    "Construct": provider_pb2.ConstructRequest(type="apikeys:index:C"),
    "GetMapping": provider_pb2.GetMappingRequest(),
    "GetMappings": provider_pb2.GetMappingsRequest(),
}


@pytest.mark.parametrize("method", UNWRITTEN)
async def test_a_call_that_is_not_written_is_unimplemented(served: Served, method: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await getattr(served.driver.stub, method)(UNWRITTEN[method])
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert caught.value.details() == f"the apikeys provider does not answer {method}"


async def test_a_stream_that_is_not_written_is_unimplemented(served: Served) -> None:
    call = served.channel.unary_stream("/pulumirpc.ResourceProvider/StreamInvoke", None, None)(b"")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


class TestCheckConfig:
    """Inputs come back as they were, secrets marked, nothing of the environment among them."""

    @pytest.mark.parametrize(
        ("news", "inputs"),
        [
            ({"endpoint": ENDPOINT}, {"endpoint": ENDPOINT}),
            ({"endpoint": ENDPOINT, "token": "t"}, {"endpoint": ENDPOINT, "token": secret("t")}),
            ({"endpoint": ENDPOINT, "token": secret("t")}, {"endpoint": ENDPOINT, "token": secret("t")}),
            (
                {"endpoint": ENDPOINT, "clerkSecretKey": "k", "clerkSessionId": "s"},
                {"endpoint": ENDPOINT, "clerkSecretKey": secret("k"), "clerkSessionId": "s"},
            ),
            ({"endpoint": secret(ENDPOINT)}, {"endpoint": secret(ENDPOINT)}),
            ({"endpoint": ENDPOINT, "maxRetries": "3"}, {"endpoint": ENDPOINT, "maxRetries": "3"}),
            (
                {"endpoint": ENDPOINT, "version": "0.1.0", "__internal": {"a": "b"}},
                {"endpoint": ENDPOINT, "version": "0.1.0", "__internal": {"a": "b"}},
            ),
            ({"endpoint": UNKNOWN_STRING}, {"endpoint": UNKNOWN_STRING}),
            ({"endpoint": ENDPOINT, "token": UNKNOWN_STRING}, {"endpoint": ENDPOINT, "token": secret(UNKNOWN_STRING)}),
            ({"offline": True}, {"offline": True}),
        ],
    )
    async def test_good_inputs_come_back(self, served: Served, news: Wire, inputs: Wire) -> None:
        checked = await served.driver.check_config(news)
        assert checked.failures == []
        assert checked.inputs == inputs

    async def test_the_environment_counts_and_stays_out(self, served: Served) -> None:
        served.environment.update(
            APIKEYS_ENDPOINT=ENDPOINT,
            APIKEYS_TOKEN="from-environment",
            APIKEYS_PROJECT_ID=PROJECT,
            APIKEYS_OFFLINE="false",
        )
        checked = await served.driver.check_config({})
        assert checked.failures == []
        assert checked.inputs == {}

    async def test_a_missing_endpoint_is_told_with_both_ways_to_set_it(self, served: Served) -> None:
        ((name, reason),) = (await served.driver.check_config({})).failures
        assert name == "endpoint"
        assert "pulumi config set apikeys:endpoint" in reason
        assert "APIKEYS_ENDPOINT" in reason

    async def test_offline_needs_no_endpoint(self, served: Served) -> None:
        served.environment["APIKEYS_OFFLINE"] = "1"
        assert (await served.driver.check_config({})).failures == []

    @pytest.mark.parametrize(
        ("news", "name"),
        [
            ({"endpoint": "http://api.example.com"}, "endpoint"),
            ({"endpoint": ENDPOINT, "projectId": "prod"}, "projectId"),
            ({"endpoint": ENDPOINT, "tokn": "t"}, "tokn"),
            ({"endpoint": ENDPOINT, "token": "t", "tokenFile": "f"}, ""),
            ({"endpoint": ENDPOINT, "tokenCommand": [1]}, "tokenCommand[0]"),
        ],
    )
    async def test_a_problem_is_told_by_its_option(self, served: Served, news: Wire, name: str) -> None:
        assert [failure[0] for failure in (await served.driver.check_config(news)).failures] == [name]

    async def test_a_problem_with_a_secret_option_does_not_quote_it(self, served: Served) -> None:
        ((name, reason),) = (
            await served.driver.check_config({"endpoint": ENDPOINT, "projectId": secret("very-secret")})
        ).failures
        assert name == ""  # the engine would show the value of a property that is named
        assert reason.startswith("projectId: ")
        assert "very-secret" not in reason

    @pytest.mark.parametrize("value", ["sk_live very-secret", secret("sk_live very-secret\n")])
    async def test_a_problem_with_our_own_secret_option_says_what_is_wrong(self, served: Served, value: object) -> None:
        news = {"endpoint": ENDPOINT, "clerkSecretKey": value, "clerkSessionId": "sess_1"}
        ((name, reason),) = (await served.driver.check_config(news)).failures
        assert name == ""  # the same
        assert reason.startswith("clerkSecretKey: must be a secret key as Clerk shows it, such as sk_live_…")
        assert "very-secret" not in reason

    async def test_an_asset_is_told_by_its_option(self, served: Served) -> None:
        asset = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "hash": "0"}
        assert (await served.driver.check_config({"endpoint": ENDPOINT, "tokenFile": asset})).failures == [
            ("tokenFile", "must not be an asset")
        ]


class TestDiffConfig:
    """A change of configuration updates the provider and never replaces it."""

    @pytest.mark.parametrize(
        ("olds", "news", "differing"),
        [
            ({"endpoint": ENDPOINT}, {"endpoint": ENDPOINT}, []),
            ({"endpoint": ENDPOINT}, {"endpoint": "https://b.example.com"}, ["endpoint"]),
            ({"token": secret("a")}, {"token": secret("b")}, ["token"]),
            ({"token": secret("a")}, {"token": "a"}, []),
            ({"token": secret("a")}, {"tokenFile": "f"}, ["token", "tokenFile"]),
            ({}, {"endpoint": UNKNOWN_STRING}, ["endpoint"]),
        ],
    )
    async def test_what_differs_is_told(self, served: Served, olds: Wire, news: Wire, differing: list[str]) -> None:
        answer = await served.driver.stub.DiffConfig(
            provider_pb2.DiffRequest(olds=struct(olds), old_inputs=struct(olds), news=struct(news))
        )
        assert list(answer.diffs) == differing
        assert list(answer.replaces) == []
        some = provider_pb2.DiffResponse.DIFF_SOME if differing else provider_pb2.DiffResponse.DIFF_NONE
        assert answer.changes == some


class TestConfigure:
    """The configuration in force: the stack's, then the environment's."""

    @pytest.mark.parametrize(
        "args", [{"endpoint": ENDPOINT, "projectId": PROJECT}, {"version": "1", "__internal": {}, "projectId": PROJECT}]
    )
    async def test_the_default_project_is_that_of_the_stack(self, served: Served, args: Wire) -> None:
        served.environment.update(APIKEYS_ENDPOINT=ENDPOINT, APIKEYS_PROJECT_ID=OTHER_PROJECT)
        await served.driver.configure(args)
        assert (await served.driver.check({})).inputs["projectId"] == PROJECT

    @pytest.mark.parametrize(("own", "project"), [({"projectId": PROJECT}, PROJECT), ({}, THIRD_PROJECT)])
    async def test_an_explicit_provider_that_bears_a_default_ones_urn_is_not_the_stacks(
        self, served: Served, own: Wire, project: str
    ) -> None:
        stack = {"endpoint": "https://stack.example.com", "projectId": OTHER_PROJECT}
        served.environment.update(PULUMI_CONFIG=json.dumps(stack), APIKEYS_PROJECT_ID=THIRD_PROJECT)
        news = {"endpoint": ENDPOINT, **own}
        checked = (await served.driver.check_config(news)).inputs
        changed = await served.driver.stub.DiffConfig(
            provider_pb2.DiffRequest(urn=PROVIDER_URN, old_inputs=struct(news), news=struct(checked))
        )
        await served.driver.configure(checked, urn=PROVIDER_URN)
        assert checked == {**news, "__explicit": True}
        assert changed.changes == provider_pb2.DiffResponse.DIFF_SOME
        assert (await served.driver.check({})).inputs["projectId"] == project

    async def test_a_default_provider_of_a_state_is_configured_as_the_stack_is_now(self, served: Served) -> None:
        stack = {"endpoint": ENDPOINT, "projectId": PROJECT}
        served.environment.update(PULUMI_CONFIG=json.dumps(stack))
        checked = (await served.driver.check_config(stack)).inputs
        served.environment.update(PULUMI_CONFIG=json.dumps({**stack, "projectId": OTHER_PROJECT}))
        await served.driver.configure(checked, urn=PROVIDER_URN)
        assert checked == stack
        assert (await served.driver.check({})).inputs["projectId"] == OTHER_PROJECT

    async def test_the_environment_stands_in(self, served: Served) -> None:
        served.environment.update(APIKEYS_ENDPOINT=ENDPOINT, APIKEYS_PROJECT_ID=OTHER_PROJECT)
        await served.driver.configure({})
        assert (await served.driver.check({})).inputs["projectId"] == OTHER_PROJECT

    async def test_a_bad_configuration_is_refused_without_its_secrets(self, served: Served) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await served.driver.configure({"endpoint": "x", "token": secret("very-secret")})
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "endpoint: must be an http(s) address" in str(caught.value.details())
        assert "very-secret" not in str(caught.value.details())

    async def test_without_an_endpoint_reads_and_writes_fail_with_the_way_to_set_it(self, served: Served) -> None:
        await served.driver.configure({"projectId": PROJECT})
        inputs = (await served.driver.check({})).inputs
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await served.driver.create(inputs)
        assert "pulumi config set apikeys:endpoint" in str(caught.value.details())

    async def test_before_it_resources_are_refused(self, driver: Driver, served: Served) -> None:
        served.servicer._services = None
        with pytest.raises(grpc.aio.AioRpcError, match="before it was configured"):
            await driver.check({})

    @pytest.mark.parametrize("token", ["apikeys:index:Nothing", "aws:s3/bucket:Bucket"])
    async def test_a_type_that_is_none_of_ours_is_refused_by_name(self, driver: Driver, token: str) -> None:
        driver.urn = f"urn:pulumi:dev::infra::{token}::x"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await driver.check({})
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert f"there is no resource type {token}; there are apikeys:index:APIKey" in str(caught.value.details())
