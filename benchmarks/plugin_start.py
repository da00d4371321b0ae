"""How long the plugin takes to start, by the way it is installed: `make bench-plugins`.

From the start of the process to the port on its standard output, which is what the engine waits for three times in an
`up` that refreshes first. Each way is started in turn, so that what else the machine does falls on all of them alike.
The first start, which compiles and unpacks, stands in a column of its own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ROUNDS = 15
PLUGIN = "pulumi-resource-apikeys"


def run(*argv: str | Path) -> None:
    """Run a command, which must succeed."""
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def start(argv: list[str]) -> float:
    """Start a plugin, wait for its port and end it; gives the seconds to the port."""
    began = time.perf_counter()
    with subprocess.Popen([*argv, "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        port = process.stdout.readline() if process.stdout else b""
        took = time.perf_counter() - began
        process.kill()
    if not port.strip().isdigit():
        raise SystemExit(f"{argv[0]} said {port!r} in place of a port")
    return took


def ways(scratch: Path) -> dict[str, tuple[list[str], int]]:
    """Install the plugin in every way; gives command and size in bytes of what is handed on."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    release: list[str | Path] = [sys.executable, CHECKOUT / "tools" / "release.py", "--out", scratch]
    run(*release, "--only", "python", "--only", "plugin", "--only", "source-plugin", "--python", python)
    (wheel,) = scratch.glob("pulumi_resource_apikeys-*.whl")
    (archive,) = scratch.glob(f"{PLUGIN}-v*-*-*.tar.gz")
    (source,) = scratch.glob(f"{PLUGIN}-v*-source.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(scratch / "archive", filter="data")
    venv = scratch / "venv" / "bin"
    run(sys.executable, "-m", "venv", venv.parent)
    pip: list[str | Path] = [
        venv / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    run(*pip, wheel)
    tools = scratch / "tools" / "bin"
    run(sys.executable, "-m", "venv", tools.parent)
    run(tools / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "shiv")
    zipapp, main = scratch / f"{PLUGIN}.pyz", "pulumi_resource_apikeys.__main__:main"
    run(tools / "shiv", "-q", "-p", sys.executable, "-e", main, "-o", zipapp, wheel)
    return {
        "executable that pip installs": ([str(venv / PLUGIN)], wheel.stat().st_size),
        "archive of a platform": ([sys.executable, str(scratch / "archive" / PLUGIN)], archive.stat().st_size),
        "zipapp made by shiv": ([str(zipapp)], zipapp.stat().st_size),
        "sources, run as a Python host does": (
            [str(venv / "python"), "-m", "pulumi.run.plugin", PLUGIN],
            source.stat().st_size,
        ),
    }


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as scratch:
        found = ways(Path(scratch))
        first = {way: start(argv) for way, (argv, _) in found.items()}
        took: dict[str, list[float]] = {way: [] for way in found}
        for _ in range(ROUNDS):
            for way, (argv, _size) in found.items():
                took[way].append(start(argv))
        print("| way | MB | first start, s | median, s | fastest, s |\n|---|---|---|---|---|")
        for way, (_, size) in found.items():
            row = took[way]
            middle, least = statistics.median(row), min(row)
            print(f"| {way} | {size / 1e6:.1f} | {first[way]:.2f} | {middle:.2f} | {least:.2f} |")


if __name__ == "__main__":
    main()
