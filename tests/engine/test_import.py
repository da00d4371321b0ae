"""Taking over keys that were made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Result, Stack

NO_SECRET = 'API key "deploy" was imported, so its secret can\'t be had'


def is_told(result: Result) -> bool:
    return any(warning.startswith(NO_SECRET) for warning in result.warnings())


def test_an_imported_key_is_watched_like_any_other_and_its_missing_secret_is_told_once(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    by_hand = emulator.add_key(project, "deploy", scopes=["write", "read"], expires_at="2099-01-01T00:00:00Z")
    stack.declare({"deploy": {"args": {"project_id": project, "scopes": ["read", "write"]}}})

    imported = stack.import_key("deploy", f"{project}/{by_hand.key_id}")

    assert imported.counts()["imported"] == 1, imported.output
    deploy = stack.facts()["deploy"]["outputs"]
    assert "key" not in deploy
    assert (deploy["name"], deploy["keyId"]) == ("deploy", by_hand.key_id)
    assert sorted(deploy["scopes"]) == ["read", "write"]

    preview, first, second = stack.preview(), stack.up(), stack.up()

    for run in (preview, first, second):
        assert run.counts() == {"unchanged": 2}, run.output
    assert [is_told(run) for run in (preview, first, second)] == [True, True, False]
    assert len(first.warnings()) == 1
    assert emulator.counts()["create"] == emulator.counts()["revoke"] == 0

    emulator.revoke(by_hand.key_id)
    seen = stack.preview()
    healing = stack.up()

    assert seen.counts()["to replace"] == 1, seen.output
    assert healing.counts()["replaced"] == 1, healing.output
    assert healing.warnings() == []
    assert emulator.verify(stack.outputs()["deploy.key"])


def test_the_key_id_suffices_where_the_provider_has_a_project(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.configure("apikeys:projectId", project)
    by_hand = emulator.add_key(project, "deploy")
    stack.declare({"deploy": {}})

    imported = stack.import_key("deploy", by_hand.key_id)
    up = stack.up()

    assert imported.counts()["imported"] == 1, imported.output
    assert stack.resource("deploy")["id"] == f"{project}/{by_hand.key_id}"
    assert up.counts() == {"unchanged": 2}, up.output


def test_the_import_option_adopts_a_key_and_an_up_without_it_changes_nothing(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    by_hand = emulator.add_key(project, "deploy", scopes=["read"])
    args: dict[str, Any] = {"project_id": project, "name": "deploy", "scopes": ["read"]}
    adopting = {"import_": f"{project}/{by_hand.key_id}"}
    stack.declare({"deploy": {"args": args, "options": adopting}})

    adopted = stack.up()
    with_option = stack.up()
    stack.declare({"deploy": {"args": args}})
    without_option = stack.up()

    assert adopted.counts() == {"created": 1, "imported": 1, "changes": 2}, adopted.output
    assert with_option.counts() == {"unchanged": 2}, with_option.output
    assert without_option.counts() == {"unchanged": 2}, without_option.output
    # The engine keeps what the import found as the inputs until the next run, so that one is the first after it.
    assert [is_told(up) for up in (adopted, with_option, without_option)] == [True, True, False]

    emulator.forget(by_hand.key_id)

    assert stack.preview().counts() == {"to replace": 1, "unchanged": 1}


def test_a_change_of_triggers_replaces_an_imported_key_with_one_whose_secret_is_known(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    by_hand = emulator.add_key(project, "deploy")
    assert stack.import_key("deploy", f"{project}/{by_hand.key_id}").ok
    stack.declare({"deploy": {"args": {"project_id": project, "name": "deploy", "triggers": {"adopted": 1}}}})

    up = stack.up()

    assert up.counts()["replaced"] == 1, up.output
    assert emulator.verify(stack.outputs()["deploy.key"])
    assert [key.state for key in emulator.keys(project)] == ["revoked", "active"]


def test_a_life_that_the_program_gives_takes_the_place_of_the_imported_end(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    by_hand = emulator.add_key(project, "deploy", expires_at="2099-01-01T00:00:00Z")
    assert stack.import_key("deploy", f"{project}/{by_hand.key_id}").ok
    stack.declare({"deploy": {"args": {"project_id": project, "renew_before": "5d"}}})
    refused = stack.preview()
    stack.declare({"deploy": {"args": {"project_id": project, "renew_before": "5d", "expires_in": "90d"}}})

    up, again = stack.up(), stack.up()

    assert "can't work with a fixed expiresAt" in refused.output
    assert up.counts()["replaced"] == 1, up.output
    assert again.counts() == {"unchanged": 2}, again.output
    (made,) = emulator.active_keys(project)
    assert made.expires_at is not None
    assert not made.expires_at.startswith("2099")


def test_an_admin_managed_key_is_imported_with_a_warning_and_survives_a_destroy(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    managed = emulator.add_key(project, "deploy", is_admin_managed=True)

    imported = stack.import_key("deploy", f"{project}/{managed.key_id}")
    before = stack.facts()
    destroy = stack.destroy()

    assert imported.ok
    assert len(imported.warnings()) == 1
    assert "is managed by administrators" in imported.warnings()[0]
    assert not destroy.ok
    (error,) = destroy.errors()
    assert 'could not revoke API key "deploy"' in error
    assert "admin-managed keys can't be revoked through the API" in error
    assert stack.facts() == before


@pytest.mark.parametrize(
    ("key_id", "reason"),
    [
        pytest.param("revoked", "it is revoked. Only an active key can be read or taken over", id="revoked"),
        pytest.param("unknown", "it is absent. Only an active key can be read or taken over", id="unknown"),
        pytest.param("without a project", "names no project: use projectId/keyId", id="without a project"),
        pytest.param("no id", "it is absent", id="no id"),
    ],
)
def test_what_can_not_be_imported_is_told_with_the_reason(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, key_id: str, reason: str
) -> None:
    stack = new_stack()
    ids = {
        "revoked": f"{project}/{emulator.add_key(project, is_active=False).key_id}",
        "unknown": f"{project}/{uuid4()}",
        "without a project": str(uuid4()),
        "no id": f"{project}/deploy",
    }

    imported = stack.import_key("deploy", ids[key_id])

    assert not imported.ok
    (error,) = imported.errors()
    assert reason in error
    assert not imported.shows_traceback()
    assert "deploy" not in stack.facts()


@pytest.mark.parametrize(
    ("kind", "needed"), [("APIKey", {}), ("RotatingAPIKey", {"rotate_every": "90d", "overlap": "7d"})]
)
def test_a_key_whose_secret_is_at_hand_is_imported_with_it_and_another_secret_is_refused(
    stack: Stack, emulator: Emulator, project: str, kind: str, needed: dict[str, str]
) -> None:
    by_hand, another = emulator.add_key(project, "deploy"), emulator.add_key(project, "another")
    assert by_hand.key is not None
    assert another.key is not None
    stack.declare({"deploy": {"type": kind, "args": {"project_id": project, "name": "deploy", **needed}}})
    key_id = f"{project}/{by_hand.key_id}"

    refused = stack.under(APIKEYS_IMPORT_SECRET=another.key).import_key("deploy", key_id, kind)

    assert not refused.ok
    assert "APIKEYS_IMPORT_SECRET: is not the secret of API key" in refused.output
    assert stack.facts() == {} or "deploy" not in stack.facts()

    imported = stack.under(APIKEYS_IMPORT_SECRET=by_hand.key).import_key("deploy", key_id, kind)
    preview, up = stack.preview("--diff"), stack.up()

    assert imported.counts()["imported"] == 1, imported.output
    assert preview.warnings() == up.warnings() == []
    assert up.counts() == {"unchanged": 2}, up.output
    assert stack.outputs()["deploy.key"] == by_hand.key
    assert emulator.counts()["create"] == 0
    said = "".join(result.output for result in (refused, imported, preview, up))
    files = b"".join(path.read_bytes() for path in stack.folder.rglob("*") if path.is_file())
    for secret in (by_hand.key, another.key):
        assert secret not in said
        assert secret.encode() not in files
