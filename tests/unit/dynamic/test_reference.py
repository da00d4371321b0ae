"""What a dynamic provider leaves in the state: the same few bytes, always."""

from __future__ import annotations

import base64
import pickle
import subprocess
import sys

import dill  # type: ignore[import-untyped] # it has no types
import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_resource_apikeys.dynamic import providers
from pulumi_resource_apikeys.resources.catalogue import RESOURCES

# In the states of users: these never change.
API_KEY = "gASVOQAAAAAAAACMKXB1bHVtaV9yZXNvdXJjZV9hcGlrZXlzLmR5bmFtaWMucHJvdmlkZXJzlIwHQVBJX0tFWZSTlC4="
ROTATING_API_KEY = (
    "gASVQgAAAAAAAACMKXB1bHVtaV9yZXNvdXJjZV9hcGlrZXlzLmR5bmFtaWMucHJvdmlkZXJzlIwQUk9UQVRJTkdfQVBJX0tFWZSTlC4="
)


@pytest.mark.parametrize(
    ("provider", "serialized"), [(providers.API_KEY, API_KEY), (providers.ROTATING_API_KEY, ROTATING_API_KEY)]
)
def test_the_serialized_provider_is_a_name_and_leads_back_to_the_one_object(
    provider: providers.KeyProvider, serialized: str
) -> None:
    assert serialize_provider(provider) == serialized
    assert dill.loads(base64.b64decode(serialized)) is provider  # noqa: S301 - our own bytes
    assert provider.serialize_as_secret_always is False


def test_each_serialized_provider_is_of_a_resource_type() -> None:
    tokens = {provider._token for provider in (providers.API_KEY, providers.ROTATING_API_KEY)}

    assert tokens == RESOURCES.keys()


def test_a_provider_that_was_configured_serializes_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers.API_KEY, "_adapter", object())

    assert serialize_provider(providers.API_KEY) == API_KEY


def test_the_reference_can_be_read_by_pickle_alone() -> None:
    assert pickle.loads(base64.b64decode(API_KEY)) is providers.API_KEY  # noqa: S301 - our own bytes


def test_a_program_that_imports_the_resources_loads_none_of_the_heavy_parts() -> None:
    program = (
        "import sys, pulumi, pulumi.dynamic\n"
        "before = set(sys.modules)\n"
        "import pulumi_resource_apikeys.dynamic\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )

    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()

    assert {name.partition(".")[0] for name in told}.isdisjoint({"anyio", "httpx", "jwt", "pydantic", "tenacity"})
    assert {name for name in told if name.startswith("pulumi_resource_apikeys.")} == {
        "pulumi_resource_apikeys.dynamic",
        *(
            f"pulumi_resource_apikeys.dynamic.{part}"
            for part in ("api_key", "names", "providers", "resource", "rotating_api_key")
        ),
    }
