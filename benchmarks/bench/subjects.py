"""What is measured: the provider of this checkout (`now`), that of an older commit (`base`), and the baselines."""

from __future__ import annotations

import compileall
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import BASE, NOW
from bench.processes import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.processes import Server

CHECKOUT = Path(__file__).parents[2]
HERE = Path(__file__).parents[1]
EXECUTABLE = "pulumi-resource-apikeys"
EMPTY, CONSTANTS, NOOP = "empty gRPC server", "constants", "no-op plugin"
BASELINES = {EMPTY: "empty", CONSTANTS: "constants", NOOP: "noop"}

PLUGIN = """#!{python}
import sys
sys.path.insert(0, "{modules}")
from pulumi_resource_apikeys.__main__ import main
main()
"""
BASELINE = """#!{python}
import sys
sys.path[:0] = ["{modules}", "{here}"]
import asyncio
from baselines.{which} import main
asyncio.run(main())
"""


@dataclass(frozen=True)
class Subject:
    """A provider, or a baseline: `folder` holds the executable, `modules` the provider's modules."""

    name: str
    folder: Path
    modules: Path

    @property
    def executable(self) -> Path:
        """What the engine starts."""
        return self.folder / EXECUTABLE

    @contextmanager
    def serving(self) -> Iterator[Server]:
        """Its process, for the block, with a Pulumi home of its own, for the journal."""
        with tempfile.TemporaryDirectory(prefix="apikeys-bench-") as home:
            known = {**environment(), "PULUMI_HOME": home}
            with serving([str(self.executable), "127.0.0.1:1"], known) as server:
                yield server


def environment() -> dict[str, str]:
    """This process's environment without what would configure the provider."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("APIKEYS_", "PULUMI_"))}


def prepare(folder: Path, base: str | None) -> dict[str, Subject]:
    """All subjects by name, their executables in that folder; `base` is a git revision, None for none.

    The older commit runs with the libraries of this checkout's environment, so that nothing but it makes a difference.
    Raises RuntimeError where git has no such revision.
    """
    modules = CHECKOUT / "provider"
    subjects = {name: _subject(name, folder, modules, BASELINE, which) for name, which in BASELINES.items()}
    if base is not None:
        _unpack(base, folder / "checkout")
        subjects[BASE] = _subject(BASE, folder, folder / "checkout" / "provider", PLUGIN)
    subjects[NOW] = _subject(NOW, folder, modules, PLUGIN)
    return subjects


def _subject(name: str, folder: Path, modules: Path, script: str, which: str = "") -> Subject:
    for code in (modules, HERE):
        compileall.compile_dir(str(code), quiet=1)
    subject = Subject(name, folder / (which or name), modules)
    subject.folder.mkdir()
    subject.executable.write_text(script.format(python=sys.executable, modules=modules, here=HERE, which=which))
    subject.executable.chmod(0o755)
    return subject


def _unpack(revision: str, folder: Path) -> None:
    done = subprocess.run(
        ["git", "archive", "--format=tar", revision, "provider"], cwd=CHECKOUT, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"git has no files of {revision}: {done.stderr.decode().strip()}. Name a commit: BASE=…")
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


@contextmanager
def api(latency: float = 0.0, keys: int = 0) -> Iterator[Server]:
    """The quick server of the API."""
    argv = [sys.executable, str(HERE / "bench" / "api.py"), "--latency", str(latency), "--keys", str(keys)]
    with serving(argv, environment()) as server:
        yield server
