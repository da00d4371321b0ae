"""What makes the Python processes of a command start at once: a fork of one process that has imported everything.

The program, the plugin and the dynamic host import for a third of a second each, in every command. Programs that stand
before Python and the plugin on PATH have a server of `warm_python`, one for each process of tests, fork them instead.
They are processes as ever, with the same command line, environment, folder and standard files; only, the engine is not
above them in the tree of processes. So a test of how processes start or end, or that looks above them, does without.
"""

from __future__ import annotations

import atexit
import functools
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

WARM_PYTHON = Path(__file__).with_name("warm_python")
PROGRAMS = ("python", "python3", "pulumi-resource-apikeys")


@functools.cache
def folder() -> str:
    """The folder to put on PATH, until this process ends; away from Linux it is that of Python's own programs."""
    if not hasattr(os, "pidfd_open"):
        return str(Path(sys.executable).parent)
    made = TemporaryDirectory(prefix="warm-")
    for name in PROGRAMS:
        program = Path(made.name, name)
        program.write_text(f"#!{sys.executable} -IS\n{(WARM_PYTHON / 'python.py').read_text()}")
        program.chmod(0o755)
    argv = [sys.executable, str(WARM_PYTHON / "server.py"), str(Path(made.name, "socket"))]
    server = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def end() -> None:
        server.communicate(timeout=60)
        made.cleanup()

    atexit.register(end)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    return made.name
