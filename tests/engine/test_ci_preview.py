"""The workflows of examples/ci-preview: their commands run as written, with the environment that they declare."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from apikeys_emulator.testing import Emulator
from harness.released import released
from harness.stack import bare_environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "ci-preview" / "python"
WORKFLOWS = EXAMPLE / ".github" / "workflows"
System = Literal["GitHub", "GitLab"]
FETCHES = "curl "
"""How the command begins that fetches what an earlier job left; in the tests it is there."""
INSTALLS = "python -m pip install"
"""How the commands begin that each job installs by. They run as written, once, for the first job on a machine."""


@dataclass(frozen=True)
class Job:
    """A job's commands and the environment that its file declares."""

    commands: list[str]
    environment: dict[str, str]


def job(system: System, name: str) -> Job:
    """A job by its name: `preview`, `preview-trusted`, `up` or `rotate`."""
    if system == "GitLab":
        file = yaml.safe_load((EXAMPLE / ".gitlab-ci.yml").read_text())
        found = file["up" if name == "rotate" else name]
        return Job([*file["default"]["before_script"], *found["script"]], found.get("variables", {}))
    workflow = {"preview": "preview", "rotate": "rotate"}.get(name, "deploy")
    file = yaml.safe_load((WORKFLOWS / f"{workflow}.yml").read_text())
    found = file["jobs"][name.removesuffix("-trusted")]
    runs = [step["run"] for step in found["steps"] if "run" in step]
    return Job([line for run in runs for line in lines_of(run)], found["env"])


def lines_of(run: str) -> list[str]:
    """The commands of a step, one each for those that install."""
    lines = run.splitlines()
    return lines if all(line.startswith(INSTALLS) for line in lines) else [run]


@dataclass
class Runner:
    """A machine of a CI: what its jobs get besides, and the variables and secrets that are set there."""

    home: Path
    engine_bin: Path
    settings: dict[str, str]
    venv: Path | None = None
    """An environment with nothing in it before the first job, or the one of the tests."""
    ready: bool = False

    def checkout(self, folder: Path, emulator: Emulator, project: str) -> Path:
        """The repository as a job finds it, with the emulator in the place of the API."""
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        if self.venv:
            (folder / "wheels").mkdir()
            for wheel in released("python").glob("*.whl"):
                shutil.copy(wheel, folder / "wheels")
        config = folder / "Pulumi.prod.yaml"
        text = config.read_text().replace("https://api.example.com", emulator.url)
        config.write_text(re.sub(r"projectId: \S+", f"projectId: {project}", text))
        return folder

    def run(self, job: Job, folder: Path, *, trusted: bool) -> subprocess.CompletedProcess[str]:
        """Run a job's commands with the shell of a CI; only a trusted one gets the settings."""
        self.home.mkdir(exist_ok=True)
        declared = {
            name: re.sub(r"\$\{\{ (?:vars|secrets)\.(\w+) \}\}", lambda named: self.settings[named[1]], value)
            for name, value in job.environment.items()
        }
        assert trusted or declared == job.environment
        own = {"HOME": str(self.home), "PULUMI_HOME": str(self.home / ".pulumi")}
        skipped = FETCHES if self.venv and not self.ready else (FETCHES, INSTALLS)
        commands = [command for command in job.commands if not command.startswith(skipped)]
        environment = bare_environment(self.engine_bin)
        if self.venv:
            self.ready = self.ready or any(command.startswith(INSTALLS) for command in commands)
            own["PATH"] = os.pathsep.join([str(self.venv / "bin"), str(self.engine_bin), os.environ["PATH"]])
        return subprocess.run(
            ["bash", "-e", "-c", "\n".join(commands)],
            cwd=folder,
            env={**environment, **own, **(self.settings if trusted else {}), **declared},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )


@pytest.fixture
def emulator(own_emulator: Emulator) -> Emulator:
    return own_emulator


@pytest.fixture
def runner(tmp_path: Path, engine_bin: Path, emulator: Emulator) -> Runner:
    backend = tmp_path / "backend"
    backend.mkdir()
    settings = {
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_CONFIG_PASSPHRASE": "the passphrase of prod",
        "APIKEYS_CLERK_SECRET_KEY": emulator.clerk_secret_key,
        "APIKEYS_CLERK_SESSION_ID": "sess_of_the_pipeline",
        "APIKEYS_CLERK_API_URL": emulator.url,
    }
    return Runner(tmp_path / "home", engine_bin, settings)


def values(node: Any) -> list[str]:
    """Every scalar of a YAML document."""
    if isinstance(node, dict):
        return [text for pair in node.items() for item in pair for text in values(item)]
    if isinstance(node, list):
        return [text for item in node for text in values(item)]
    return [str(node)]


def test_no_job_for_pull_requests_is_given_a_secret() -> None:
    workflow = yaml.safe_load((WORKFLOWS / "preview.yml").read_text())
    assert workflow[True] == "pull_request"  # YAML 1.1 reads `on` so
    assert workflow["permissions"] == {"contents": "read"}
    assert not [text for text in values(workflow) if "secrets." in text or "${{" in text]
    assert "environment" not in workflow["jobs"]["preview"]
    assert job("GitHub", "preview").environment == job("GitLab", "preview").environment


@pytest.mark.parametrize("name", ["preview", "preview-trusted", "up", "rotate"])
def test_every_job_installs_the_same_way_by_hash_and_from_files(name: str) -> None:
    commands = [[c for c in job(system, name).commands if c.startswith(INSTALLS)] for system in ("GitHub", "GitLab")]
    assert commands[0] == commands[1]
    named, held = commands[0]
    assert "--require-hashes" in named
    assert "--no-index --no-deps wheels/*.whl" in held


@pytest.mark.parametrize("name", ["preview", "deploy", "rotate"])
def test_workflows_may_do_little_and_name_the_versions_of_their_actions(name: str) -> None:
    workflow = yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    used = [step["uses"] for each in workflow["jobs"].values() for step in each["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+(/[\w-]+)+@v\d+", action) for action in used)
    checkouts = [
        step["with"]
        for each in workflow["jobs"].values()
        for step in each["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert checkouts == [{"persist-credentials": False}] * len(workflow["jobs"])


@pytest.mark.parametrize("system", ["GitHub", "GitLab"])
def test_the_jobs_do_as_the_recipe_says(
    system: System, runner: Runner, tmp_path: Path, emulator: Emulator, project: str
) -> None:
    if system == "GitHub":
        runner.venv = tmp_path / "venv"
        subprocess.run([sys.executable, "-m", "venv", runner.venv], check=True)
    first = runner.checkout(tmp_path / "first", emulator, project)
    init = Job(["pulumi stack init prod --non-interactive"], job(system, "up").environment)
    assert runner.run(init, first, trusted=True).returncode == 0
    for name in ("preview-trusted", "up"):
        done = runner.run(job(system, name), first, trusted=True)
        assert done.returncode == 0, done.stdout
    assert len(emulator.active_keys(project)) == 2
    left = first / "preview-state.json"
    assert "ciphertext" not in left.read_text()

    # The main branch has the salt of its passphrase committed; the pull request adds a key and changes another.
    request = runner.checkout(tmp_path / "request", emulator, project)
    shutil.copy(first / "Pulumi.prod.yaml", request)
    assert "encryptionsalt" in (request / "Pulumi.prod.yaml").read_text()
    shutil.copy(left, request)
    program = request / "__main__.py"
    changed = program.read_text().replace('"reports:read"', '"reports:write"')
    program.write_text(changed + '\napikeys.APIKey("metrics", expires_in="90d")\n')
    port = int(emulator.url.rpartition(":")[2])
    emulator.stop()
    preview = runner.run(job(system, "preview"), request, trusted=False)

    assert preview.returncode == 0, preview.stdout
    assert "+ 1 to create" in preview.stdout, preview.stdout
    assert "+-1 to replace" in preview.stdout, preview.stdout
    assert "2 unchanged" in preview.stdout, preview.stdout
    assert preview.stdout.count("the provider is offline") == 1

    emulator.start(port)
    second = runner.checkout(tmp_path / "second", emulator, project)
    shutil.copy(first / "Pulumi.prod.yaml", second)
    emulator.revoke(next(key.key_id for key in emulator.active_keys(project) if key.name.startswith("reports")))
    rotate = runner.run(job(system, "rotate"), second, trusted=True)
    assert rotate.returncode == 0, rotate.stdout
    assert len(emulator.active_keys(project)) == 2


@pytest.mark.parametrize("system", ["GitHub", "GitLab"])
def test_a_pull_request_before_the_first_deployment_is_previewed_too(
    system: System, runner: Runner, tmp_path: Path, emulator: Emulator, project: str
) -> None:
    request = runner.checkout(tmp_path / "request", emulator, project)

    preview = runner.run(job(system, "preview"), request, trusted=False)

    assert preview.returncode == 0, preview.stdout
    assert "+ 3 to create" in preview.stdout, preview.stdout
    assert set(emulator.counts().values()) == {0}
