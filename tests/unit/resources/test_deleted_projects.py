"""Keys whose project the API does not find: an error with ways out, and no key where the user says it was deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import pytest

from fakes.clock import FakeClock
from fakes.keys import PROJECT, FakeKeys, new_key
from pulumi_resource_apikeys.clock import Deadline
from pulumi_resource_apikeys.errors import ForbiddenError, MissingProjectError, NotFoundError, Subject
from pulumi_resource_apikeys.keys.ownership import Owner
from pulumi_resource_apikeys.keys.port import RemoteKey
from pulumi_resource_apikeys.model.values import Props
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.resources.deleted_projects import DeletedProjectsKeys, MissingProjectLifecycle
from pulumi_resource_apikeys.resources.lifecycle import DEFAULTS, Difference, DiffRequest, Gone, Lifecycle, Live

API_KEY, ROTATING = RESOURCES
OWNER = Owner("infra", "dev", API_KEY, "deploy")
INPUTS: dict[str, Props] = {
    API_KEY: {"projectId": PROJECT, "name": "deploy", DEFAULTS: []},
    ROTATING: {"projectId": PROJECT, "name": "deploy", "rotateEvery": "30d", "overlap": "7d", DEFAULTS: []},
}
LIST = NotFoundError(Subject("list", PROJECT), "404 Not Found", status=404)
REVOKE = NotFoundError(Subject("revoke", PROJECT, "deploy"), "404 Not Found", status=404)


class MissingKeys(FakeKeys):
    """The API without the project: each call about it is a 404, once `missing`."""

    missing = False

    def go_missing(self) -> None:
        self.missing = True
        self.keys.clear()

    async def list(
        self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
    ) -> Sequence[RemoteKey]:
        if self.missing:
            raise LIST
        return await super().list(project_id, fresh=fresh, deadline=deadline)

    async def revoke(
        self,
        project_id: str,
        key_id: str,
        *,
        label: str,
        made_at: datetime | None = None,  # noqa: ARG002 - the port's signature
        deadline: Deadline | None = None,
    ) -> bool:
        if self.missing:
            raise LIST
        return await super().revoke(project_id, key_id, label=label, deadline=deadline)


@pytest.fixture
def keys(clock: FakeClock) -> MissingKeys:
    return MissingKeys(clock)


@pytest.fixture(params=[API_KEY, ROTATING], ids=["APIKey", "RotatingAPIKey"])
def token(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def lifecycle(token: str, keys: MissingKeys, clock: FakeClock) -> Lifecycle:
    return MissingProjectLifecycle(RESOURCES[token](keys, clock, PROJECT), keys)


async def live(token: str, lifecycle: Lifecycle) -> Live:
    """A key, and for the rotating one a previous key beside it."""
    made = await lifecycle.create(INPUTS[token], OWNER)
    if token == API_KEY:
        return made
    return await lifecycle.update(made.id, made.state, {**INPUTS[token], "triggers": {"v": 2}}, OWNER)


def diffed(lifecycle: Lifecycle, token: str, made: Live) -> Awaitable[Difference]:
    return lifecycle.diff(DiffRequest(made.id, made.state, INPUTS[token], INPUTS[token], owner=OWNER))


CALLS: dict[str, Callable[[Lifecycle, str, Live], Awaitable[object]]] = {
    "diff": diffed,
    "read": lambda lifecycle, token, made: lifecycle.read(made.id, INPUTS[token], made.state, OWNER),
    "delete": lambda lifecycle, _token, made: lifecycle.delete(made.id, made.state, OWNER),
}


@pytest.mark.parametrize("call", CALLS)
async def test_the_error_names_the_ways_out(token: str, lifecycle: Lifecycle, keys: MissingKeys, call: str) -> None:
    made = await live(token, lifecycle)
    keys.go_missing()

    with pytest.raises(MissingProjectError) as caught:
        await CALLS[call](lifecycle, token, made)

    told = str(caught.value)
    assert told.count("404 Not Found") == 1
    assert f"If project {PROJECT} was deleted, its keys ended with it" in told
    assert f"APIKEYS_DELETED_PROJECTS={PROJECT}" in told
    assert "deletedProjects" in told
    assert f"pulumi state delete '{OWNER.urn}'" in told
    if call == "delete":
        assert told.startswith('could not revoke API key "deploy')


async def test_a_host_that_names_no_resource_tells_where_its_urn_is(
    token: str, lifecycle: Lifecycle, keys: MissingKeys
) -> None:
    made = await live(token, lifecycle)
    keys.go_missing()
    with pytest.raises(MissingProjectError, match="`pulumi stack --show-urns` tells"):
        await lifecycle.delete(made.id, made.state)


async def test_a_key_that_is_not_found_in_a_project_that_is_has_no_such_error(clock: FakeClock) -> None:
    keys = FakeKeys(clock)
    lifecycle = MissingProjectLifecycle(RESOURCES[API_KEY](keys, clock, PROJECT), keys)
    made = await live(API_KEY, lifecycle)
    keys.revoke_fails(REVOKE)
    with pytest.raises(NotFoundError) as caught:
        await lifecycle.delete(made.id, made.state, OWNER)
    assert caught.value is REVOKE


async def test_an_import_of_a_project_that_is_not_found_has_no_such_error(
    lifecycle: Lifecycle, keys: MissingKeys
) -> None:
    keys.go_missing()
    with pytest.raises(NotFoundError) as caught:
        await lifecycle.read(f"{PROJECT}/{PROJECT}", {}, {}, OWNER)
    assert caught.value is LIST


@pytest.fixture
def forgiving(token: str, keys: MissingKeys, clock: FakeClock) -> Lifecycle:
    """Where the user says that the project was deleted, in another form of its UUID."""
    return RESOURCES[token](DeletedProjectsKeys(keys, [PROJECT.upper()]), clock, PROJECT)


async def test_keys_of_a_deleted_project_are_gone(token: str, forgiving: Lifecycle, keys: MissingKeys) -> None:
    made = await live(token, forgiving)
    keys.go_missing()

    seen = await forgiving.read(made.id, INPUTS[token], made.state, OWNER)
    difference = await diffed(forgiving, token, made)

    assert (
        isinstance(seen, Gone) if token == API_KEY else isinstance(seen, Live) and seen.state["keyStatus"] == "absent"
    )
    assert difference.changes
    await forgiving.delete(made.id, made.state, OWNER)


async def test_a_project_that_answers_is_not_deleted_whatever_the_user_says(
    token: str, forgiving: Lifecycle, keys: MissingKeys
) -> None:
    made = await live(token, forgiving)
    assert keys.live
    seen = await forgiving.read(made.id, INPUTS[token], made.state, OWNER)
    assert isinstance(seen, Live)
    await forgiving.delete(made.id, made.state, OWNER)
    assert keys.live == []


@pytest.mark.parametrize("error", [REVOKE, ForbiddenError(Subject("revoke", PROJECT, "deploy"), "no", status=403)])
async def test_a_key_alone_that_is_refused_is_not_of_a_deleted_project(clock: FakeClock, error: Exception) -> None:
    keys = FakeKeys(clock)
    keys.revoke_fails(error)
    with pytest.raises(type(error)):
        await DeletedProjectsKeys(keys, [PROJECT]).revoke(PROJECT, "some-key", label="deploy")


async def test_nothing_is_made_in_a_deleted_project(clock: FakeClock) -> None:
    keys = FakeKeys(clock)
    keys.mint_fails(NotFoundError(Subject("create", PROJECT, "deploy"), "no", status=404))
    with pytest.raises(NotFoundError):
        await DeletedProjectsKeys(keys, [PROJECT]).mint(new_key(PROJECT, "deploy"))


async def test_other_projects_are_not_concerned(keys: MissingKeys) -> None:
    keys.go_missing()
    with pytest.raises(NotFoundError):
        await DeletedProjectsKeys(keys, []).list(PROJECT)
