"""The token command, with real programs."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import pytest

from fakes.clock import START, FakeClock
from fakes.tokens import made_up_jwt
from pulumi_resource_apikeys.credentials.command import LARGEST, CommandSource
from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.settings import TokenCommand

EPOCH = int(START.timestamp())
JWT = made_up_jwt(iat=EPOCH, exp=EPOCH + 60)


class Reports(list[str]):
    """What the user was shown."""


@pytest.fixture
def reports() -> Reports:
    return Reports()


def python(program: str, *arguments: str, time_limit: float = 30.0, reports: Reports | None = None) -> CommandSource:
    argv = (sys.executable, "-c", program, *arguments)
    shown = Reports() if reports is None else reports
    return CommandSource(TokenCommand(argv), FakeClock(), shown.append, time_limit=time_limit)


def command(*argv: str) -> CommandSource:
    return CommandSource(TokenCommand(argv), FakeClock(), Reports().append)


async def failure(source: CommandSource) -> str:
    with pytest.raises(CredentialError) as caught:
        await source.fetch()
    return str(caught.value)


@pytest.mark.parametrize("printed", [f"{JWT}\n", json.dumps({"token": JWT, "expires_at": EPOCH + 60})])
async def test_what_it_prints_is_the_token(printed: str) -> None:
    token = await python("import sys; print(sys.argv[1])", printed).fetch()
    assert token.secret.get_secret_value() == JWT
    assert token.expires_at is not None


async def test_arguments_go_to_the_program_as_they_are_with_no_shell() -> None:
    token = await python("import sys; print(len(sys.argv[1:]), *sys.argv[1:], sep='/')", "$HOME;", "`x`").fetch()
    assert token.secret.get_secret_value() == "2/$HOME;/`x`"


async def test_its_input_is_empty() -> None:
    program = "import os; print(os.path.samestat(os.fstat(0), os.stat(os.devnull)))"
    assert (await python(program).fetch()).secret.get_secret_value() == "True"


async def test_its_standard_error_is_shown_line_by_line_without_tokens(reports: Reports) -> None:
    program = "import sys; print('one', sys.argv[1], '\\n\\ntwo\\x1b', file=sys.stderr); print('token')"
    await python(program, JWT, reports=reports).fetch()
    assert reports == [
        f"tokenCommand {sys.executable}: one [redacted]",
        f"tokenCommand {sys.executable}: two",
    ]


async def test_its_standard_error_is_shown_while_it_still_runs(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program = (
        "import pathlib, sys, time\n"
        "print('sign in at https://example.com', file=sys.stderr, flush=True)\n"
        "while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\n"
        "print('token')"
    )
    source = CommandSource(
        TokenCommand((sys.executable, "-c", program, str(seen))), FakeClock(), lambda _line: seen.touch()
    )
    assert (await source.fetch()).secret.get_secret_value() == "token"


async def test_a_very_long_line_on_standard_error_does_no_harm(reports: Reports) -> None:
    program = f"import sys; print('x' * {2 * LARGEST}, file=sys.stderr); print('end', file=sys.stderr); print('token')"
    token = await python(program, reports=reports).fetch()
    assert token.secret.get_secret_value() == "token"
    assert reports[-1].endswith(": end")


async def test_a_failure_tells_the_status_and_the_last_lines_but_not_the_output() -> None:
    program = (
        "import sys; print('half-a-token')\n"
        "for n in range(9): print('line', n, sys.argv[1], file=sys.stderr)\n"
        "sys.exit(3)"
    )
    text = await failure(python(program, JWT))
    assert text == (
        f"tokenCommand {sys.executable}: failed with exit status 3:"
        ' "line 6 [redacted] / line 7 [redacted] / line 8 [redacted]"'
    )


async def test_an_end_by_signal_is_told() -> None:
    assert "was ended by signal 15" in await failure(python("import os; os.kill(os.getpid(), 15)"))


async def test_arguments_are_not_told() -> None:
    assert "hunter2" not in await failure(python("raise SystemExit(1)", "--password=hunter2"))


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("pass", "it is empty"),
        ("print('Your token is: x')", "is no token"),
        ("print('{}')", "expected a token, or JSON"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')", "is no token"),
        (f"print('x' * {2 * LARGEST})", "printed more than"),
    ],
)
async def test_output_that_is_no_token_is_told(program: str, why: str) -> None:
    assert why in await failure(python(program))


async def test_an_expired_token_is_refused_with_its_age() -> None:
    text = await failure(python("import sys; print(sys.argv[1])", made_up_jwt(exp=EPOCH - 86400)))
    assert "the token expired 1 d ago. The program must print a current one" in text


async def test_a_program_that_is_not_there_is_told() -> None:
    text = await failure(command("no-such-program-anywhere", "x"))
    assert text.startswith("tokenCommand no-such-program-anywhere: there is no such program")


@pytest.mark.parametrize(("mode", "why"), [(0o644, "may not be run"), (0o755, "can't be run: Exec format error")])
async def test_a_file_that_can_not_be_run_is_told(tmp_path: Path, mode: int, why: str) -> None:
    program = tmp_path / "helper"
    program.write_bytes(b"\x00not a program")
    program.chmod(mode)
    assert why in await failure(command(str(program)))


STUBBORN = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid}")
print("waiting for a browser", file=sys.stderr, flush=True)
time.sleep(600)
"""


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that has ended stays in the table until its parent asks for it.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def all_end_soon(pids: list[int]) -> bool:
    """Whether they end within some seconds: the system ends a killed process in its own time."""
    deadline = time.monotonic() + 10
    while any(runs(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        os.sched_yield()
    return True


async def test_a_program_that_takes_too_long_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    text = await failure(python(STUBBORN, str(pids), time_limit=2.0))
    assert "gave no token within 2 s and was stopped" in text
    assert "waiting for a browser" in text
    assert all_end_soon([int(pid) for pid in pids.read_text().split()])


async def test_a_cancelled_fetch_stops_the_program_with_all_it_started(tmp_path: Path) -> None:
    pids, said = tmp_path / "pids", asyncio.Event()
    argv = (sys.executable, "-c", STUBBORN, str(pids))
    source = CommandSource(TokenCommand(argv), FakeClock(), lambda _line: said.set())
    fetch = asyncio.ensure_future(source.fetch())
    await said.wait()
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch
    assert all_end_soon([int(pid) for pid in pids.read_text().split()])
