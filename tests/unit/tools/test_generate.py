"""What `tools/generate.py` writes, removes and says, seen from outside with a fake generator of SDKs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pulumi_resource_apikeys.schema import schema_json

CHECKOUT = Path(__file__).resolve().parents[3]
GENSDK = """#!/bin/sh
mkdir -p "$3/pulumi_apikeys"
printf '*.pyc\\n__pycache__/\\n*.egg-info\\n' > "$3/.gitignore"
cp "$2" "$3/pulumi_apikeys/made_from.json"
echo '{"scripts": {"build": "tsc"}}' > "$3/package.json"
cat > "$3/pyproject.toml" <<END
[project]
  name = "pulumi_apikeys"
  [project.license]
    text = "Apache-2.0"
[build-system]
  requires = ["setuptools>=61.0"]
END
"""
DYNAMIC = "provider/pulumi_resource_apikeys/dynamic"
GENERATED = [".gitignore", "LICENSE", "package.json", "pulumi_apikeys/made_from.json", "pyproject.toml"]
MADE = sorted(
    [
        f"{DYNAMIC}/api_key.py",
        f"{DYNAMIC}/rotating_api_key.py",
        "provider/apikeys_cli/audit.schema.json",
        "provider/schema.json",
        *(f"sdk/{language}/{name}" for language in ("go", "nodejs", "python") for name in GENERATED),
        "sdk/go/README.md",
        "sdk/python/README.md",
    ]
)


@dataclass
class Bench:
    """A checkout with the tool, and with an `engine.py` that knows the fake generator."""

    checkout: Path

    def generate(self, *flags: str) -> subprocess.CompletedProcess[str]:
        tool = self.checkout / "tools" / "generate.py"
        return subprocess.run([sys.executable, tool, *flags], capture_output=True, text=True, check=False)

    def generator(self, script: str) -> None:
        file = self.checkout / "bin" / "gensdk"
        file.write_text(script, encoding="utf-8")
        file.chmod(0o755)

    def write(self, name: str, text: str = "") -> Path:
        file = self.checkout / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def files(self) -> list[str]:
        found = (path.relative_to(self.checkout) for path in self.checkout.rglob("*") if path.is_file())
        return sorted(str(path) for path in found if path.parts[0] in {"provider", "sdk"})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.write("tools/engine.py", f"import sys\nassert sys.argv[1:] == ['gensdk']\nprint({str(tmp_path / 'bin')!r})\n")
    tools = ("generate.py", "dressing.py", "dynamic_classes.py", "reference.py")
    (tmp_path / "docs").mkdir()
    for file in (*(f"tools/{tool}" for tool in tools), "LICENSE", "docs/installation-configuration.md"):
        shutil.copy(CHECKOUT / file, tmp_path / file)
    (tmp_path / "bin").mkdir()
    bench.generator(GENSDK)
    return bench


@pytest.fixture
def fresh(bench: Bench) -> Bench:
    assert bench.generate().returncode == 0
    return bench


def make_stale(bench: Bench) -> None:
    dynamic = bench.checkout / DYNAMIC
    made = (dynamic / "api_key.py").read_text(encoding="utf-8")
    bench.write(f"{DYNAMIC}/old_key.py", made)
    bench.write(f"{DYNAMIC}/api_key.py", made.replace("name: ", "title: "))
    bench.write("provider/schema.json", "{}\n")
    (bench.checkout / "sdk/python/.gitignore").unlink()
    bench.write("sdk/python/pulumi_apikeys/old/thing.py")


def test_a_bare_checkout_gets_the_schema_and_what_the_generator_makes_of_it(bench: Bench) -> None:
    assert bench.generate().returncode == 0
    assert bench.files() == MADE
    for name in ("provider/schema.json", "sdk/python/pulumi_apikeys/made_from.json"):
        assert (bench.checkout / name).read_text(encoding="utf-8") == schema_json()


def test_a_check_right_after_finds_nothing(fresh: Bench) -> None:
    checked = fresh.generate("--check")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_files_that_are_as_they_should_be_are_not_touched(fresh: Bench) -> None:
    before = {name: (fresh.checkout / name).stat().st_mtime_ns for name in MADE}
    fresh.generate()
    assert {name: (fresh.checkout / name).stat().st_mtime_ns for name in MADE} == before


def test_a_check_names_what_differs_is_missing_and_is_no_longer_made_and_changes_nothing(fresh: Bench) -> None:
    make_stale(fresh)
    before = fresh.files()
    checked = fresh.generate("--check")
    assert checked.returncode == 1
    assert checked.stdout.splitlines() == [
        f"generate: {DYNAMIC}/api_key.py differs",
        f"generate: {DYNAMIC}/old_key.py is no longer made",
        "generate: provider/schema.json differs",
        "generate: sdk/python/.gitignore is missing",
        "generate: sdk/python/pulumi_apikeys/old/thing.py is no longer made",
    ]
    assert "make generate" in checked.stderr
    assert fresh.files() == before


def test_a_run_mends_all_that_a_check_names(fresh: Bench) -> None:
    make_stale(fresh)
    assert fresh.generate().returncode == 0
    assert fresh.files() == MADE
    assert not (fresh.checkout / "sdk/python/pulumi_apikeys/old").exists()
    assert fresh.generate("--check").returncode == 0


def test_what_is_written_by_hand_beside_the_dynamic_classes_is_left_alone(fresh: Bench) -> None:
    written = fresh.write(f"{DYNAMIC}/resource.py", '"""Shared."""\n')
    assert fresh.generate("--check").returncode == 0
    fresh.generate()
    assert written.is_file()


def test_what_the_sdk_itself_ignores_is_left_alone(fresh: Bench) -> None:
    left = [
        fresh.write("sdk/python/pulumi_apikeys/__pycache__/a.pyc"),
        fresh.write("sdk/python/pulumi_apikeys.egg-info/PKG-INFO"),
    ]
    assert fresh.generate("--check").returncode == 0
    fresh.generate()
    assert all(file.is_file() for file in left)


@pytest.mark.parametrize("flags", [[], ["--check"]], ids=["run", "check"])
def test_a_generator_that_fails_is_told_in_its_own_words_and_nothing_is_changed(fresh: Bench, flags: list[str]) -> None:
    fresh.generator("#!/bin/sh\necho 'the schema is odd' >&2\nexit 3\n")
    fresh.write("provider/schema.json", "{}\n")
    failed = fresh.generate(*flags)
    assert failed.returncode == 1
    assert "the schema is odd" in failed.stderr
    assert "ended with 3" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert (fresh.checkout / "provider/schema.json").read_text(encoding="utf-8") == "{}\n"
