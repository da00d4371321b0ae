"""`getAPIKey`: by id in any form, by a name that is unique among the active, and what is said where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes.keys import OTHER_PROJECT, PROJECT, TENANT, uuid
from pulumi_resource_apikeys.errors import ApiKeysError, InputError
from pulumi_resource_apikeys.functions.get_api_key import GetAPIKey

if TYPE_CHECKING:
    from fakes.keys import FakeKeys
    from pulumi_resource_apikeys.keys.run import Run


@pytest.fixture
def function(run: Run) -> GetAPIKey:
    return GetAPIKey(run, PROJECT)


async def test_it_tells_what_the_server_tells_and_leaves_out_what_it_does_not(
    function: GetAPIKey, keys: FakeKeys
) -> None:
    key = keys.add("ci", scopes=("read",), last_used_at="2026-11-20T08:00:00Z", never_used=False, expires_at=None)
    assert (await function.invoke({"keyId": key.key_id})).props() == {
        "id": f"{PROJECT}/{key.key_id}",
        "keyId": key.key_id,
        "projectId": PROJECT,
        "name": "ci",
        "status": "active",
        "scopes": ["read"],
        "keyPrefix": "sk-0001",
        "createdAt": key.created_at,
        "createdBy": "ada@example.com",
        "lastUsedAt": "2026-11-20T08:00:00Z",
        "neverUsed": False,
        "tenantId": TENANT,
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"never_used": True}, {"neverUsed": True}),
        ({"never_used": False}, {}),
        ({"never_used": False, "last_used_at": "2026-11-20T08:00:00Z"}, {"neverUsed": False}),
    ],
)
async def test_never_used_is_told_only_if_the_server_says_so(
    function: GetAPIKey, keys: FakeKeys, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    key = keys.add("ci", **fields)
    told = (await function.invoke({"keyId": key.key_id})).props()
    assert {name: told[name] for name in ("neverUsed",) if name in told} == expected


@pytest.mark.parametrize(
    "given",
    [
        {"keyId": uuid(1)},
        {"keyId": uuid(1).upper()},
        {"keyId": f"{PROJECT}/{uuid(1)}"},
        {"keyId": f"{PROJECT}/{uuid(1)}", "projectId": PROJECT},
        {"name": "ci"},
    ],
)
async def test_a_key_is_found_by_its_id_or_its_name(function: GetAPIKey, keys: FakeKeys, given: dict[str, Any]) -> None:
    keys.add("ci")
    keys.add("other")
    assert (await function.invoke(given)).key_id == uuid(1)


@pytest.mark.parametrize(
    "given", [{"keyId": f"{OTHER_PROJECT}/{uuid(1)}"}, {"keyId": uuid(1), "projectId": OTHER_PROJECT}]
)
async def test_the_call_names_the_project_before_the_provider_does(
    function: GetAPIKey, keys: FakeKeys, given: dict[str, Any]
) -> None:
    keys.add("ci", project_id=OTHER_PROJECT)
    assert (await function.invoke(given)).project_id == OTHER_PROJECT


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "keyId: or name is required"),
        ({"keyId": "a b"}, 'keyId: "a b" is not the id of a key'),
        ({"keyId": f"{OTHER_PROJECT}/{uuid(1)}", "projectId": PROJECT}, "is of another project"),
    ],
)
async def test_arguments_that_name_no_key_are_refused_before_a_call(
    function: GetAPIKey, keys: FakeKeys, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        await function.invoke(given)
    assert not keys.calls


@pytest.mark.parametrize(
    ("fields", "status"), [({"is_active": False}, "revoked"), ({"expires_at": "2020-01-01T00:00:00Z"}, "expired")]
)
@pytest.mark.parametrize("given", [{"keyId": uuid(1)}, {"name": "ci"}])
async def test_a_key_that_has_ended_is_told_as_that(
    function: GetAPIKey, keys: FakeKeys, given: dict[str, Any], fields: dict[str, Any], status: str
) -> None:
    keys.add("ci", **fields)
    assert (await function.invoke(given)).status == status


async def test_of_several_keys_of_a_name_the_one_that_is_active_is_meant(function: GetAPIKey, keys: FakeKeys) -> None:
    keys.add("ci", is_active=False)
    active = keys.add("ci")
    keys.add("ci", is_active=False)
    assert (await function.invoke({"name": "ci"})).key_id == active.key_id


@pytest.mark.parametrize("active", [True, False])
async def test_a_name_that_is_not_unique_is_refused_with_all_who_bear_it_and_how_they_stand(
    function: GetAPIKey, keys: FakeKeys, active: bool
) -> None:
    first = keys.add("ci", created_at="2026-01-01T00:00:00Z", is_active=active)
    second = keys.add("ci", created_at=None, is_active=active)
    ended = keys.add("ci", is_active=False)
    with pytest.raises(ApiKeysError) as caught:
        await function.invoke({"name": "ci"})
    words = str(caught.value)
    status = "active" if active else "revoked"
    assert f"{first.key_id} ({status}, made 2026-01-01T00:00:00Z)" in words
    assert f"{second.key_id} ({status})" in words
    assert f"{ended.key_id} (revoked, made" in words
    assert words.endswith("Name one of them by keyId")


async def test_a_name_that_no_key_has_is_told_with_those_close_to_it(function: GetAPIKey, keys: FakeKeys) -> None:
    keys.add("deploy-prod")
    keys.add("something")
    with pytest.raises(ApiKeysError, match=r'no API key named "deploy-prd" .* Close to it: deploy-prod$'):
        await function.invoke({"name": "deploy-prd"})


async def test_a_key_that_a_lagging_list_lacks_is_looked_for_twice(function: GetAPIKey, keys: FakeKeys) -> None:
    keys.lag = 1.0
    key = keys.add("ci")
    assert (await function.invoke({"keyId": key.key_id})).name == "ci"


async def test_an_id_that_the_project_does_not_list_is_told(function: GetAPIKey) -> None:
    with pytest.raises(ApiKeysError, match=f"there is no API key {uuid(9)} in the list of project {PROJECT}"):
        await function.invoke({"keyId": uuid(9)})
