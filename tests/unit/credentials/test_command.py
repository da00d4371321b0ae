"""The token command, with real programs."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

import pytest

from fakes.clock import START, FakeClock
from fakes.tokens import made_up_jwt
from harness.processes import alive, eventually
from pulumi_resource_apikeys.credentials import command as module
from pulumi_resource_apikeys.credentials.command import LARGEST, CommandSource
from pulumi_resource_apikeys.credentials.environment import for_program
from pulumi_resource_apikeys.credentials.program import Program
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


def all_end_soon(pids: list[int]) -> bool:
    """Whether they end within some seconds: the system ends a killed process in its own time."""
    deadline = time.monotonic() + 10
    while any(map(alive, pids)):
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


# What it leaves behind

DAEMON = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / "began").touch()
while not (folder / "go-on").exists(): time.sleep(0.01)
print("x" * 100_000, flush=True)
print("y" * 100_000, file=sys.stderr, flush=True)
(folder / "survived").touch()
"""
LEAVING_A_DAEMON = """
import pathlib, subprocess, sys, time
folder, daemon, stderr_alone = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
subprocess.Popen([sys.executable, "-c", daemon, str(folder)], stdout=subprocess.DEVNULL if stderr_alone else None)
while not (folder / "began").exists(): time.sleep(0.01)
print("signed in", file=sys.stderr)
print("token")
"""


@pytest.mark.parametrize("stderr_alone", ["", "yes"])
async def test_a_program_that_leaves_a_daemon_with_its_output_has_succeeded_and_the_daemon_lives(
    tmp_path: Path, reports: Reports, stderr_alone: str
) -> None:
    source = python(LEAVING_A_DAEMON, str(tmp_path), DAEMON, stderr_alone, time_limit=20.0, reports=reports)
    try:
        assert (await source.fetch()).secret.get_secret_value() == "token"
        assert [line.rpartition(": ")[2] for line in reports] == ["signed in"]
    finally:
        (tmp_path / "go-on").touch()
    eventually((tmp_path / "survived").exists, "the daemon lives and can write")
    assert len(reports) == 1, "what the daemon says is not the program's"


async def test_a_program_that_fails_and_leaves_a_daemon_has_failed(tmp_path: Path) -> None:
    source = python(LEAVING_A_DAEMON + "sys.exit(3)", str(tmp_path), DAEMON, "", time_limit=20.0)
    try:
        assert 'failed with exit status 3: "signed in"' in await failure(source)
    finally:
        (tmp_path / "go-on").touch()


async def test_a_program_that_can_not_even_be_started_in_time_does_not_run_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may lie on a network file system that does not answer."""
    answers, pids, really = threading.Event(), tmp_path / "pids", subprocess.Popen
    started: list[subprocess.Popen[bytes]] = []

    def popen(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        answers.wait(60)
        started.append(really(*arguments, **options))
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", popen)
    assert "gave no token within 0.05 s" in await failure(python(STUBBORN, str(pids), time_limit=0.05))
    answers.set()
    eventually(lambda: started, "it is started after all")
    assert all_end_soon([started[0].pid])


# What it is told

KEPT = {
    "HOME": "/home/me",
    "HTTPS_PROXY": "http://proxy",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AZURE_CLIENT_SECRET": "x",
    "PULUMI_ACCESS_TOKEN": "x",
    "PULUMI_HOME": "/home/me/.pulumi",
    "PULUMI_STACK": "dev",
    "APIKEYS_ENDPOINT": "https://api.example.com",
    "APIKEYS_CLERK_SESSION_ID": "sess_1",
}
TAKEN = {
    "PULUMI_CONFIG": '{"apikeys:token": "very-secret"}',
    "PULUMI_CONFIG_SECRET_KEYS": '["apikeys:token"]',
    "PULUMI_CONFIG_PASSPHRASE": "very-secret",
    "PULUMI_CONFIG_PASSPHRASE_FILE": "/very-secret",
    "APIKEYS_TOKEN": "very-secret",
    "APIKEYS_CLERK_SECRET_KEY": "very-secret",
    "APIKEYS_IMPORT_SECRET": "very-secret",
    "APIKEYS_IMPORT_SECRET_0B9D5C1E": "very-secret",
}


def test_a_program_gets_what_it_may_sign_in_with_and_nothing_of_the_stack_or_of_other_sources() -> None:
    assert for_program({**KEPT, **TAKEN, "pulumi_config_passphrase": "very-secret"}) == KEPT


async def test_the_program_is_run_in_that_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**KEPT, **TAKEN}.items():
        monkeypatch.setenv(name, value)
    program = "import os, sys; print(*(name for name in sys.argv[1:] if name in os.environ), sep='/')"
    found = (await python(program, *KEPT, *TAKEN, "PATH").fetch()).secret.get_secret_value()
    assert found.split("/") == [*KEPT, "PATH"]


# Opaque tokens in what it says

TALKING = """
import json, sys
token, form, status = sys.argv[1:]
print(token if form == "bare" else json.dumps({"token": token}), flush=True)
print("signed in with", token, "for now", file=sys.stderr)
sys.exit(int(status))
"""


@pytest.mark.parametrize("form", ["bare", "json"])
@pytest.mark.parametrize("status", ["0", "3"])
async def test_a_token_that_it_repeats_on_standard_error_is_not_shown(reports: Reports, form: str, status: str) -> None:
    source = python(TALKING, "opaque-0123456789", form, status, reports=reports)
    if status == "0":
        await source.fetch()
    else:
        assert '"signed in with [redacted] for now"' in await failure(source)
    assert reports == [f"tokenCommand {sys.executable}: signed in with [redacted] for now"]


async def test_a_token_is_not_shown_although_the_line_that_repeats_it_is_read_first(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, read_stdout, read_stderr = threading.Event(), Program._read_stdout, Program._read_stderr

    def late(program: Program, pipe: IO[bytes]) -> None:
        said.wait(10)
        read_stdout(program, pipe)

    def early(program: Program, pipe: IO[bytes]) -> None:
        read_stderr(program, pipe)
        said.set()

    monkeypatch.setattr(Program, "_read_stdout", late)
    monkeypatch.setattr(Program, "_read_stderr", early)
    monkeypatch.setattr(module, "SHOWN_AFTER", 10.0)
    await python(TALKING, "opaque-0123456789", "bare", "0", reports=reports).fetch()
    assert reports == [f"tokenCommand {sys.executable}: signed in with [redacted] for now"]


async def test_a_token_that_it_gave_before_is_not_shown(tmp_path: Path, reports: Reports) -> None:
    program = (
        "import pathlib, sys; before = pathlib.Path(sys.argv[1])\n"
        "if before.exists(): sys.exit('still ' + before.read_text())\n"
        "before.write_text('opaque-0123456789'); print('opaque-0123456789')"
    )
    source = python(program, str(tmp_path / "before"), reports=reports)
    await source.fetch()
    assert await failure(source) == f'tokenCommand {sys.executable}: failed with exit status 1: "still [redacted]"'
    assert "opaque" not in "".join(reports)


async def test_a_token_that_was_set_in_the_place_of_a_program_is_not_shown() -> None:
    assert JWT[:20] not in await failure(command(JWT))


@pytest.mark.parametrize("argv", [("",), ("nul\0",), (sys.executable, "half \ud800"), (".",)])
async def test_what_can_be_no_program_is_told(argv: tuple[str, ...]) -> None:
    assert re.match(r"^tokenCommand .*: (it|there) .+", await failure(command(*argv)))
