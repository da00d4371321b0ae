"""A stack of the real Pulumi program: a program from a table of resources, its commands, and what they left."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness import installed, keeper, warm
from harness.variants import PLUGIN

PROGRAM = Path(__file__).with_name("program")
ENGINE_SUMMARIES = ("update failed", "preview failed", "Resource monitor has terminated, shutting down")
"""How the engine's own words begin about a run in which something else failed, which it tells too."""
TRACEBACK = "Traceback (most recent call last):"
PROGRAM_FAILED = "Program failed with an unhandled exception:"
CANCELLED = "Exception: context canceled"
"""How Pulumi's SDK may fail in a program that the engine no longer answers, since something else failed."""
INTERRUPTED = re.compile(
    r"Traceback \(most recent call last\):\n.*pulumi-language-python-exec.*\n(?:.*\n)*?.*KeyboardInterrupt"
    rf"|{PROGRAM_FAILED}\n(?:.*\n)*?.*{CANCELLED}"
)
"""What Pulumi's Python host may print of a program that the engine interrupts, since something else failed."""
FAILURE = "apikeys.Failure: "
"""What the words of a dynamic provider's error stand behind, below the host's traceback."""

_initialised: dict[str, TemporaryDirectory[str]] = {}
_initialising = threading.Lock()


def bare_environment(engine_bin: Path) -> dict[str, str]:
    """This process's environment without what is set for Pulumi or the provider, and with both on PATH."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "APIKEYS_"))}
    path = os.pathsep.join([str(engine_bin), str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**inherited, "PATH": path}


@dataclass(frozen=True)
class Result:
    """What a command said."""

    code: int
    output: str

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.code == 0

    def counts(self) -> dict[str, int]:
        """The summary's counts by word: created, updated, replaced, deleted, unchanged, `to create` and the like."""
        summary = re.search(r"^Resources:\n((?: {4}.*\n?)+)", self.output, re.MULTILINE)
        if summary is None:
            return {}
        found: dict[str, int] = {}
        for number, word in re.findall(r"(\d+) ((?:to )?[a-z]+)", summary[1]):
            found.setdefault(word, int(number))
        return found

    def shows_traceback(self) -> bool:
        """Whether there is a traceback of the provider; Pulumi's host prints its own of a program it interrupts."""
        return re.search(r'File ".*/(pulumi_resource_apikeys|pulumi/dynamic)/', self.output) is not None

    def errors(self) -> set[str]:
        """The distinct errors, but for the engine's own, which follow from others; of the dynamic host's, the words."""
        heard = [error for error in self._heard("error") if error != TRACEBACK]
        if CANCELLED in self.output:
            heard = [error for error in heard if error != PROGRAM_FAILED]
        failures = re.findall(rf"^ +{FAILURE}(.*)$", self.output, re.MULTILINE)
        return {error for error in [*heard, *failures] if not error.startswith(ENGINE_SUMMARIES)}

    @property
    def has_traceback(self) -> bool:
        """Whether a traceback is shown, but for that of a program that the engine interrupted."""
        return TRACEBACK in INTERRUPTED.sub("", self.output)

    def warnings(self) -> list[str]:
        """The warnings in order, but for the engine's own about where it found the plugin."""
        heard = self._heard("warning")
        return [warning for warning in heard if not warning.startswith("using pulumi-resource-apikeys from")]

    def _heard(self, severity: str) -> list[str]:
        _, _, diagnostics = self.output.partition("\nDiagnostics:\n")
        return re.findall(rf"^ {{4}}{severity}: (.*)$", diagnostics, re.MULTILINE)


@dataclass
class Stack:
    """A stack in a folder of its own, on a file backend there."""

    folder: Path
    engine_bin: Path
    endpoint: str | None
    token: str | None
    name: str = "test"
    module: str = PLUGIN
    environment: dict[str, str] = field(default_factory=dict)
    warm: bool = False
    """Whether its Python processes are forked (`harness.warm`); if not, they start as a user's do."""

    def __post_init__(self) -> None:
        """Lay out the program's folder with an initialised stack."""
        shutil.copytree(PROGRAM, self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.declare({})
        with _initialising:
            initialised = self._initialised()
        shutil.copytree(initialised, self.folder, dirs_exist_ok=True)

    def _initialised(self) -> Path:
        """What `pulumi stack init` leaves, made once for all stacks of this process that have the same name."""
        made = _initialised.get(self.name)
        if made is None:
            made = _initialised[self.name] = TemporaryDirectory(prefix="stack-")
            first = copy.copy(self)
            first.folder = Path(made.name)
            shutil.copy(PROGRAM / "Pulumi.yaml", first.folder)
            (first.folder / "state").mkdir()
            done = first.run("stack", "init", self.name, "--secrets-provider", keeper.SECRETS_PROVIDER)
            assert done.ok, done.output
            shutil.rmtree(first.folder / "home")
        return Path(made.name)

    def declare(self, resources: dict[str, dict[str, Any]]) -> None:
        """Write the program: resources by name, each with `type`, `args` in snake case, `options` and `exports`."""
        (self.folder / "resources.json").write_text(json.dumps(resources))

    def env(self) -> dict[str, str]:
        """The environment of every command."""
        own = {
            "HOME": str(self.folder),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            # A command ends before its garbage is worth collecting.
            "GOGC": "400",
            "PULUMI_STACK": self.name,
            "HARNESS_MODULE": self.module,
        }
        if self.endpoint is not None:
            own["APIKEYS_ENDPOINT"] = self.endpoint
        if self.token is not None:
            own["APIKEYS_TOKEN"] = self.token
        known = {**bare_environment(self.engine_bin), **own, **keeper.environment(), **self.environment}
        if self.warm:
            known["PATH"] = os.pathsep.join([warm.folder(), known["PATH"]])
        return {**known, **installed.environment(known.get("PYTHONPATH", ""))}

    def under(self, **environment: str) -> Stack:
        """The same stack, with other environment variables."""
        other = copy.copy(self)
        other.environment = {**self.environment, **environment}
        return other

    def cold(self) -> Stack:
        """The same stack, whose Python processes start as a user's do."""
        other = copy.copy(self)
        other.warm = False
        return other

    def refresh_always(self) -> None:
        """Let every command refresh first, by the project's option."""
        with (self.folder / "Pulumi.yaml").open("a") as settings:
            settings.write("options:\n  refresh: always\n")

    def configure(self, *arguments: str) -> None:
        """`pulumi config set`."""
        done = self.run("config", "set", "--stack", self.name, *arguments)
        assert done.ok, done.output

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command; its output is one pipe."""
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, timeout: float = 240) -> Result:
        """Run a command to its end."""
        with self.start(*arguments) as process:
            output, _ = process.communicate(timeout=timeout)
        return Result(process.returncode, output)

    def up(self, *arguments: str) -> Result:
        """`pulumi up` without a preview before it."""
        return self.run("up", "--yes", "--skip-preview", "--stack", self.name, *arguments)

    def preview(self, *arguments: str) -> Result:
        """`pulumi preview`."""
        return self.run("preview", "--stack", self.name, *arguments)

    def refresh(self, *arguments: str) -> Result:
        """`pulumi refresh`."""
        return self.run("refresh", "--yes", "--skip-preview", "--stack", self.name, *arguments)

    def destroy(self, *arguments: str) -> Result:
        """`pulumi destroy`."""
        return self.run("destroy", "--yes", "--skip-preview", "--stack", self.name, *arguments)

    def import_key(self, name: str, key: str, kind: str = "APIKey") -> Result:
        """`pulumi import`, without generated code and without protection."""
        return self.run(
            "import",
            "--yes",
            "--skip-preview",
            "--generate-code=false",
            "--protect=false",
            "--stack",
            self.name,
            f"apikeys:index:{kind}",
            name,
            key,
        )

    def state(self) -> dict[str, Any]:
        """The state as it is on disk, its secrets encrypted, in the form of an export."""
        return {"deployment": json.loads(self.checkpoint.read_text())["checkpoint"].get("latest") or {}}

    @property
    def checkpoint(self) -> Path:
        """The file of the state."""
        return self.folder / "state" / ".pulumi" / "stacks" / "infra" / f"{self.name}.json"

    def resource(self, name: str) -> dict[str, Any]:
        """One resource of the state."""
        found = [r for r in self.state()["deployment"].get("resources", []) if r["urn"].endswith(f"::{name}")]
        assert len(found) == 1, found
        one: dict[str, Any] = found[0]
        return one

    def facts(self) -> dict[str, Any]:
        """What the state says of each resource by its name: id, inputs and outputs, secrets shown.

        Left out is what the engine writes anew in each run: times, ciphertexts, dependencies.
        """
        deployment = self.state()["deployment"]
        facts = {
            resource["urn"].rpartition("::")[2]: {part: resource.get(part) for part in ("id", "inputs", "outputs")}
            for resource in deployment.get("resources", [])
        }
        shown: dict[str, Any] = keeper.shown(deployment, facts) if facts else facts
        return shown

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets shown, as the state has them: the same as `told_outputs`, without a command."""
        stack = self.facts().get(f"infra-{self.name}", {})
        outputs: dict[str, Any] = keeper.revealed(stack.get("outputs") or {})
        return outputs

    def told_outputs(self) -> dict[str, Any]:
        """`pulumi stack output` with its secrets shown."""
        told: dict[str, Any] = json.loads(
            self.run("stack", "output", "--json", "--show-secrets", "--stack", self.name).output
        )
        return told
