"""What is loaded when: every command waits for the plugin's start."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_resource_apikeys.plugin import stubs

OURS = "pulumi_resource_apikeys"

AT_THE_PORT = """
import json, os, sys
told = sys.stdout
class WhoReadsThePort:
    def write(self, text):
        assert text.strip().isdigit()
        told.write(json.dumps(sorted(sys.modules)))
        told.flush()
        os._exit(0)
sys.stdout = WhoReadsThePort()
sys.argv = ["pulumi-resource-apikeys", "127.0.0.1:1"]
from pulumi_resource_apikeys.__main__ import main
main()
"""

AT_THE_FIRST_CHECK = """
import asyncio, json, sys
from pulumi_resource_apikeys.plugin import process
from pulumi_resource_apikeys.clock import SystemClock
from pulumi_resource_apikeys.plugin.server import PluginServer
from pulumi_resource_apikeys.plugin.stubs import provider_pb2
async def answered():
    servicer = PluginServer(SystemClock(), {}).servicer
    configuration = provider_pb2.ConfigureRequest()
    configuration.args.update({"endpoint": "https://api.example.com", "token": "t"})
    await servicer.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"), None)
    await servicer.Configure(configuration, None)
    check = provider_pb2.CheckRequest(urn="urn:pulumi:dev::p::apikeys:index:APIKey::a", randomSeed=b"1" * 32)
    check.news.update({"projectId": "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10", "expiresIn": "90d"})
    assert not (await servicer.Check(check, None)).failures
asyncio.run(answered())
print(json.dumps(sorted(sys.modules)))
"""

WITH_HTTP = """
import json, os, sys
told = sys.stdout
from pulumi_resource_apikeys.plugin import process
from pulumi_resource_apikeys.wiring import preload
async def load_the_rest():
    preload()
    told.write(json.dumps(sorted(name for name, module in sys.modules.items() if module is not None)))
    told.flush()
    os._exit(0)
process._load_the_rest = load_the_rest
sys.stdout = open(os.devnull, "w")
process.main(["127.0.0.1:1"], os.getppid())
"""

AN_EMPTY_SERVER = """
import asyncio, json, sys
import grpc.aio
async def serve():
    server = grpc.aio.server()
    server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(json.dumps(sorted(sys.modules)))
asyncio.run(serve())
"""


def said(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def modules(program: str) -> set[str]:
    return set(json.loads(said(program)))


def test_when_the_port_is_told_nothing_is_loaded_that_an_empty_grpc_server_does_not_load() -> None:
    more = modules(AT_THE_PORT) - modules(AN_EMPTY_SERVER)
    assert more - {"gc"} == {
        OURS,
        f"{OURS}.__main__",
        f"{OURS}.plugin",
        f"{OURS}.plugin.process",
        f"{OURS}.plugin.listening",
    }


def test_when_the_first_check_is_answered_neither_http_nor_the_sdk_nor_another_resource_type_is_loaded() -> None:
    loaded = modules(AT_THE_FIRST_CHECK)
    packages = {name.partition(".")[0] for name in loaded}
    assert not packages & {"httpx", "httpcore", "anyio", "opentelemetry", "yaml"}
    assert "pulumi" not in loaded
    assert "pulumi.runtime" not in loaded
    ours = {name.removeprefix(f"{OURS}.") for name in loaded if name.startswith(OURS)}
    assert "resources.api_key.lifecycle" in ours
    assert not ours & {
        "resources.rotating_api_key.lifecycle",
        "resources.rotating_api_key.properties",
        "schema",
        "api.client",
        "api.exchange",
    }
    assert not {name for name in ours if name.startswith("credentials")}


def test_http_and_credentials_are_loaded_without_what_they_bring_with_them_and_is_not_used() -> None:
    loaded = modules(WITH_HTTP)
    packages = {name.partition(".")[0] for name in loaded}
    assert {"httpcore", "h11"} <= packages
    assert "anyio._backends._asyncio" in loaded
    assert not packages & {"httpx", "jwt", "tenacity", "click", "rich", "pygments", "cryptography"}


@pytest.mark.parametrize(
    "first", ["import pulumi", "import pulumi_resource_apikeys.plugin.stubs"], ids=["the SDK first", "the stubs first"]
)
def test_the_stubs_and_the_sdk_share_their_message_types(first: str) -> None:
    program = f"""
{first}
import pulumi.dynamic
from pulumi.runtime.proto import provider_pb2
import pulumi.runtime.proto.engine_pb2_grpc as engine_pb2_grpc
from pulumi_resource_apikeys.plugin import stubs
assert stubs.provider_pb2 is provider_pb2
assert stubs.engine_pb2_grpc is engine_pb2_grpc
assert pulumi.runtime.proto.CheckRequest is stubs.provider_pb2.CheckRequest
print("shared")
"""
    assert said(program) == "shared\n"


@pytest.mark.parametrize("below", [(), ("runtime",), ("runtime", "proto")])
def test_where_the_stubs_lie_elsewhere_the_sdk_is_imported_the_plain_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, below: tuple[str, ...]
) -> None:
    tmp_path.joinpath("pulumi", *below).mkdir(parents=True)
    elsewhere = importlib.util.spec_from_loader("pulumi", None, is_package=True)
    assert elsewhere is not None
    elsewhere.submodule_search_locations = [str(tmp_path / "pulumi")]
    for package in stubs.PACKAGES:
        monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.setattr(stubs, "find_spec", lambda _name: elsewhere)
    with stubs.packages_left_empty():
        assert not sys.modules.keys() & set(stubs.PACKAGES)
