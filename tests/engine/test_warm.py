"""Forked processes, below the commands of tests, as ones that a user's command starts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import warm
from harness.processes import alive, eventually

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts a program in a folder and an environment of its own."""

    def start(program: str) -> subprocess.Popen[str]:
        (tmp_path / "program.py").write_text(f"import os, signal, sys, time\n{program}")
        return subprocess.Popen(
            [f"{warm.folder()}/python3", "-u", "-m", "program", "argument"],
            cwd=tmp_path,
            env={**os.environ, "TOLD": "in the environment"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (
            "print(sys.argv[1:], os.environ['TOLD'], os.getcwd() == sys.path[0])",
            (0, "['argument'] in the environment True\n", ""),
        ),
        ("sys.exit(7)", (7, "", "")),
        ("sys.exit('said')", (1, "", "said\n")),
        ("import atexit; atexit.register(print, 'last')", (0, "last\n", "")),
        ("signal.signal(signal.SIGINT, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGINT)", (-signal.SIGINT, "", "")),
    ],
)
def test_says_and_ends_as_it_would(start: Start, program: str, expected: tuple[int, str, str]) -> None:
    with start(program) as process:
        said = process.communicate(timeout=60)

    assert (process.returncode, *said) == expected


def test_a_failure_is_told_from_the_programs_first_line_on(start: Start) -> None:
    with start("1 / 0") as process:
        _, told = process.communicate(timeout=60)

    assert process.returncode == 1
    assert told.startswith('Traceback (most recent call last):\n  File "')
    assert told.split('"')[1].endswith("program.py")
    assert "ZeroDivisionError" in told


def test_a_signal_reaches_it_and_a_kill_ends_it(start: Start) -> None:
    waits = "signal.signal(signal.SIGTERM, lambda *_: print('heard')); print(os.getpid()); time.sleep(600)"
    with start(waits) as process:
        assert process.stdout is not None
        program = int(process.stdout.readline())
        process.terminate()
        assert process.stdout.readline() == "heard\n"
        assert alive(program)
        process.kill()
        eventually(lambda: not alive(program), "the program ends")


def test_processes_that_end_while_they_are_killed_leave_the_server_alone(start: Start) -> None:
    for _ in range(40):
        with start("print()") as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.kill()

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asker:
        asker.connect(f"{warm.folder()}/socket")
