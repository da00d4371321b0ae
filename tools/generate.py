"""Writes what is made from the models: schema, reference, dynamic classes, and the SDKs of Pulumi's own generators.

`generate.py` brings the files below up to date and removes those that a generator no longer makes. `generate.py
--check` changes nothing, names each file that is stale, and then ends with status 1. Run it with a Python that has
the project installed; the generator is built the first time (see `engine.py`).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

from apikeys_cli.formats.document import schema_text
from dressing import DressingError, dressed
from dynamic_classes import MADE, dynamic_class, module_name
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.schema import schema, schema_json
from reference import reference, with_options

CHECKOUT = Path(__file__).resolve().parent.parent
SCHEMA = CHECKOUT / "provider" / "schema.json"
REFERENCE = CHECKOUT / "docs" / "reference.md"
CONFIGURATION = CHECKOUT / "docs" / "installation-configuration.md"
AUDIT_SCHEMA = CHECKOUT / "provider" / "apikeys_cli" / "audit.schema.json"
DYNAMIC = CHECKOUT / "provider" / "pulumi_resource_apikeys" / "dynamic"
SDKS = CHECKOUT / "sdk"
LANGUAGES = ("python", "nodejs", "go")


class GenerateError(Exception):
    """A generator can't be had or failed; the message says why."""


def run(*argv: str | Path) -> str:
    """Run a command whose stderr goes to the terminal; give its stdout. Raises GenerateError where it fails."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise GenerateError(f"`{Path(argv[0]).name} {' '.join(map(str, argv[1:]))}` ended with {done.returncode}")
    return done.stdout.strip()


def dynamic_files() -> dict[Path, bytes]:
    """Make the classes of `dynamic/`; give the files by their place in the checkout."""
    return {
        DYNAMIC / f"{module_name(token)}.py": dynamic_class(token, row.args, row.outputs).encode()
        for token, row in RESOURCES.items()
    }


def made_in(folder: Path) -> set[Path]:
    """Find the Python files of a folder that say they were made here."""
    return {file for file in folder.glob("*.py") if MADE.encode() in file.read_bytes().partition(b"\n")[0]}


def sdk_files(gensdk: Path, language: str, schema: str) -> dict[Path, bytes]:
    """Generate and dress one SDK; give its files by their place in the checkout. Raises DressingError."""
    with tempfile.TemporaryDirectory() as scratch:
        source, made = Path(scratch, "schema.json"), Path(scratch, language)
        source.write_bytes(schema.encode())
        run(gensdk, language, source, made)
        files = {file.relative_to(made).as_posix(): file.read_bytes() for file in made.rglob("*") if file.is_file()}
    return {SDKS / language / name: content for name, content in dressed(language, files).items()}


def left_over(sdk: Path, wanted: dict[Path, bytes]) -> set[Path]:
    """Find the files below an SDK's folder that are not wanted and that its own `.gitignore` doesn't name."""
    ignored = [pattern.strip("/") for pattern in wanted.get(sdk / ".gitignore", b"").decode().split()]
    present = (file for file in sdk.rglob("*") if file.is_file() and file not in wanted)
    return {
        file
        for file in present
        if not any(fnmatch(part, pattern) for part in file.relative_to(sdk).parts for pattern in ignored)
    }


def prune(folder: Path) -> None:
    """Remove the folders below that hold nothing."""
    for inner in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(inner.iterdir()):
            inner.rmdir()


def main() -> int:
    """Run the command line; give the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a file is stale")
    check = parser.parse_args().check
    text = schema_json()
    wanted = {
        SCHEMA: text.encode(),
        REFERENCE: reference(schema()).encode(),
        CONFIGURATION: with_options(CONFIGURATION.read_text(encoding="utf-8"), schema()).encode(),
        AUDIT_SCHEMA: schema_text().encode(),
        **dynamic_files(),
    }
    unwanted = made_in(DYNAMIC) - wanted.keys()
    try:
        gensdk = Path(run(sys.executable, CHECKOUT / "tools" / "engine.py", "gensdk")) / "gensdk"
        for language in LANGUAGES:
            files = sdk_files(gensdk, language, text)
            wanted |= files
            unwanted |= left_over(SDKS / language, files)
    except (GenerateError, DressingError) as error:
        print(f"generate: {error}", file=sys.stderr)
        return 1
    stale = {file for file, content in wanted.items() if not file.is_file() or file.read_bytes() != content}
    for file in sorted(stale | unwanted):
        told = "is no longer made" if file in unwanted else "differs" if file.exists() else "is missing"
        print(f"generate: {file.relative_to(CHECKOUT)} {told}")
    if check:
        if stale or unwanted:
            print("generate: stale files; run `make generate` and commit what it changes", file=sys.stderr)
        return 1 if stale or unwanted else 0
    for file in stale:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(wanted[file])
    for file in unwanted:
        file.unlink()
    for language in LANGUAGES:
        prune(SDKS / language)
    return 0


if __name__ == "__main__":
    sys.exit(main())
