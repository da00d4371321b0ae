"""Makes the virtual environment that `pulumi-resource-apikeys` beside it starts the provider from.

The provider is installed in place, so that a change of the checkout needs no other environment. Several plugins may be
started at once: the first makes it, the others wait. Stdout is the plugin's and belongs to the engine.
"""

import fcntl
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / "venv"


def run(*argv: str | Path) -> None:
    """Run a command whose words go to stderr. Raises CalledProcessError where it fails."""
    subprocess.run(argv, stdout=sys.stderr, check=True)


def main() -> int:
    """Make the environment unless it is there; give the exit status."""
    with (HERE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (VENV / "made").exists():
            return 0
        sys.stderr.write(f"making {VENV} for the apikeys provider, once\n")
        try:
            run(sys.executable, "-m", "venv", "--clear", VENV)
            run(VENV / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-e", HERE.parent)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.stderr.write(f"the apikeys provider can't be installed: {error}\n")
            return 1
        (VENV / "made").touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
