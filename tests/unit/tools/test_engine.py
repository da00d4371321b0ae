"""What `tools/engine.py` accepts, builds and says, seen from outside with fake `pulumi` and `go` programs on PATH."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
GOOD_GO = "go1.99.0"


@dataclass
class Bench:
    """A copy of the tool with tiny Go modules, a PATH of its own, and a cache folder that does not exist yet."""

    checkout: Path
    path: Path
    cache: Path

    def program(self, name: str, script: str) -> Path:
        file = self.path / name
        file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        file.chmod(0o755)
        return file

    def pulumi(self, version: str) -> None:
        self.program("pulumi", f"echo '{version}'")

    def python_host(self) -> None:
        self.program("pulumi-language-python", "exit 1")

    def go(self, version: str = GOOD_GO, build: str = 'echo "built $target" > "$target"') -> None:
        """Puts a Go on PATH that notes each build; `build` is what it does, with the wanted file in $target."""
        self.program(
            "go",
            f"""
            case "$1" in
              env) echo {version} ;;
              mod) echo '{{"Version": "v3.259.0", "Dir": "{self.sdk()}"}}' ;;
              build)
                echo built >> {self.checkout}/builds
                while [ "$1" != -o ]; do shift; done
                target="$2"
                {build}
                ;;
            esac""",
        )

    def sdk(self) -> Path:
        folder = self.checkout / "sdk-module"
        for file in (
            "python/cmd/pulumi-language-python-exec",
            "python/dist/pulumi-resource-pulumi-python",
            "nodejs/dist/pulumi-resource-pulumi-nodejs",
        ):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text("#!/bin/sh\n", encoding="utf-8")
        return folder

    def builds(self) -> int:
        file = self.checkout / "builds"
        return len(file.read_text(encoding="utf-8").splitlines()) if file.exists() else 0

    def start(self, *arguments: str, wanted: str = "") -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(self.checkout / "tools/engine.py"), *arguments],
            env={
                "PATH": str(self.path),
                "APIKEYS_ENGINE_DIR": str(self.cache),
                "APIKEYS_ENGINE_VERSION": wanted,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, wanted: str = "") -> Outcome:
        process = self.start(*arguments, wanted=wanted)
        stdout, stderr = process.communicate(timeout=60)
        assert "Traceback" not in stderr
        return Outcome(process.returncode, stdout, stderr)


@dataclass(frozen=True)
class Outcome:
    status: int
    stdout: str
    stderr: str


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    checkout = tmp_path / "checkout"
    shutil.copytree(CHECKOUT / "engine", checkout / "engine")
    (checkout / "tools").mkdir()
    shutil.copy(CHECKOUT / "tools/engine.py", checkout / "tools")
    path = tmp_path / "bin"
    path.mkdir()
    return Bench(checkout, path, tmp_path / "cache")


@pytest.mark.parametrize("version", ["v3.200.0", "3.200.0", "v3.259.0", "v3.300.1-alpha.x1", "v4.0.0"])
def test_takes_a_new_enough_pulumi_with_its_python_host_from_path(bench: Bench, version: str) -> None:
    bench.pulumi(version)
    bench.python_host()
    found = bench.run()
    assert (found.status, found.stdout) == (0, f"{bench.path}\n")
    assert version in found.stderr
    assert not bench.cache.exists()


@pytest.mark.parametrize("version", ["v3.199.9", "v3.79.0", "v2.300.0", "", "no version here"])
def test_says_that_pulumi_is_too_old_and_builds(bench: Bench, version: str) -> None:
    bench.pulumi(version)
    bench.python_host()
    bench.go()
    found = bench.run()
    assert found.status == 0
    assert "older than 3.200" in found.stderr
    assert found.stdout.startswith(f"{bench.cache}/engine-")


def test_says_that_the_python_host_is_missing_and_builds(bench: Bench) -> None:
    bench.pulumi("v3.259.0")
    bench.go()
    found = bench.run()
    assert found.status == 0
    assert "without pulumi-language-python" in found.stderr
    assert found.stdout.startswith(f"{bench.cache}/engine-")


def test_a_pulumi_that_breaks_is_passed_over_with_its_own_words(bench: Bench) -> None:
    bench.program("pulumi", "echo 'cannot run on this machine' >&2; exit 3")
    bench.python_host()
    bench.go()
    found = bench.run()
    assert found.status == 0
    assert "cannot run on this machine" in found.stderr
    assert found.stdout.startswith(f"{bench.cache}/engine-")


def test_with_neither_pulumi_nor_go_names_both_ways_out(bench: Bench) -> None:
    found = bench.run()
    assert (found.status, found.stdout) == (1, "")
    assert "install pulumi 3.200 or newer with its Python language host" in found.stderr
    assert "install Go 1.26" in found.stderr
    assert not list(bench.cache.glob("engine-*"))


def test_a_go_too_old_is_named_with_the_version_needed(bench: Bench) -> None:
    bench.go("go1.19.8")
    found = bench.run()
    assert (found.status, found.stdout) == (1, "")
    assert "go1.19.8, older than 1.26" in found.stderr
    assert "install pulumi" in found.stderr
    assert bench.builds() == 0


def test_the_generator_is_built_whatever_pulumi_there_is_and_its_ways_out_name_go_alone(bench: Bench) -> None:
    bench.pulumi("v3.259.0")
    bench.python_host()
    refused = bench.run("gensdk")
    assert refused.status == 1
    assert "install Go" in refused.stderr
    assert "install pulumi" not in refused.stderr
    bench.go()
    built = bench.run("gensdk")
    assert built.status == 0
    assert (Path(built.stdout.strip()) / "gensdk").exists()


def test_the_hosts_of_other_languages_are_taken_from_path_where_all_are_there_else_built(bench: Bench) -> None:
    hosts = {f"pulumi-language-{language}" for language in ("nodejs", "go", "yaml")}
    for host in sorted(hosts):
        refused = bench.run("hosts")
        assert refused.status == 1
        assert "put the language hosts of a current Pulumi on PATH; or install Go" in refused.stderr
        bench.program(host, "exit 1")
    assert bench.run("hosts").stdout == f"{bench.path}\n"
    (bench.path / "pulumi-language-yaml").unlink()
    bench.go()
    built = bench.run("hosts")
    assert built.status == 0
    assert "pulumi-language-yaml is not on PATH" in built.stderr
    assert {file.name for file in Path(built.stdout.strip()).iterdir()} == {*hosts, "pulumi-resource-pulumi-nodejs"}


def test_the_built_folder_holds_the_programs_and_their_helpers_which_can_be_run(bench: Bench) -> None:
    bench.go()
    folder = Path(bench.run().stdout.strip())
    helpers = {"pulumi-language-python-exec", "pulumi-resource-pulumi-python"}
    assert {file.name for file in folder.iterdir()} == {"pulumi", "pulumi-language-python", *helpers}
    assert all(os.access(folder / helper, os.X_OK) for helper in helpers)


def test_another_engine_is_built_where_its_version_is_named(bench: Bench) -> None:
    bench.pulumi("v3.300.0")
    bench.python_host()
    bench.go(build='pwd > "$target"')
    found = bench.run(wanted="3.259.0")
    assert found.status == 0
    assert "is version v3.300.0, and 3.259.0 is wanted" in found.stderr
    assert found.stdout.startswith(f"{bench.cache}/engine-3.259.0-")
    module = Path((Path(found.stdout.strip()) / "pulumi").read_text(encoding="utf-8").strip())
    assert "pulumi/pkg/v3 v3.259.0" in (module / "go.mod").read_text(encoding="utf-8")


def test_the_engine_of_a_version_is_taken_from_path_where_it_is_that_version(bench: Bench) -> None:
    bench.pulumi("v3.300.0")
    bench.python_host()
    found = bench.run(wanted="3.300.0")
    assert (found.status, found.stdout) == (1, "")
    assert "is 3.300.0; what can be built here is 3.274.1, 3.259.0" in found.stderr
    bench.pulumi("v3.259.0")
    assert bench.run(wanted="3.259.0").stdout == f"{bench.path}\n"


def test_each_version_is_the_one_that_its_folder_pins(bench: Bench) -> None:
    bench.go(build='pwd > "$target"')
    folder = Path(bench.run().stdout.strip())
    module = Path((folder / "pulumi").read_text(encoding="utf-8").strip())
    assert folder.parent.name.startswith("engine-3.274.1-")
    assert "pulumi/pkg/v3 v3.274.1" in (module / "go.mod").read_text(encoding="utf-8")


def test_a_build_says_how_far_it_is_and_where_it_keeps_what_it_fetches(bench: Bench) -> None:
    tool = bench.checkout / "tools/engine.py"
    text = tool.read_text(encoding="utf-8")
    assert "TOLD_EVERY = 15.0" in text
    tool.write_text(text.replace("TOLD_EVERY = 15.0", "TOLD_EVERY = 0.05"), encoding="utf-8")
    go_on = bench.checkout / "go-on"
    said = "echo 'go: downloading golang.org/x/net v0.1.0' >&2; echo golang.org/x/net/http >&2; echo net/url >&2"
    bench.go(build=f'{said}; while [ ! -e {go_on} ] && kill -0 $PPID; do :; done; echo built > "$target"')
    process = bench.start()
    assert process.stderr is not None
    lines: list[str] = []
    while not lines or "1 modules fetched, 2 packages compiled" not in lines[-1]:
        lines.append(process.stderr.readline())
        assert lines[-1], lines
    go_on.touch()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert lines[-1].startswith("engine: pulumi: ")
    assert any("Go keeps what it fetches and compiles" in line for line in lines)


def test_a_second_run_builds_nothing_and_needs_no_go(bench: Bench) -> None:
    bench.go()
    first = bench.run()
    built = bench.builds()
    (bench.path / "go").unlink()
    second = bench.run()
    assert (second.status, second.stdout) == (0, first.stdout)
    assert bench.builds() == built == 2


@pytest.mark.parametrize("pin", ["pulumi/go.sum", "language-python/go.mod"])
def test_a_changed_pin_builds_anew_in_another_folder(bench: Bench, pin: str) -> None:
    bench.go()
    first = bench.run()
    with (bench.checkout / "engine" / pin).open("a", encoding="utf-8") as file:
        file.write("\n// changed\n")
    second = bench.run()
    assert second.status == 0
    assert second.stdout != first.stdout
    assert Path(first.stdout.strip()).exists()


def test_a_failed_build_shows_the_end_of_its_output_and_what_to_do_and_leaves_nothing(bench: Bench) -> None:
    bench.go(build='i=0; while [ $i -lt 99 ]; do i=$((i + 1)); echo "line $i" >&2; done; exit 1')
    found = bench.run()
    assert (found.status, found.stdout) == (1, "")
    assert "building pulumi failed" in found.stderr
    assert "line 99" in found.stderr
    assert "line 50" not in found.stderr
    assert "run this again; or install pulumi" in found.stderr
    assert "install Go" not in found.stderr
    assert [file.name for file in bench.cache.iterdir()] == [".lock"]


def test_a_build_killed_half_way_is_not_taken_for_a_whole_one(bench: Bench) -> None:
    bench.go(build='echo half > "$target"; kill -9 $PPID')
    assert bench.run().status == -signal.SIGKILL
    assert list(bench.cache.glob(".building-*"))
    bench.go()
    found = bench.run()
    assert found.status == 0
    assert not list(bench.cache.glob(".building-*"))
    assert (Path(found.stdout.strip()) / "pulumi").read_text(encoding="utf-8").startswith("built")


def test_two_runs_at_once_build_once(bench: Bench) -> None:
    started, go_on = bench.checkout / "started", bench.checkout / "go-on"
    bench.go(build=f': > {started}; while [ ! -e {go_on} ] && kill -0 $PPID; do :; done; echo built > "$target"')
    first = bench.start()
    wait_for(started)
    second = bench.start()
    assert second.stderr is not None
    waiting = second.stderr.readline()
    go_on.touch()
    folders = {first.communicate(timeout=60)[0], second.communicate(timeout=60)[0]}
    assert "another run is building" in waiting
    assert len(folders) == 1
    assert bench.builds() == 2


def test_an_interrupt_says_so_and_leaves_nothing_half_built(bench: Bench) -> None:
    started = bench.checkout / "started"
    bench.go(build=f": > {started}; while kill -0 $PPID; do :; done")
    process = bench.start()
    wait_for(started)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, "")
    assert "stopped" in stderr
    assert "Traceback" not in stderr
    assert [file.name for file in bench.cache.iterdir()] == [".lock"]


def test_a_cache_folder_that_cannot_be_made_is_one_clear_message(bench: Bench) -> None:
    bench.go()
    bench.cache.write_text("a file, no folder", encoding="utf-8")
    found = bench.run()
    assert (found.status, found.stdout) == (1, "")
    assert str(bench.cache) in found.stderr


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline, f"{file} never came"
