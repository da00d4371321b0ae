"""Makes all that a release consists of, in `dist/`: `release.py [--platform linux-amd64 …] [--only PART …]`.

| part | files |
|---|---|
| python | wheels and sdists of the provider and of its SDK |
| nodejs | the Node SDK, compiled and packed by npm |
| go | the Go SDK as a module's zip, the form of Go's proxies |
| plugin | an archive per platform for `pulumi plugin install resource apikeys VERSION --file` |
| source-plugin | the same for any platform: `PulumiPlugin.yaml` and the sources, which Pulumi's Python host installs |
| sbom | what the provider's archive holds, as CycloneDX |

`SHA256SUMS` names every file. Run it with a Python that has the project installed with its extra `release`; it fetches
what it needs with pip and npm, and nothing is published.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from pulumi_resource_apikeys import __version__
from pulumi_resource_apikeys.publishing import GO_MODULE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

CHECKOUT = Path(__file__).resolve().parent.parent
DIST = CHECKOUT / "dist"
EXECUTABLE = CHECKOUT / "tools" / "plugin_executable.py"
PLUGIN = f"pulumi-resource-apikeys-v{__version__}"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
"""The versions of Python that a plugin's archive runs on, the oldest first."""
PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "linux-amd64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "linux-arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    "darwin-amd64": ("macosx_12_0_x86_64",),
    "darwin-arm64": ("macosx_12_0_arm64",),
}
"""What an archive's platform, in Pulumi's words, is called by pip. All can be made on any machine."""
LOCK = CHECKOUT / "examples" / "ci-preview" / "python" / "requirements.txt"
"""What provider and SDK stand on, by version and hash (`make lock`)."""
UNUSED = ("debugpy", "debugpy-*", "parver", "parver-*")
"""What the Pulumi SDK brings for debugging programs, a third of an archive, and what only our own SDK uses."""
LEFT_OUT = ("__pycache__", "node_modules", "bin", "*.egg-info", "build")


class ReleaseError(Exception):
    """A part can't be made; the message says why."""


def this_platform() -> str:
    """The platform of this machine, in Pulumi's words."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}-{machine}"


def run(*argv: str | Path, folder: Path = CHECKOUT) -> str:
    """Run a command; give its stdout. Raises ReleaseError with the command's own words where it fails."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch()), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        command = " ".join(map(str, argv))
        raise ReleaseError(f"`{command}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def epoch() -> int:
    """The time that all files are given, in seconds since 1970: that of the last commit, or 1980 without one."""
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return int(asked.stdout.strip() or 315532800)


def python_packages(dist: Path) -> None:
    """Wheels and sdists; each wheel is built from its sdist, which shows that the sdist is whole."""
    run(sys.executable, "-m", "build", "--outdir", dist, CHECKOUT)
    with tempfile.TemporaryDirectory() as scratch:
        sdk = Path(scratch, "sdk")
        shutil.copytree(CHECKOUT / "sdk" / "python", sdk, ignore=shutil.ignore_patterns(*LEFT_OUT))
        run(sys.executable, "-m", "build", "--outdir", dist, sdk)


def node_package(dist: Path) -> None:
    """The Node SDK: npm compiles it as it packs it."""
    with tempfile.TemporaryDirectory() as scratch:
        sdk = Path(scratch, "sdk")
        shutil.copytree(CHECKOUT / "sdk" / "nodejs", sdk, ignore=shutil.ignore_patterns(*LEFT_OUT))
        run("npm", "pack", "--pack-destination", dist, folder=sdk)


def go_module(dist: Path) -> None:
    """The Go SDK as a module's zip (https://go.dev/ref/mod#zip-files)."""
    root = CHECKOUT / "sdk" / "go"
    prefix = f"{GO_MODULE}@v{__version__}"
    with zipfile.ZipFile(dist / f"pulumi-apikeys-go-v{__version__}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in root.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{prefix}/{file.relative_to(root).as_posix()}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())


def plugin_archive(dist: Path, target: str, pythons: Sequence[str]) -> None:
    """An executable with all that it needs but Python itself, for one platform and some versions of Python.

    What is compiled bears its version of Python in its name, so that one folder serves them all. It holds what the lock
    file names, by hash; of a package that has several versions there, the one for the oldest Python.
    """
    wheel = provider_wheel(dist)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "plugin")
        library = folder / "lib"
        wanted: dict[str, str] = {}
        for version in pythons:
            wanted |= {name: block for name, block in locked(target, version).items() if name not in wanted}
        for version in pythons:
            made, lock = Path(scratch, version), Path(scratch, f"{version}.txt")
            lock.write_text("".join(wanted[name] for name in locked(target, version)))
            run(*pip_install(made, target, version), "--require-hashes", "--requirement", lock)
            shutil.copytree(made, library, dirs_exist_ok=True, ignore=shutil.ignore_patterns("bin", *UNUSED))
        own = Path(scratch, "own")
        run(*pip_install(own, target, pythons[0]), wheel)
        shutil.copytree(own, library, dirs_exist_ok=True, ignore=shutil.ignore_patterns("bin"))
        shutil.copy(EXECUTABLE, folder / "pulumi-resource-apikeys")
        shutil.copy(CHECKOUT / "LICENSE", folder)
        pack(folder, dist / f"{PLUGIN}-{target}.tar.gz", executables={"pulumi-resource-apikeys"})


def plugin_archives(dist: Path, targets: Iterable[str], pythons: Sequence[str]) -> None:
    """An archive for each platform."""
    for target in targets:
        plugin_archive(dist, target, pythons)


def pip_install(folder: Path, target: str, python: str) -> list[str | Path]:
    """The command that installs wheels for another platform and Python into a folder, whole and uncompiled."""
    tags = [part for tag in PLATFORMS[target] for part in ("--platform", tag)]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--only-binary", ":all:"]
    return [*pip, "--implementation", "cp", "--python-version", python, *tags, "--target", folder]


def locked(target: str, python: str) -> dict[str, str]:
    """What the lock file names for a platform and Python: the lines of each package, without its condition, by name.

    pip itself would judge conditions by the Python that it runs with.
    """
    system = target.partition("-")[0]
    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
    found: dict[str, str] = {}
    for first, hashes in re.findall(r"(?m)^([a-z0-9-]+==.*?) *\\\n((?: +--hash=.*\n)+)", LOCK.read_text()):
        requirement = Requirement(first)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            found[requirement.name] = f"{requirement.name}{requirement.specifier} \\\n{hashes}"
    return found


def provider_wheel(dist: Path) -> Path:
    """The provider's wheel, made if it is not there yet."""
    wheel = dist / f"pulumi_resource_apikeys-{__version__}-py3-none-any.whl"
    if not wheel.exists():
        python_packages(dist)
    return wheel


def source_plugin(dist: Path) -> None:
    """The provider's sdist without the folder around it: there is `PulumiPlugin.yaml` at its top."""
    provider_wheel(dist)
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(dist / f"pulumi_resource_apikeys-{__version__}.tar.gz") as sdist:
            sdist.extractall(scratch, filter="data")
        (folder,) = Path(scratch).iterdir()
        pack(folder, dist / f"{PLUGIN}-source.tar.gz", executables=set())


def pack(folder: Path, archive: Path, executables: Iterable[str]) -> None:
    """Pack a folder's files, always into the same bytes for the same files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = file.relative_to(folder).as_posix()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = file.stat().st_size, epoch()
            entry.mode = 0o755 if name in executables else 0o644
            with file.open("rb") as content:
                tar.addfile(entry, content)
    with archive.open("wb") as out, gzip.GzipFile("", "wb", fileobj=out, mtime=0) as zipped:
        zipped.write(raw.getvalue())


def bill_of_materials(dist: Path) -> None:
    """What the provider brings with it, as CycloneDX: an environment with nothing else in it, looked at."""
    wheel = provider_wheel(dist)
    with tempfile.TemporaryDirectory() as scratch:
        run(sys.executable, "-m", "venv", "--without-pip", scratch)
        python = Path(scratch, "bin", "python")
        run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", wheel)
        run(
            Path(sys.executable).with_name("cyclonedx-py"),
            "environment",
            "--output-reproducible",
            "--output-file",
            dist / f"{PLUGIN}-sbom.cdx.json",
            python,
        )


def checksums(dist: Path) -> None:
    """Name every file with its SHA-256, in the form that `sha256sum --check` reads."""
    files = sorted(path for path in dist.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (dist / "SHA256SUMS").write_text("".join(lines))


def main() -> int:
    """Run the command line; give the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=DIST, help="the folder to make the files in")
    parser.add_argument("--platform", action="append", choices=PLATFORMS, help="default: that of this machine")
    parser.add_argument("--python", action="append", help=f"default: {', '.join(PYTHONS)}")
    parts = ["python", "nodejs", "go", "plugin", "source-plugin", "sbom"]
    parser.add_argument("--only", action="append", choices=parts, help="make these parts alone")
    asked = parser.parse_args()
    dist: Path = asked.out.absolute()
    makers: dict[str, Callable[[], None]] = {
        "python": lambda: python_packages(dist),
        "nodejs": lambda: node_package(dist),
        "go": lambda: go_module(dist),
        "plugin": lambda: plugin_archives(dist, asked.platform or [this_platform()], asked.python or PYTHONS),
        "source-plugin": lambda: source_plugin(dist),
        "sbom": lambda: bill_of_materials(dist),
    }
    if asked.only is None:
        shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir(parents=True, exist_ok=True)
    try:
        for part in asked.only or parts:
            print(f"release: making {part}", file=sys.stderr, flush=True)
            makers[part]()
        checksums(dist)
    except (ReleaseError, OSError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    for file in sorted(dist.iterdir()):
        print(f"{file.stat().st_size:>12,}  {file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
