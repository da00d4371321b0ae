"""examples/rotation as it stands: the README's commands, the scheduled jobs, and the emergency."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from apikeys_emulator.testing import Emulator
from harness.served import ServedPlugin
from harness.stack import bare_environment
from harness.world import Time

EXAMPLE = Path(__file__).parents[2] / "examples" / "rotation" / "python"


def readme(heading: str) -> list[str]:
    """The `pulumi` commands of a part of the README."""
    part = (EXAMPLE / "README.md").read_text().partition(heading)[2]
    block = part.partition("```sh\n")[2].partition("```")[0]
    return installed([line for line in block.splitlines() if line.startswith("pulumi ")])


def github_job() -> list[str]:
    """The commands of the GitHub workflow that need no network."""
    workflow = yaml.safe_load((EXAMPLE / ".github" / "workflows" / "rotate.yml").read_text())
    return installed([step["run"] for step in workflow["jobs"]["rotate"]["steps"] if "run" in step])


def gitlab_job() -> list[str]:
    """The commands of the GitLab job that need no network."""
    return installed(yaml.safe_load((EXAMPLE / ".gitlab-ci.yml").read_text())["rotate"]["script"])


def installed(commands: list[str]) -> list[str]:
    return [command for command in commands if command != "pulumi install --no-plugins"]


@dataclass
class Checkout:
    """A checkout of the example with the emulator in the place of the API, and a shell in it."""

    folder: Path
    environment: dict[str, str]

    def run(self, commands: list[str]) -> str:
        """Run commands, which must succeed."""
        assert commands
        done = subprocess.run(
            ["bash", "-e", "-c", "\n".join(commands)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def keys(self) -> list[str]:
        """The keys that the service finds in its settings."""
        settings = dict(line.split("=", 1) for line in (self.folder / "settings.env").read_text().splitlines())
        return [settings[name] for name in ("API_KEY", "API_KEY_PREVIOUS") if settings[name]]


def checkout(folder: Path, engine_bin: Path, url: str, project: str, port: int) -> Checkout:
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    config = folder / "Pulumi.prod.yaml"
    text = config.read_text().replace("https://api.example.com", url)
    config.write_text(re.sub(r"projectId: \S+", f"projectId: {project}", text))
    (folder / "state").mkdir()
    (folder / "venv").symlink_to(sys.prefix)
    own = {
        "HOME": str(folder),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "correct horse",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DEBUG_PROVIDERS": f"apikeys:{port}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Checkout(folder, {**bare_environment(engine_bin), **own})


def test_the_service_has_a_working_key_through_rotation_retirement_and_emergency(
    tmp_path: Path, engine_bin: Path, emulator: Emulator, project: str
) -> None:
    now = Time(emulator)
    with ServedPlugin(now.clock, {"APIKEYS_TOKEN": now.token()}) as plugin:
        repository = checkout(tmp_path / "checkout", engine_bin, emulator.url, project, plugin.port)

        repository.run(readme("To begin"))
        (first,) = repository.keys()
        assert emulator.verify(first)
        assert (repository.folder / "settings.env").stat().st_mode & 0o777 == 0o600

        now.pass_by(days=30)
        rotated = repository.run(github_job())
        assert "rotates: due since " in rotated
        second, previous = repository.keys()
        assert previous == first
        assert emulator.verify(second)
        assert emulator.verify(previous)

        now.pass_by(days=8)
        assert "revokes the previous key: its overlap was over on " in repository.run(gitlab_job())
        assert repository.keys() == [second]
        assert not emulator.verify(first)

        assert "rotates: emergencyTriggers changed" in repository.run(readme("## In an emergency"))
        (third,) = repository.keys()
        assert emulator.verify(third)
        assert not emulator.verify(second)
        assert len(emulator.active_keys(project)) == 1
