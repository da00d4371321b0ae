"""Keys that ended behind Pulumi's back: revoked by hand, removed, expired."""

from __future__ import annotations

from collections.abc import Callable

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import both

LONG_AGO = "2020-01-01T00:00:00Z"
ENDED = ("revoked", "removed", "expired")


def with_dependents(project: str, *names: str) -> dict[str, dict[str, object]]:
    keys: dict[str, dict[str, object]] = {name: {"args": {"project_id": project}} for name in names}
    services: dict[str, dict[str, object]] = {
        f"uses-{name}": {"type": "Consumer", "args": {"key": {"$output": f"{name}.key"}}} for name in names
    }
    return keys | services


@both
def test_are_seen_by_a_plain_preview_and_healed_by_a_plain_up(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare(with_dependents(project, *ENDED, "kept"))
    assert stack.up().ok
    before = stack.outputs()
    emulator.revoke(before["revoked.key_id"])
    emulator.forget(before["removed.key_id"])
    emulator.patch_key(before["expired.key_id"], expires_at=LONG_AGO)

    # What the API leaves open: whether a list shows keys that have ended, and how.
    emulator.set_behaviour(revoked_keys="listed", expired_keys="active")
    preview = stack.preview()
    emulator.set_behaviour(revoked_keys="absent", expired_keys="inactive")
    same_preview = stack.preview()

    for seen in (preview, same_preview):
        assert seen.counts() == {"to replace": 3, "to update": 3, "unchanged": 3, "changes": 6}, seen.output
        for name in ENDED:
            assert f"is replaced: API key {before[f'{name}.key_id']}" in seen.output
    assert emulator.counts()["create"] == 4

    healing = stack.up()

    assert healing.counts() == {"replaced": 3, "updated": 3, "unchanged": 3, "changes": 6}, healing.output
    after = stack.outputs()
    assert after["kept.key"] == before["kept.key"]
    for name in ENDED:
        assert after[f"{name}.key_id"] != before[f"{name}.key_id"]
        assert emulator.verify(after[f"{name}.key"])
    assert len(emulator.active_keys(project)) == 4
    again = stack.up()

    assert again.counts() == {"unchanged": 9}, again.output


@both
def test_are_seen_by_a_refresh_alone_where_detect_revoked_is_off(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack(environment={"APIKEYS_DETECT_REVOKED": "false"})
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert stack.up().ok
    emulator.revoke(stack.outputs()["deploy.key_id"])

    plain = stack.preview()
    healing = stack.up("--refresh")

    assert plain.counts() == {"unchanged": 2}, plain.output
    assert healing.counts() == {"created": 1, "unchanged": 1}, healing.output
    assert emulator.verify(stack.outputs()["deploy.key"])


@both
def test_are_seen_as_soon_as_detect_revoked_is_on_again(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack(environment={"APIKEYS_DETECT_REVOKED": "false"})
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert stack.up().ok
    emulator.revoke(stack.outputs()["deploy.key_id"])
    assert stack.up().counts() == {"unchanged": 2}

    seeing = stack.under(APIKEYS_DETECT_REVOKED="true").preview()

    assert seeing.counts() == {"to replace": 1, "unchanged": 1}, seeing.output


@both
def test_do_not_keep_a_run_from_being_for_one_new_resource_alone(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert stack.up().ok
    emulator.revoke(stack.outputs()["deploy.key_id"])
    stack.declare({name: {"args": {"project_id": project}} for name in ("deploy", "second")})
    kind = stack.resource("deploy")["type"]

    up = stack.up("--target", f"urn:pulumi:{stack.name}::infra::{kind}::second")

    assert up.ok, up.output
    assert up.counts()["created"] == 1, up.output
    assert "replaced" not in up.counts()


@both
def test_are_no_hindrance_to_a_destroy(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare({name: {"args": {"project_id": project}} for name in (*ENDED, "kept")})
    assert stack.up().ok
    outputs = stack.outputs()
    emulator.revoke(outputs["revoked.key_id"])
    emulator.forget(outputs["removed.key_id"])
    emulator.patch_key(outputs["expired.key_id"], expires_at=LONG_AGO)

    destroy = stack.destroy()

    assert destroy.ok, destroy.output
    assert emulator.active_keys(project) == []
    assert stack.facts() == {}
