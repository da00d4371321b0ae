"""The workflows of examples/audit: their commands run as written, and what they may do is as little as it says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from apikeys_emulator.testing import Emulator
from harness import keeper
from harness.stack import bare_environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "audit" / "python"
GH = Path(__file__).parents[1] / "harness" / "gh"
OTHERS = {"7": "Looks good to me"}


def workflow(name: str) -> dict[Any, Any]:
    read: dict[Any, Any] = yaml.safe_load((EXAMPLE / ".github" / "workflows" / f"{name}.yml").read_text())
    return read


@dataclass
class Runner:
    """A machine of a CI, with a checkout of the example."""

    folder: Path
    environment: dict[str, str]
    project: str
    url: str

    def run(self, name: str, **context: str) -> int:
        """Run the commands of a workflow's job, as GitHub does: after one that failed, those that ask for it.

        `context` is what stands for the workflow's expressions. The status is that of the first that failed.
        """
        (job,) = workflow(name)["jobs"].values()
        text = {option: str(value) for option, value in job["env"].items()}
        text = {
            option: re.sub(r"\$\{\{ (.*?) \}\}", lambda one: context[one[1]], value) for option, value in text.items()
        }
        if name == "audit":
            text |= {"APIKEYS_ENDPOINT": self.url, "APIKEYS_PROJECT_ID": self.project}
        failed = 0
        for step in job["steps"]:
            skipped = failed and step.get("if") != "${{ !cancelled() }}"
            if "run" in step and not skipped and not step["run"].startswith("python -m pip "):
                done = self.shell(step["run"], text)
                failed = failed or done.returncode
        return failed

    def shell(self, command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a command with the shell of a CI."""
        return subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )


@pytest.fixture
def runner(tmp_path: Path, engine_bin: Path, emulator: Emulator, project: str) -> Runner:
    folder = tmp_path / "checkout"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    config = folder / "Pulumi.prod.yaml"
    text = config.read_text().replace("https://api.example.com", emulator.url)
    config.write_text(re.sub(r"projectId: \S+", f"projectId: {project}", text))
    (tmp_path / "backend").mkdir()
    (tmp_path / "comments.json").write_text(json.dumps(OTHERS))
    known = bare_environment(engine_bin)
    own = {
        "HOME": str(tmp_path),
        "PULUMI_HOME": str(tmp_path / ".pulumi"),
        "PATH": f"{GH}:{known['PATH']}",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GH_COMMENTS": str(tmp_path / "comments.json"),
    }
    return Runner(folder, {**known, **own}, project, emulator.url)


def test_the_audit_fails_for_a_key_made_by_hand_and_the_comment_follows_it(
    runner: Runner, tmp_path: Path, emulator: Emulator, project: str
) -> None:
    backend = f"file://{tmp_path / 'backend'}"
    trusted = {
        "PULUMI_BACKEND_URL": backend,
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "APIKEYS_TOKEN": emulator.token(),
        **keeper.environment(),
    }
    for command in (
        f"pulumi stack init prod --non-interactive --secrets-provider {keeper.SECRETS_PROVIDER}",
        "pulumi up --stack prod --yes --skip-preview --non-interactive",
    ):
        done = runner.shell(command, trusted)
        assert done.returncode == 0, done.stdout
    by_hand = emulator.add_key(project, "by hand | @everyone")
    asked = {
        "secrets.APIKEYS_CLERK_SECRET_KEY": emulator.clerk_secret_key,
        "secrets.APIKEYS_CLERK_SESSION_ID": "sess_of_the_pipeline",
        "vars.PULUMI_BACKEND_URL": backend,
    }
    runner.environment["APIKEYS_CLERK_API_URL"] = emulator.url
    request = {
        "github.token": "token",
        "github.repository": "acme/infra",
        "github.event.pull_request.number": "12",
    }

    def comments() -> dict[str, str]:
        read: dict[str, str] = json.loads((tmp_path / "comments.json").read_text())
        return read

    assert runner.run("comment", **request) == 0
    assert comments() == OTHERS

    assert runner.run("audit", **asked) == 1
    assert by_hand.key_id in (tmp_path / "summary.md").read_text()
    results = json.loads((runner.folder / "audit.sarif").read_text())["runs"][0]["results"]
    assert [result["ruleId"] for result in results if result["level"] == "error"] == ["unmanaged"]
    assert runner.run("comment", **request) == 0
    (mine,) = comments().keys() - OTHERS.keys()
    assert by_hand.key_id in comments()[mine]

    emulator.revoke(by_hand.key_id)
    assert runner.run("audit", **asked) == 0
    assert runner.run("comment", **request) == 0
    assert comments().keys() == {mine, *OTHERS}
    assert "2 keys: 2 managed" in comments()[mine]
    assert by_hand.key_id not in comments()[mine]


def test_the_job_of_pull_requests_holds_no_secret_and_runs_nothing_of_theirs() -> None:
    comment = workflow("comment")
    assert comment[True] == "pull_request"  # YAML 1.1 reads `on` so
    assert comment["permissions"] == {"pull-requests": "write"}
    (job,) = comment["jobs"].values()
    assert "head.repo.full_name == github.repository" in job["if"]
    assert "secrets." not in str(comment)
    assert not [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout")]
    assert not [step for step in job["steps"] if "${{" in step.get("run", "")]


def test_the_audit_may_change_nothing_and_names_the_versions_of_its_actions() -> None:
    audit = workflow("audit")
    assert audit["permissions"] == {"contents": "read", "security-events": "write"}
    assert audit[True]["schedule"]
    (job,) = audit["jobs"].values()
    assert "PULUMI_CONFIG_PASSPHRASE" not in job["env"]
    for each in (audit, workflow("comment")):
        used = [step["uses"] for one in each["jobs"].values() for step in one["steps"] if "uses" in step]
        assert used
        assert all(re.fullmatch(r"[\w-]+(/[\w-]+)+@v\d+", action) for action in used)
