"""Keys of another endpoint, project or time of Pulumi: none is taken for gone, made twice, or revoked elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Result, Stack
from harness.variants import DYNAMIC, both

MARKS = ("__endpoint", "_endpoint")


def keys(project: str | None) -> dict[str, dict[str, Any]]:
    """A program with one key of each kind; without a project they are in the provider's."""
    place = {"project_id": project} if project else {}
    rotating = {"rotate_every": "30d", "overlap": "7d", **place}
    return {"deploy": {"args": place}, "service": {"type": "RotatingAPIKey", "args": rotating}}


def elsewhere(stack: Stack, server: Emulator) -> Stack:
    """The stack, told by its environment of another server."""
    return stack.under(APIKEYS_ENDPOINT=server.url, APIKEYS_TOKEN=server.token(ttl_seconds=3600))


def refused(result: Result, stack: Stack, *words: str) -> bool:
    """The command failed, and all it complains of are keys of the stack, with these words."""
    ids = [stack.resource(name)["outputs"]["keyId"] for name in ("deploy", "service")]
    return (
        not result.ok
        and bool(result.errors())
        and all(any(key_id in error for key_id in ids) for error in result.errors())
        and all(word in error for word in words for error in result.errors())
    )


def untouched(server: Emulator) -> bool:
    """No call came, not even one with a wrong token."""
    return not any(server.counts().values())


def mark(stack: Stack, name: str) -> str | None:
    """The endpoint that the state of a key names."""
    outputs = stack.resource(name)["outputs"]
    return next((outputs[mark] for mark in MARKS if mark in outputs), None)


def remove_marks(stack: Stack, *, refresh_first: bool) -> None:
    """Make the state one of the time when no key's state named an endpoint, and `up` might refresh first."""
    exported = json.loads(stack.run("stack", "export").output)
    for resource in exported["deployment"]["resources"]:
        for name in MARKS:
            if resource.get("outputs", {}).pop(name, None) is not None and refresh_first:
                resource["refreshBeforeUpdate"] = True
    file = stack.folder / "exported.json"
    file.write_text(json.dumps(exported))
    done = stack.run("stack", "import", "--file", str(file))
    assert done.ok, done.output
    assert mark(stack, "deploy") is None


@both
def test_at_another_endpoint_every_command_is_refused_until_it_is_set_back(
    stack: Stack, emulator: Emulator, own_emulator: Emulator, project: str
) -> None:
    stack.declare(keys(project))
    assert stack.up().ok
    before, other = stack.facts(), elsewhere(stack, own_emulator)

    for command in (other.preview, other.up, other.refresh, other.destroy):
        result = command()
        words = (emulator.url, own_emulator.url, "set endpoint back", "destroy the keys there", "formerEndpoints")
        assert refused(result, stack, *words), result.output

    assert stack.facts() == before
    assert untouched(own_emulator)
    assert len(emulator.active_keys(project)) == 2
    again = stack.up()
    assert again.counts() == {"unchanged": 3}, again.output
    assert stack.destroy().ok
    assert emulator.active_keys(project) == []


@both
def test_an_endpoint_that_changed_in_the_stack_is_refused(
    new_stack: Callable[..., Stack], emulator: Emulator, own_emulator: Emulator, project: str
) -> None:
    stack = new_stack(endpoint=None)
    stack.refresh_always()
    stack.configure("apikeys:endpoint", emulator.url)
    stack.declare(keys(project))
    assert stack.up().ok
    stack.configure("apikeys:endpoint", own_emulator.url)
    stack.declare({"service": keys(project)["service"]})

    removal = stack.up()

    assert refused(removal, stack, emulator.url, own_emulator.url), removal.output
    assert untouched(own_emulator)
    stack.configure("apikeys:endpoint", emulator.url)
    again = stack.up()
    assert again.counts() == {"deleted": 1, "unchanged": 2}, again.output
    assert [key.key_id for key in emulator.active_keys(project)] == [stack.resource("service")["outputs"]["keyId"]]


@both
def test_a_renamed_host_of_the_same_api_changes_nothing(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare(keys(project))
    assert stack.up().ok
    renamed = emulator.url.replace("127.0.0.1", "localhost")
    stack.configure("apikeys:formerEndpoints", emulator.url)
    stack.endpoint = renamed

    up, refresh = stack.up(), stack.refresh()

    assert up.counts() == {"unchanged": 3}, up.output
    assert refresh.counts() == {"unchanged": 3}, refresh.output
    assert {mark(stack, name) for name in ("deploy", "service")} == {renamed}
    assert stack.run("config", "rm", "apikeys:formerEndpoints").ok
    without = stack.up()
    assert without.counts() == {"unchanged": 3}, without.output
    assert stack.destroy().ok
    assert emulator.active_keys(project) == []
    assert emulator.counts()["create"] == 2


@both
def test_another_api_that_is_said_to_be_the_same_forgets_no_key(
    stack: Stack, emulator: Emulator, own_emulator: Emulator, project: str
) -> None:
    stack.declare(keys(project))
    assert stack.up().ok
    before = stack.facts()
    mistaken = elsewhere(stack, own_emulator).under(APIKEYS_FORMER_ENDPOINTS=f'["{emulator.url}"]')

    for command in (mistaken.refresh, mistaken.destroy):
        result = command()
        assert refused(result, stack, emulator.url, "it lists no such key", "pulumi state delete"), result.output

    assert stack.facts() == before
    assert own_emulator.counts()["create"] == own_emulator.counts()["revoke"] == 0
    assert len(emulator.active_keys(project)) == 2


@both
def test_a_state_that_names_no_endpoint_is_one_of_the_present_and_gets_its_mark_unseen(
    stack: Stack, emulator: Emulator, own_emulator: Emulator, project: str
) -> None:
    stack.declare(keys(project))
    assert stack.up().ok
    remove_marks(stack, refresh_first=stack.module != DYNAMIC)

    up = stack.up("--diff")
    after_up = {mark(stack, name) for name in ("deploy", "service")}
    refresh = stack.refresh("--diff")

    assert up.counts() == {"unchanged": 3}, up.output
    assert refresh.counts() == {"unchanged": 3}, refresh.output
    assert after_up == ({None} if stack.module == DYNAMIC else {emulator.url})
    assert {mark(stack, name) for name in ("deploy", "service")} == {emulator.url}
    assert not any(name in result.output for result in (up, refresh) for name in MARKS)
    refusal = elsewhere(stack, own_emulator).refresh()
    assert refused(refusal, stack, emulator.url, own_emulator.url), refusal.output


@pytest.mark.parametrize("refresh_first", [True, False], ids=["refreshed-first", "as-it-is"])
def test_a_state_that_names_no_endpoint_is_not_moved_with_the_stacks(
    new_stack: Callable[..., Stack], emulator: Emulator, own_emulator: Emulator, project: str, refresh_first: bool
) -> None:
    """What the plugin's own state remembers is where such keys live, also where an `up` failed in between."""
    stack = new_stack(endpoint=None)
    stack.configure("apikeys:endpoint", emulator.url)
    stack.declare(keys(project))
    assert stack.up().ok
    remove_marks(stack, refresh_first=refresh_first)
    stack.configure("apikeys:endpoint", own_emulator.url)

    for command in (stack.up, stack.up, stack.refresh, stack.destroy):
        result = command()
        assert refused(result, stack, emulator.url, own_emulator.url), result.output

    assert untouched(own_emulator)
    stack.configure("apikeys:endpoint", emulator.url)
    again = stack.up()
    assert again.ok, again.output
    assert emulator.counts()["create"] == 2
    assert "__movedFrom" not in stack.run("stack", "export").output
    assert stack.destroy().ok
    assert emulator.active_keys(project) == []


def test_keys_move_to_another_api_by_a_second_provider_and_new_names(
    stack: Stack, emulator: Emulator, own_emulator: Emulator, project: str
) -> None:
    def provider(server: Emulator) -> dict[str, Any]:
        token = {"$secret": server.token(ttl_seconds=3600)}
        return {"type": "Provider", "args": {"endpoint": server.url, "token": token, "project_id": project}}

    here, there = {"here": provider(emulator)}, {"there": provider(own_emulator)}
    stack.declare({**here, "deploy": {"options": {"provider": "here"}}})
    assert stack.up().ok

    stack.declare({"here": provider(own_emulator), "deploy": {"options": {"provider": "here"}}})
    changed = stack.up()
    stack.declare({**here, "deploy": {"options": {"provider": "here"}}})
    set_back = stack.up("--refresh")
    stack.declare({**here, **there, "deploy": {"options": {"provider": "there"}}})
    exchanged = stack.up()

    for result in (changed, exchanged):
        assert not result.ok
        assert all(emulator.url in error and own_emulator.url in error for error in result.errors()), result.output
    assert set_back.counts() == {"updated": 1, "unchanged": 2}, set_back.output
    assert own_emulator.counts()["create"] == 0
    assert len(emulator.active_keys(project)) == 1

    stack.declare({**here, **there, "deploy-there": {"options": {"provider": "there"}}})
    moved = stack.up()

    assert moved.ok, moved.output
    assert emulator.active_keys(project) == []
    assert [key.key_id for key in own_emulator.active_keys(project)] == [stack.outputs()["deploy-there.key_id"]]


def test_an_import_remembers_the_endpoint(stack: Stack, emulator: Emulator, project: str) -> None:
    made = emulator.add_key(project, "by-hand")

    done = stack.import_key("deploy", f"{project}/{made.key_id}")

    assert done.ok, done.output
    assert mark(stack, "deploy") == emulator.url


@both
def test_another_default_project_replaces_the_keys_and_forgets_none(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack()
    stack.configure("apikeys:projectId", project)
    stack.declare(keys(None))
    assert stack.up().ok
    before = stack.facts()
    other = str(uuid4())
    stack.configure("apikeys:projectId", other)

    emulator.set_project(project, "forbidden")
    without_access = stack.up("--continue-on-error")

    assert not without_access.ok
    assert all(project in error and "403" in error for error in without_access.errors()), without_access.output
    assert without_access.errors()

    emulator.set_project(project, "ok")
    emulator.fault("revoke", "status", status=403, times=None, project_id=project)
    half = stack.up("--continue-on-error")

    assert all("could not revoke" in error and project in error for error in half.errors()), half.output
    assert half.errors()
    exported = json.loads(stack.run("stack", "export").output)["deployment"]["resources"]
    old = {before[name]["outputs"]["keyId"] for name in ("deploy", "service")}
    assert old <= {resource.get("outputs", {}).get("keyId") for resource in exported}

    emulator.clear_faults()
    again = stack.up()

    assert again.ok, again.output
    assert emulator.active_keys(project) == []
    assert {key.key_id for key in emulator.active_keys(other)} == {
        stack.resource(name)["outputs"]["keyId"] for name in ("deploy", "service")
    }


@pytest.mark.parametrize("way", ["by the setting", "by the command"])
@both
def test_a_deleted_project_does_not_hold_its_keys_in_the_stack(
    stack: Stack, emulator: Emulator, project: str, way: str
) -> None:
    stack.declare(keys(project))
    assert stack.up().ok
    twice = keys(project)
    twice["service"]["args"]["triggers"] = {"version": 2}
    stack.declare(twice)
    assert stack.up().ok
    assert len(emulator.active_keys(project)) == 3
    emulator.set_project(project, "missing")
    urns = [stack.resource(name)["urn"] for name in ("deploy", "service")]

    destroy = stack.destroy("--continue-on-error")

    assert not destroy.ok
    for urn in urns:
        (error,) = [error for error in destroy.errors() if f"pulumi state delete '{urn}'" in error]
        assert f"If project {project} was deleted, its keys ended with it" in error
        assert f"APIKEYS_DELETED_PROJECTS={project}" in error
    assert [stack.resource(name)["urn"] for name in ("deploy", "service")] == urns
    if way == "by the command":
        for urn in urns:
            assert stack.run("state", "delete", urn, "--yes").ok
    elif stack.module == DYNAMIC:
        stack = stack.under(APIKEYS_DELETED_PROJECTS=project)
    else:
        stack.configure("apikeys:deletedProjects", project.upper())
    gone = stack.destroy()
    assert gone.ok, gone.output
    assert stack.facts() == {}


@both
def test_a_project_is_not_deleted_for_being_called_so(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare(keys(project))
    stack.configure("apikeys:deletedProjects", project)
    assert stack.up().ok
    emulator.set_project(project, "forbidden")

    destroy = stack.destroy()

    assert not destroy.ok
    assert all("403" in error for error in destroy.errors()), destroy.output
    emulator.set_project(project, "ok")
    assert stack.destroy().ok
    assert emulator.active_keys(project) == []
