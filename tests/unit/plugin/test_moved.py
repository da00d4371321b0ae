"""Where keys live whose state does not say: what a provider's remembered inputs tell of an earlier endpoint."""

from __future__ import annotations

import json

import pytest

from pulumi_resource_apikeys.model.values import Props
from pulumi_resource_apikeys.plugin.moved import MOVED_FROM, moved_from
from pulumi_resource_apikeys.plugin.stack_config import only_remembered

OLD, OLDER, NEW = "https://old.example.com", "https://older.example.com", "https://new.example.com"
DEFAULT = "urn:pulumi:prod::infra::pulumi:providers:apikeys::default_0_1_0"
EXPLICIT = "urn:pulumi:prod::infra::pulumi:providers:apikeys::team"


@pytest.mark.parametrize(
    ("remembered", "endpoint", "expected"),
    [
        ({"endpoint": OLD}, NEW, OLD),
        ({"endpoint": OLD}, OLD, None),
        ({"endpoint": "https://OLD.example.com:443/api/v1/"}, OLD, None),
        ({"endpoint": f"{OLD}/api/v1"}, NEW, OLD),
        ({}, NEW, None),
        ({"endpoint": OLD}, None, None),
        ({"endpoint": OLD, MOVED_FROM: OLDER}, NEW, OLDER),
        ({"endpoint": NEW, MOVED_FROM: OLD}, NEW, OLD),
        ({"endpoint": NEW, MOVED_FROM: OLD}, OLD, None),
    ],
)
def test_the_first_endpoint_is_told_until_it_is_set_back(
    remembered: Props, endpoint: str | None, expected: str | None
) -> None:
    assert moved_from(remembered, endpoint) == expected


@pytest.mark.parametrize(
    ("urn", "remembered", "stack", "expected"),
    [
        (DEFAULT, {"endpoint": OLD}, {"endpoint": NEW}, False),
        (DEFAULT, {"endpoint": OLD}, {}, True),
        (DEFAULT, {}, {}, False),
        (DEFAULT, {"endpoint": OLD}, None, True),
        (EXPLICIT, {"endpoint": OLD}, {"endpoint": NEW}, True),
        (EXPLICIT, {}, {"endpoint": NEW}, False),
    ],
)
def test_an_endpoint_that_the_stack_of_today_does_not_name_is_only_remembered(
    urn: str, remembered: Props, stack: object, expected: bool
) -> None:
    environment = {} if stack is None else {"PULUMI_CONFIG": json.dumps(stack)}
    assert only_remembered({"version": "0.1.0", **remembered}, urn, environment) is expected


def test_an_endpoint_of_the_environment_is_one_of_today() -> None:
    environment = {"PULUMI_CONFIG": "{}", "APIKEYS_ENDPOINT": NEW}
    assert not only_remembered({"version": "0.1.0", "endpoint": OLD}, DEFAULT, environment)
