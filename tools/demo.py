"""The whole life of two API keys on the real Pulumi engine, told step by step: `make demo`, `make demo DYNAMIC=1`.

Starts the emulator, runs the example with `pulumi up` on a file backend, revokes a key behind Pulumi's back, shows the
preview that heals it and the `up`, and destroys. Ends non-zero at the first step that does not go as told. Everything
is in a folder below .cache, which is removed at the end, and nothing is left running.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from apikeys_emulator.testing import Emulator

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
OWN_VENV = "runtime:\n  name: python\n  options:\n    toolchain: pip\n    virtualenv: venv\n"
"""How the example asks for a virtual environment of its own; here that on PATH has all that it needs."""


class NotAsToldError(Exception):
    """A step of the demo did not go as told."""


def say(text: str) -> None:
    """Tell what happens next."""
    print(f"\n\033[1m▸ {text}\033[0m" if sys.stdout.isatty() else f"\n▸ {text}", flush=True)


def check(holds: bool, claim: str) -> None:
    """Show a claim that was checked, or end the demo."""
    if not holds:
        raise NotAsToldError(claim)
    print(f"  ✓ {claim}", flush=True)


class Infrastructure:
    """The example's folder, and `pulumi` in it."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that holds a copy of the example."""
        self.folder = folder
        own = {
            "PULUMI_HOME": str(folder / ".pulumi-home"),
            "PULUMI_BACKEND_URL": f"file://{folder / '.state'}",
            "PULUMI_CONFIG_PASSPHRASE": "demo",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "APIKEYS_"))}
        self._environment = {**inherited, **own}
        (folder / ".state").mkdir()
        settings = folder / "Pulumi.yaml"
        settings.write_text(settings.read_text().replace(OWN_VENV, "runtime: python\n"))

    def pulumi(self, *arguments: str, quiet: bool = False) -> str:
        """Run a command, showing it and what it prints; ends the demo where it fails."""
        if not quiet:
            print(f"  $ pulumi {' '.join(arguments)}", flush=True)
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0 or not quiet:
            print("".join(f"    {line}\n" for line in done.stdout.splitlines()), end="", flush=True)
        if done.returncode != 0:
            raise NotAsToldError(f"pulumi {arguments[0]} succeeds")
        return done.stdout

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets shown."""
        shown: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json", "--show-secrets", quiet=True))
        return shown


def tell(infrastructure: Infrastructure, emulator: Emulator) -> None:
    """The story."""
    token = emulator.token(ttl_seconds=3600)
    say("A stack, told where the API is, which project the keys belong to, and a token.")
    infrastructure.pulumi("stack", "init", "demo", quiet=True)
    infrastructure.pulumi("config", "set", "apikeys:endpoint", emulator.url)
    infrastructure.pulumi("config", "set", "apikeys:projectId", PROJECT)
    infrastructure.pulumi("config", "set", "--secret", "apikeys:token", token, quiet=True)
    print("  $ pulumi config set --secret apikeys:token …")

    say("pulumi up mints the keys.")
    infrastructure.pulumi("up", "--yes", "--skip-preview")
    outputs = infrastructure.outputs()
    secrets = [outputs["deployKey"], outputs["reportsKey"]]
    check(len(emulator.active_keys(PROJECT)) == len(secrets), "the server has two active keys")
    check(all(emulator.verify(secret) for secret in secrets), "the server accepts both secrets")

    say("The secrets are secret outputs, and the state holds them only as ciphertext.")
    infrastructure.pulumi("stack", "output")
    state = infrastructure.pulumi("stack", "export", quiet=True)
    check(not any(secret in state for secret in [*secrets, token]), "no key and no token is readable in the state")
    check('"ciphertext"' in state, "they are there as ciphertext")

    say("Nothing changed, so pulumi up changes nothing.")
    check("3 unchanged" in infrastructure.pulumi("up", "--yes", "--skip-preview"), "all is unchanged")

    say("Somebody revokes the deploy key in the dashboard, behind Pulumi's back.")
    emulator.revoke(outputs["deployKeyId"])
    check(not emulator.verify(outputs["deployKey"]), "the server refuses the old secret now")

    say("A plain preview sees it, with no --refresh, and says why.")
    preview = infrastructure.pulumi("preview")
    check("1 to replace" in preview and "was revoked" in preview, "the preview shows that the key comes back, and why")

    say("pulumi up heals it.")
    infrastructure.pulumi("up", "--yes", "--skip-preview")
    healed = infrastructure.outputs()
    check(emulator.verify(healed["deployKey"]), "the server accepts the new deploy key")
    check(healed["reportsKey"] == outputs["reportsKey"], "the other key is as it was")

    say("pulumi destroy revokes all.")
    infrastructure.pulumi("destroy", "--yes", "--skip-preview")
    check(emulator.active_keys(PROJECT) == [], "no key is left active")


def main() -> int:
    """Run the demo; returns the exit status."""
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    example = ROOT / "examples" / ("basic-dynamic" if os.environ.get("DYNAMIC") == "1" else "basic") / "python"
    with tempfile.TemporaryDirectory(prefix="demo-", dir=cache) as folder, Emulator() as emulator:
        say(f"A server of the API runs at {emulator.url} (an emulator; nothing leaves this machine).")
        copy = Path(folder) / "infrastructure"
        shutil.copytree(example, copy)
        try:
            tell(Infrastructure(copy), emulator)
        except NotAsToldError as error:
            print(f"  ✗ not as told: {error}", flush=True)
            return 1
    say("Done: minted, healed and revoked. Nothing is left running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
