"""The examples in every language, as they stand, on the engine: programs, SDKs from their packages, secret outputs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from apikeys_emulator.testing import Emulator
from harness import installed, keeper, packages
from harness.engine import hosts_folder
from harness.stack import Result, bare_environment

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples"
PROGRAMS = [
    *(("basic", language) for language in ("typescript", "go", "yaml", "python")),
    *(("rotation", language) for language in ("typescript", "go", "yaml")),
]
"""All but the rotation in Python, whose days `test_rotation_example.py` lives through."""
SECRETS = {"basic": {"deployKey", "reportsKey"}, "rotation": {"key", "previousKey"}}
PLAIN = {
    "basic": {"deployKeyId", "deployKeyExpiresAt", "reportsKeyId", "reportsKeyName"},
    "rotation": {"keyId", "nextRotationAt", "previousRevokesAt"},
}


@dataclass
class Example:
    """A copy of an example with the SDKs and the plugin of the checkout at the paths that it names."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> Result:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Result(done.returncode, done.stdout)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs as the state has them: secrets are not shown."""
        file = self.folder / "state" / ".pulumi" / "stacks"
        (state,) = file.glob("*/dev.json")
        (stack,) = [
            resource
            for resource in json.loads(state.read_text())["checkpoint"]["latest"]["resources"]
            if resource["type"] == "pulumi:pulumi:Stack"
        ]
        outputs: dict[str, Any] = stack["outputs"]
        return outputs


@pytest.fixture
def new_example(tmp_path: Path, engine_bin: Path, emulator: Emulator, project: str) -> Callable[[str, str], Example]:
    """Copies an example of a scenario in a language, with the emulator in the place of the API."""
    bare = bare_environment(engine_bin)
    common = {
        **bare,
        "PATH": f"{hosts_folder()}:{bare['PATH']}",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "APIKEYS_ENDPOINT": emulator.url,
        "APIKEYS_TOKEN": emulator.token(ttl_seconds=3600),
        "APIKEYS_PROJECT_ID": project,
        **keeper.environment(),
    }

    def copy(scenario: str, language: str) -> Example:
        folder = tmp_path / "examples" / scenario / language
        kept_out = shutil.ignore_patterns("node_modules", "__pycache__", "venv", "Pulumi.*.yaml")
        shutil.copytree(EXAMPLES / scenario / language, folder, ignore=kept_out)
        for name in ("sdk", "plugin"):
            (tmp_path / name).symlink_to(CHECKOUT / name)
        (folder / "state").mkdir()
        own = {
            "HOME": str(folder),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        }
        if language == "python":
            (folder / "venv").symlink_to(sys.prefix)
            own |= installed.environment("")
        if language == "typescript":
            (folder / "node_modules").symlink_to(packages.node_modules())
        if language == "go":
            own |= packages.go_environment()
        return Example(folder, {**common, **own})

    return copy


@pytest.mark.timeout(600)  # the first compilation of Pulumi's Go SDK
@pytest.mark.parametrize(("scenario", "language"), PROGRAMS)
def test_an_example_mints_keys_whose_secrets_are_secret_outputs(
    new_example: Callable[[str, str], Example], emulator: Emulator, project: str, scenario: str, language: str
) -> None:
    program = new_example(scenario, language)
    if language in {"go", "yaml"}:
        install = program.run("install", "--no-plugins")
        assert install.ok, install.output
    assert program.run("stack", "init", "dev", "--secrets-provider", keeper.SECRETS_PROVIDER).ok

    up = program.run("up", "--yes", "--skip-preview")

    assert up.ok, up.output
    # The hosts that are built here stand in a folder of their own; those of an installed Pulumi stand beside it.
    told = [line for line in up.output.splitlines() if "arning" in line and "using pulumi-language-" not in line]
    assert not [line for line in told if "1 warning" not in line], up.output
    outputs = program.outputs()
    assert outputs.keys() >= SECRETS[scenario] - {"previousKey"}
    for name in outputs.keys() & SECRETS[scenario]:
        assert "ciphertext" in outputs[name], (name, outputs[name])
    for name in outputs.keys() & PLAIN[scenario]:
        assert isinstance(outputs[name], str), (name, outputs[name])
    shown = json.loads(program.run("stack", "output", "--json", "--show-secrets").output)
    for name in SECRETS[scenario] - {"previousKey"}:
        assert emulator.verify(shown[name])
    assert len(emulator.active_keys(project)) == {"basic": 2, "rotation": 1}[scenario]


@pytest.mark.timeout(600)  # an environment for the provider, and npm's
def test_a_fresh_clone_needs_pulumi_install_and_no_more(
    tmp_path: Path, new_example: Callable[[str, str], Example], emulator: Emulator, project: str
) -> None:
    """In TypeScript: the SDK is compiled and the provider installed from the clone, by what Pulumi starts."""
    environment = new_example("basic", "yaml").environment
    clone = tmp_path / "clone"
    for name in subprocess.check_output(["git", "ls-files"], cwd=CHECKOUT, text=True).splitlines():
        if not name.startswith("tests/") and (CHECKOUT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, clone / name)
    program = Example(clone / "examples" / "basic" / "typescript", environment)

    install = program.run("install", "--no-plugins")
    assert install.ok, install.output
    assert program.run("stack", "init", "dev", "--secrets-provider", keeper.SECRETS_PROVIDER).ok
    up = program.run("up", "--yes", "--skip-preview")

    assert up.ok, up.output
    assert len(emulator.active_keys(project)) == 2
    assert (clone / "plugin" / "venv" / "made").exists()
