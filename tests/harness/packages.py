"""The SDKs of Node and Go as their users get them: packed, and installed from the package.

What that takes from the registries and compiles is kept in the checkout's `.cache`, by what it is made from.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
CACHE = CHECKOUT / ".cache"
NODE_SDK = CHECKOUT / "sdk" / "nodejs"


def node_modules() -> Path:
    """A `node_modules` with the packed Node SDK and what the TypeScript examples name; made once."""
    example = json.loads((CHECKOUT / "examples" / "basic" / "typescript" / "package.json").read_text())
    wanted = {**example["dependencies"], **example["devDependencies"]}
    left_out = {"node_modules", "bin"}
    sources = [file for file in sorted(NODE_SDK.rglob("*")) if file.is_file() and not left_out & set(file.parts)]
    digest = hashlib.sha256(json.dumps(wanted).encode())
    for file in sources:
        digest.update(file.read_bytes())
    final = CACHE / f"node-{digest.hexdigest()[:12]}"
    with alone("node"):
        if not final.exists():
            making = CACHE / "making-node"
            shutil.rmtree(making, ignore_errors=True)
            shutil.copytree(NODE_SDK, making / "sdk", ignore=shutil.ignore_patterns(*left_out))
            _run("npm", "pack", "--silent", "--pack-destination", str(making), folder=making / "sdk")
            (packed,) = making.glob("*.tgz")
            shutil.rmtree(making / "sdk")
            packages = [f"{name}@{version}" for name, version in wanted.items() if not version.startswith("file:")]
            (making / "package.json").write_text('{"private": true}')
            _run("npm", "install", "--no-package-lock", packed.name, *packages, folder=making)
            making.rename(final)
    return final / "node_modules"


def _run(*argv: str, folder: Path) -> None:
    done = subprocess.run(argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Keeps the workers of a run from making the same twice."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def go_environment() -> dict[str, str]:
    """The variables with which a Go program is compiled from what the engine's build has left in Go's cache."""
    return {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-trimpath -buildvcs=false",
        "GOWORK": "off",
        **{name: os.environ[name] for name in ("GOPROXY", "GONOSUMDB", "GOTOOLCHAIN") if name in os.environ},
        **dict(zip(("GOMODCACHE", "GOCACHE"), _go_caches(), strict=True)),
    }


def _go_caches() -> list[str]:
    asked = subprocess.run(
        ["go", "env", "GOMODCACHE", "GOCACHE"], check=True, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    )
    return asked.stdout.splitlines()
