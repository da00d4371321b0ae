"""Finds a usable Pulumi engine, or builds the pinned one, and prints the folder of its programs.

`engine.py` (or `engine.py engine`) looks for `pulumi` with its Python language host on PATH, else builds both from the
Go modules below `engine/`. `$APIKEYS_ENGINE_VERSION` names another engine than the newest one pinned there, which then
is the only one taken from PATH. `engine.py hosts` does the same for the language hosts of Node, Go and YAML, which only
programs in those languages need. `engine.py gensdk` builds the SDK generator. The one line on stdout is a folder to put
on PATH; what is done and how long it takes goes to stderr. What is built stays in `$APIKEYS_ENGINE_DIR`, or in
`.engine/` of the checkout, in a folder named after the pinned sources: another pin builds anew. What Go fetches and
compiles on the way it keeps in its own two caches. Standard library only, for this runs before anything is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CHECKOUT = Path(__file__).resolve().parent.parent
MODULES = CHECKOUT / "engine"
OLDEST_PULUMI = (3, 200)
VERSION_VARIABLE = "APIKEYS_ENGINE_VERSION"
INSTALL_PULUMI = f"install pulumi {OLDEST_PULUMI[0]}.{OLDEST_PULUMI[1]} or newer with its Python language host on PATH"
INSTALL_HOSTS = "put the language hosts of a current Pulumi on PATH"
TAIL_LINES = 15
TOLD_EVERY = 15.0
"""Seconds between two words about a build that is under way."""
SDK = "github.com/pulumi/pulumi/sdk/v3"
GO_BUILD = ("build", "-trimpath", "-mod=readonly", "-buildvcs=false")
GO_ENVIRONMENT = {"CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}


class EngineError(Exception):
    """No usable program can be had; the message says why."""


@dataclass(frozen=True)
class Program:
    """A program to build: its Go main package and the folder below `engine/` whose go.mod and go.sum pin it."""

    name: str
    module: str
    package: str
    tell_version: bool = False
    """Whether the program is told its version, the pinned one of Pulumi's SDK module, when it is linked."""
    beside: tuple[str, ...] = ()
    """Executable files that must stand beside it, as paths in the SDK module that the engine itself is built from."""


def engine(module: str) -> tuple[Program, ...]:
    """The programs of an engine, with the pulumi that the module of that name pins."""
    return (
        Program("pulumi", module, "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", tell_version=True),
        Program(
            "pulumi-language-python",
            "language-python",
            f"{SDK}/python/cmd/pulumi-language-python",
            tell_version=True,
            beside=("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python"),
        ),
    )


HOSTS = (
    Program(
        "pulumi-language-nodejs",
        "language-nodejs",
        f"{SDK}/nodejs/cmd/pulumi-language-nodejs",
        tell_version=True,
        beside=("nodejs/dist/pulumi-resource-pulumi-nodejs",),
    ),
    Program("pulumi-language-go", "language-go", f"{SDK}/go/pulumi-language-go", tell_version=True),
    Program("pulumi-language-yaml", "language-yaml", "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"),
)
NEWEST = "3.274.1"
ENGINES = {NEWEST: "pulumi", "3.259.0": "pulumi-3.259"}
"""The engines that can be built, by version: the folders below `engine/` that pin them."""
KITS: Mapping[str, tuple[Program, ...]] = {
    **{f"engine-{version}": engine(module) for version, module in ENGINES.items()},
    "gensdk": (Program("gensdk", "gensdk", "."),),
    "hosts": HOSTS,
}
MINUTES = {"gensdk": 2, "hosts": 3}
"""About how long a kit takes on two cores when Go's caches are empty, in minutes; an engine takes five."""


def say(text: str) -> None:
    """Tells the person at the terminal, on stderr: stdout carries the folder alone."""
    print(f"engine: {text}", file=sys.stderr, flush=True)


def parse_version(text: str) -> tuple[int, int, int] | None:
    """Gives the version in what `pulumi version`, `go env GOVERSION` or a go.mod says; None where there is none."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def dotted(version: Sequence[int]) -> str:
    """Writes a version as people do: (3, 200) is 3.200."""
    return ".".join(str(part) for part in version)


def run(argv: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> str:
    """Runs a command and gives its stdout. Raises EngineError with the end of the command's own words."""
    shown = f"`{Path(argv[0]).name} {' '.join(argv[1:])}`"
    try:
        done = subprocess.run(
            argv, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise EngineError(f"{shown} does not start: {error}") from error
    if done.returncode != 0:
        words = (done.stdout + done.stderr).strip().splitlines()[-TAIL_LINES:] or ["(it said nothing)"]
        raise EngineError("\n  ".join([f"{shown} ended with status {done.returncode}:", *words]))
    return done.stdout.strip()


def run_telling(argv: Sequence[str], cwd: Path, environment: Mapping[str, str], name: str) -> None:
    """Runs a `go build -v` and says every now and then how far it is. Raises EngineError as `run` does."""
    began = time.monotonic()
    lines: list[str] = []
    with held_interrupts() as let_through:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=let_through,  # noqa: PLW1509 - no other thread runs yet
        )
        reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
        reader.start()
        with process:
            try:
                let_through()
                while True:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(TOLD_EVERY)
                        break
                    say(f"{name}: {passed(began)} so far, {so_far(list(lines))}")
            except BaseException:
                process.kill()
                raise
            reader.join()
    if process.returncode != 0:
        words = [line.rstrip() for line in lines if not is_progress(line)][-TAIL_LINES:] or ["(it said nothing)"]
        raise EngineError("\n  ".join([f"`go build` ended with status {process.returncode}:", *words]))


@contextlib.contextmanager
def held_interrupts() -> Iterator[Callable[[], None]]:
    """Lets Ctrl-C wait until what it gives is called, here or in a process begun meanwhile, or until the end."""

    def let_through() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield let_through
    finally:
        let_through()


def is_progress(line: str) -> bool:
    """Tells whether a line of `go build -v` only names a package that is compiled, or a module that is fetched."""
    return line.startswith("go: downloading ") or " " not in line.strip()


def so_far(lines: Sequence[str]) -> str:
    """Says what those lines of `go build -v` amount to."""
    fetched = sum(line.startswith("go: downloading ") for line in lines)
    compiled = sum(is_progress(line) for line in lines) - fetched
    return f"{fetched} modules fetched, {compiled} packages compiled"


def passed(began: float) -> str:
    """Says how much time has passed since a time of `time.monotonic`."""
    minutes, seconds = divmod(int(time.monotonic() - began), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def engine_on_path(wanted: str | None) -> Path:
    """Gives the folder of the usable pulumi on PATH, of that version where one is wanted.

    Raises EngineError saying what is missing.
    """
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise EngineError("there is no pulumi on PATH")
    said = run([pulumi, "version"], CHECKOUT, {"PULUMI_SKIP_UPDATE_CHECK": "1"})
    version = parse_version(said)
    if version is None or version < OLDEST_PULUMI:
        raise EngineError(f"{pulumi} is version {said or '(none told)'}, older than {dotted(OLDEST_PULUMI)}")
    if wanted is not None and dotted(version) != wanted:
        raise EngineError(f"{pulumi} is version {said}, and {wanted} is wanted")
    if shutil.which("pulumi-language-python") is None:
        raise EngineError(f"{pulumi} stands without pulumi-language-python, its Python language host, on PATH")
    say(f"using {pulumi}, version {said}")
    return Path(pulumi).parent


def needed_go(kit: str) -> tuple[int, int, int]:
    """Gives the oldest Go that builds the kit: the newest that its go.mod files ask for."""
    texts = [(MODULES / program.module / "go.mod").read_text(encoding="utf-8") for program in KITS[kit]]
    lines = [line for text in texts for line in text.splitlines() if line.startswith("go ")]
    return max(version for line in lines if (version := parse_version(line)))


def find_go(kit: str) -> str:
    """Gives the path of a Go new enough for the kit. Raises EngineError saying what there is instead."""
    go = shutil.which("go")
    if go is None:
        raise EngineError("there is no Go on PATH")
    # Asked inside the module, a Go that may fetch newer toolchains answers with the one that it would build with.
    said = run([go, "env", "GOVERSION"], MODULES / KITS[kit][0].module, GO_ENVIRONMENT)
    version = parse_version(said)
    if version is None or version < needed_go(kit):
        raise EngineError(f"{go} is {said or '(no version told)'}, older than {dotted(needed_go(kit))}")
    return go


def pinned_sdk(go: str, module: str) -> tuple[str, Path]:
    """Fetches the SDK module that a module below `engine/` pins, checked by its go.sum; gives version and folder."""
    told = json.loads(run([go, "mod", "download", "-json", SDK], MODULES / module, GO_ENVIRONMENT))
    return told["Version"], Path(told["Dir"])


def build_program(program: Program, go: str, folder: Path, engine_module: str) -> None:
    """Builds one program, and what must stand beside it from the engine's own SDK module, into the folder."""
    link = "-s -w"
    if program.tell_version:
        link += f" -X {SDK}/go/common/version.Version={pinned_sdk(go, program.module)[0]}"
    target = folder / program.name
    run_telling(
        [go, *GO_BUILD, "-v", "-ldflags", link, "-o", str(target), program.package],
        MODULES / program.module,
        GO_ENVIRONMENT,
        program.name,
    )
    for file in program.beside:
        copy = folder / Path(file).name
        shutil.copyfile(pinned_sdk(go, engine_module)[1] / file, copy)
        copy.chmod(0o755)


def kit_key(kit: str) -> str:
    """Names the state of all that a kit is built from: pins, sources, rows of the table, flags, platform."""
    digest = hashlib.sha256(f"{KITS[kit]} {GO_BUILD} {platform.system()} {platform.machine()}".encode())
    for module in sorted({program.module for program in KITS[kit]}):
        for file in sorted((MODULES / module).iterdir()):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


@contextlib.contextmanager
def building_alone(root: Path) -> Iterator[None]:
    """Holds the cache folder's lock, so that two at once don't build the same."""
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another run is building in {root}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build_kit(kit: str, final: Path, why: str) -> None:
    """Builds a kit in a folder beside the final one and renames it when it is whole. Raises EngineError."""
    names = ", ".join(program.name for program in KITS[kit])
    try:
        go = find_go(kit)
    except EngineError as error:
        raise EngineError(f"{why}, and {names} can't be built: {error}.\n{ways_out(kit)}") from error
    caches = run([go, "env", "GOMODCACHE", "GOCACHE"], MODULES, GO_ENVIRONMENT).splitlines()
    minutes = MINUTES.get(kit, 5)
    say(f"{why}: building {names} from Go modules, which takes about {minutes} minutes on 2 cores the first time")
    say(f"Go keeps what it fetches and compiles, up to 4 GB, in {' and '.join(caches)}")
    for left in final.parent.glob(".building-*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=final.parent, ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch) / final.name
        (folder / "bin").mkdir(parents=True)
        for program in KITS[kit]:
            began = time.monotonic()
            say(f"building {program.name}")
            try:
                build_program(program, go, folder / "bin", KITS[kit][0].module)
            except EngineError as error:
                raise EngineError(f"building {program.name} failed: {error}\n{mend_build(kit)}") from error
            say(f"built {program.name} in {passed(began)}")
        folder.rename(final)


def ways_out(kit: str) -> str:
    """Says what the person can do where nothing can be built."""
    go = f"install Go {dotted(needed_go(kit))} or newer on PATH, and it is built from its Go modules"
    other = {"gensdk": "", "hosts": f"{INSTALL_HOSTS}; or "}.get(kit, f"{INSTALL_PULUMI}; or ")
    return f"What helps: {other}{go}."


def mend_build(kit: str) -> str:
    """Says what the person can do where a build broke off."""
    again = "See that Go's module proxy answers (`go env GOPROXY`) and the disk has 5 GB free, then run this again"
    other = {"gensdk": "", "hosts": f"; or {INSTALL_HOSTS}"}.get(kit, f"; or {INSTALL_PULUMI}")
    return f"{again}{other}."


def built(kit: str, root: Path, why: str) -> Path:
    """Gives the bin folder of a kit below the cache folder, building it where it is not there yet."""
    final = root / f"{kit}-{kit_key(kit)}"
    if not final.exists():
        root.mkdir(parents=True, exist_ok=True)
        with building_alone(root):
            if not final.exists():
                build_kit(kit, final, why)
    say(f"using {kit} of {final}")
    return final / "bin"


def bin_folder(kit: str, root: Path, wanted: str | None) -> Path:
    """Gives the folder to put on PATH: engine and hosts may come from PATH, an engine of the version that is wanted.

    Raises EngineError.
    """
    if kit == "gensdk":
        return built(kit, root, f"{kit} is not built yet")
    if kit == "hosts":
        missing = [program.name for program in HOSTS if shutil.which(program.name) is None]
        present = shutil.which(HOSTS[0].name)
        return built(kit, root, f"{missing[0]} is not on PATH") if missing or not present else Path(present).parent
    if wanted is not None and wanted not in ENGINES:
        raise EngineError(f"{VERSION_VARIABLE} is {wanted}; what can be built here is {', '.join(ENGINES)}")
    try:
        return engine_on_path(wanted)
    except EngineError as error:
        return built(f"engine-{wanted or NEWEST}", root, str(error))


def main() -> int:
    """Runs the command line; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    kits = ["engine", "hosts", "gensdk"]
    parser.add_argument("kit", nargs="?", default="engine", choices=kits, help="what to find or build")
    root = Path(os.environ.get("APIKEYS_ENGINE_DIR") or CHECKOUT / ".engine").expanduser().absolute()
    try:
        print(bin_folder(parser.parse_args().kit, root, os.environ.get(VERSION_VARIABLE) or None))
    except (EngineError, OSError) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped; nothing half-built is kept")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
