"""`apikeys` over three real stacks, one of them with the dynamic provider, and three hundred keys made by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from apikeys_emulator.testing import EmulatedKey, Emulator
from harness.command_line import Said, apikeys
from harness.stack import Stack
from harness.variants import DYNAMIC
from pulumi_resource_apikeys.model.times import format_instant

FOR_GOOD = {"expires_in": "365d", "renew_before": "14d"}


def ago(days: float) -> str:
    return format_instant(datetime.now(timezone.utc) - timedelta(days=days))


def made_by_hand(emulator: Emulator, project: str) -> dict[str, list[EmulatedKey]]:
    """Three hundred keys of every kind, by what is found of them beside that nobody manages them."""
    used: dict[str, Any] = {"created_at": ago(200), "last_used_at": ago(1)}
    kinds: dict[str, tuple[int, dict[str, Any]]] = {
        "in use": (100, used),
        "unused": (60, {**used, "last_used_at": ago(100)}),
        "never-used": (50, {"created_at": ago(8)}),
        "just made": (10, {}),
        "expiring": (30, {**used, "expires_at": ago(-10)}),
        "expired": (20, {**used, "expires_at": ago(10)}),
        "admin-managed": (10, {**used, "is_admin_managed": True}),
        "revoked": (20, {**used, "is_active": False}),
    }
    return {kind: emulator.add_keys(count, project, kind, **facts) for kind, (count, facts) in kinds.items()}


def without(state: dict[str, Any], name: str) -> dict[str, Any]:
    """A state without a resource, as one that was put back is."""
    deployment = state["deployment"]
    left = [record for record in deployment["resources"] if not record["urn"].endswith(f"::{name}")]
    return {"deployment": {**deployment, "resources": left}}


def secrets(stack: Stack, by_hand: dict[str, list[EmulatedKey]]) -> list[str]:
    """The secrets of keys made by hand, and those of a stack's rotating key `ci`."""
    outputs = stack.facts()["ci"]["outputs"]
    made = [json.loads(outputs[name]["plaintext"]) for name in ("key", "previousKey")]
    return [*made, *(key.key for keys in by_hand.values() for key in keys)]


def found(said: Said, kind: str) -> set[tuple[str | None, str]]:
    """The stacks and resources, or the ids of keys, with that finding."""
    findings = [finding for finding in said.json()["findings"] if finding["kind"] == kind]
    return {(one["stack"], one["urn"].rpartition("::")[2] if one["urn"] else one["keyId"]) for one in findings}


def test_each_finding_is_right_and_what_is_picked_is_taken_over(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, tmp_path: Path
) -> None:
    args = {"project_id": project}
    rotating = {**args, "rotate_every": "30d", "overlap": "7d", "expires_after": "60d"}
    prod, staging = new_stack("prod", name="prod"), new_stack("staging", name="staging")
    shop = new_stack("shop", name="shop", module=DYNAMIC)
    for version in (1, 2):
        ci = {"type": "RotatingAPIKey", "args": {**rotating, "triggers": {"v": version}}}
        prod.declare({"deploy": {"args": {**args, **FOR_GOOD}}, "dead": {"args": {**args, **FOR_GOOD}}, "ci": ci})
        assert prod.up().ok
    emulator.revoke(prod.resource("dead")["outputs"]["keyId"])
    staging.declare({"deploy": {"args": args}, "lost": {"args": {**args, **FOR_GOOD}}})
    assert staging.up().ok
    late = {**args, "rotate_every": "2ms", "overlap": "1ms", "expires_after": "60d"}
    shop.declare({"worker": {"type": "RotatingAPIKey", "args": late}})
    assert shop.up().ok
    emulator.set_clock(offset_seconds=60)  # answers are dated to the second
    by_hand = made_by_hand(emulator, project)
    lost = staging.resource("lost")["outputs"]["keyId"]
    files = {"staging": without(staging.state(), "lost"), "shop": shop.state()}
    for name, state in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(state))

    def run(*arguments: str) -> Said:
        states = [f"--state={tmp_path / name}.json" for name in files]
        where = {**prod.env(), "APIKEYS_PROJECT_ID": project}
        return apikeys(*arguments, "--stack=prod", f"--cwd={prod.folder}", *states, environment=where, folder=tmp_path)

    said = run("audit", "--json", "--fail-on", "orphaned,expiring=14d")

    assert said.status == 1, said.err
    assert said.json()["counts"] == {
        "unmanaged": 100 + 60 + 50 + 10 + 30 + 10,
        "orphaned": 1,
        "expired": 20,
        "expiring": 30,
        "unused": 60,
        "never-used": 50,
        "admin-managed": 10,
        "dead-key": 1,
        "rotation-overdue": 1,
        "schedule-too-rare": 1,
        "no-end": 1,
    }
    for kind in ("expired", "expiring", "unused", "never-used", "admin-managed"):
        assert found(said, kind) == {(None, key.key_id) for key in by_hand[kind]}
    assert found(said, "orphaned") == {("infra/staging", lost)}
    assert found(said, "dead-key") == {("infra/prod", "dead")}
    assert found(said, "rotation-overdue") == found(said, "schedule-too-rare") == {("infra/shop", "worker")}
    assert found(said, "no-end") == {("infra/staging", "deploy")}
    relations = Counter(key["relation"] for key in said.json()["keys"])
    assert relations == {"unmanaged": 260 + 20, "managed": 4, "previous": 1, "orphaned": 1}
    assert {finding["kind"] for finding in said.json()["findings"] if finding["failing"]} == {"orphaned", "expiring"}
    page = run("report", "--html", "-")
    for secret in secrets(prod, by_hand):
        assert secret not in said.out + said.err + page.out

    picked = [by_hand["in use"][0], by_hand["never-used"][0]]
    adopted = run("adopt", *(key.key_id for key in picked), "--import-file", str(staging.folder / "import.json"))
    assert adopted.status == 0, adopted.err
    imported = staging.run(
        "import", "--file", "import.json", "--generate-code=false", "--yes", "--skip-preview", "--stack", staging.name
    )
    assert imported.ok, imported.output
    taken = {
        name: {"args": {**args, "name": key.name}, "options": {"protect": True}}
        for name, key in zip(("in-use-1", "never-used-1"), picked, strict=True)
    }
    staging.declare({"deploy": {"args": args}, "lost": {"args": {**args, **FOR_GOOD}}, **taken})
    done = staging.up()
    assert done.ok, done.output
    assert done.counts().get("unchanged") == 5, done.output
    (tmp_path / "staging.json").write_text(json.dumps(staging.state()))
    again = run("audit", "--json")
    assert again.json()["counts"]["unmanaged"] == 260 - len(picked)
    assert "orphaned" not in again.json()["counts"]
