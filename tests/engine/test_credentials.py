"""Where a token comes from, on the real engine: each source from each place, and when it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.token_program import TokenProgram
from harness.variants import both

SESSION = "sess_of_the_pipeline"
SECRET = {"token", "clerkSecretKey"}


@pytest.fixture
def bare(new_stack: Callable[..., Stack], project: str) -> Stack:
    """A stack of two keys that has an endpoint and no token."""
    stack = new_stack(token=None)
    stack.declare({"first": {"args": {"project_id": project}}, "second": {"args": {"project_id": project}}})
    return stack


@pytest.fixture
def program(tmp_path: Path, emulator: Emulator) -> TokenProgram:
    return TokenProgram(tmp_path, emulator.url)


def variable(option: str) -> str:
    """The environment variable of an option."""
    return "APIKEYS_" + "".join(f"_{letter}" if letter.isupper() else letter for letter in option).upper()


def place(stack: Stack, where: str, options: dict[str, str]) -> None:
    """Set options in the stack or in the environment."""
    if where == "environment":
        stack.environment |= {variable(option): value for option, value in options.items()}
        return
    for option, value in options.items():
        stack.configure("--secret" if option in SECRET else "--plaintext", f"apikeys:{option}", value)


@pytest.fixture(params=["token", "tokenFile", "tokenCommand", "clerk"])
def source(
    request: pytest.FixtureRequest, emulator: Emulator, program: TokenProgram, tmp_path: Path
) -> tuple[dict[str, str], str]:
    """The options of a source, and what of it must not be in the clear."""
    token = emulator.token()
    file = tmp_path / "token.jwt"
    file.write_text(f"{token}\n")
    options = {
        "token": {"token": token},
        "tokenFile": {"tokenFile": str(file)},
        "tokenCommand": {"tokenCommand": json.dumps(program.argv)},
        "clerk": {
            "clerkSecretKey": emulator.clerk_secret_key,
            "clerkSessionId": SESSION,
            "clerkApiUrl": emulator.url,
        },
    }[request.param]
    return options, options.get("clerkSecretKey", token)


@pytest.mark.parametrize("where", ["stack", "environment"])
def test_each_source_serves_from_each_place_and_no_credential_is_in_the_clear(
    bare: Stack, emulator: Emulator, project: str, source: tuple[dict[str, str], str], where: str
) -> None:
    options, secret = source
    place(bare, where, options)

    up = bare.up()

    assert up.ok, up.output
    assert len(emulator.active_keys(project)) == 2
    assert emulator.counts()["clerk"] == (1 if "clerkSessionId" in options else 0)
    assert secret not in up.output
    exported = json.dumps(bare.state())
    assert secret not in exported
    if where == "environment":
        facts = json.dumps(bare.facts())
        # The emulator is the API too, and a state remembers where its keys live.
        assert not [value for value in options.values() if value != emulator.url and value in facts]


@both
def test_the_source_of_the_stack_comes_before_that_of_the_environment(
    bare: Stack, emulator: Emulator, project: str, program: TokenProgram
) -> None:
    place(bare, "stack", {"token": emulator.token(subject="user_of_the_stack")})
    place(bare, "environment", {"tokenCommand": json.dumps(program.argv)})

    assert bare.up().ok

    assert {key.created_by for key in emulator.keys(project)} == {"user_of_the_stack"}
    assert program.runs() == 0


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("stack", "the provider configuration sets more than one token source, tokenFile and clerkSecretKey"),
        ("environment", "the environment sets more than one token source, APIKEYS_TOKEN_FILE and APIKEYS_CLERK_SECRET"),
    ],
)
@both
def test_two_sources_in_one_place_are_a_conflict_that_names_both(
    bare: Stack, emulator: Emulator, where: str, words: str
) -> None:
    place(bare, where, {"tokenFile": "token.jwt", "clerkSecretKey": "sk_secret", "clerkSessionId": SESSION})

    preview = bare.preview()

    assert not preview.ok
    assert words in preview.output
    assert "sk_secret" not in preview.output
    assert not preview.shows_traceback()
    assert set(emulator.counts().values()) == {0}


@both
def test_no_source_at_all_fails_at_the_first_call_and_names_every_way(bare: Stack, emulator: Emulator) -> None:
    preview, up = bare.preview(), bare.up()

    assert preview.ok, preview.output
    assert not up.ok
    for way in ("APIKEYS_TOKEN,", "APIKEYS_TOKEN_FILE", "APIKEYS_TOKEN_COMMAND", "APIKEYS_CLERK_SECRET_KEY"):
        assert way in up.output
    assert set(emulator.counts().values()) == {0}


@both
def test_a_token_is_fetched_when_first_needed_and_once_for_all_keys(
    bare: Stack, emulator: Emulator, program: TokenProgram
) -> None:
    place(bare, "stack", {"tokenCommand": json.dumps(program.argv)})

    preview = bare.preview()

    assert preview.counts()["to create"] == 3, preview.output
    assert program.runs() == 0
    assert set(emulator.counts().values()) == {0}
    assert bare.up().ok
    assert emulator.counts()["create"] == 2
    assert program.runs() == 1


@both
def test_what_the_token_command_says_on_standard_error_reaches_the_user(
    bare: Stack, emulator: Emulator, tmp_path: Path
) -> None:
    program = TokenProgram(tmp_path, emulator.url, says="open https://sign.in/device and enter ABCD-1234")
    place(bare, "environment", {"tokenCommand": json.dumps(program.argv)})

    up = bare.up()

    assert up.ok, up.output
    _, _, diagnostics = up.output.partition("\nDiagnostics:\n")
    assert diagnostics.count(program.says) == 1, up.output


@both
def test_a_token_command_that_fails_tells_its_last_words_and_nothing_is_called(bare: Stack, emulator: Emulator) -> None:
    place(bare, "environment", {"tokenCommand": "sh -c 'echo not signed in >&2; exit 3'"})

    up = bare.up()

    assert not up.ok
    assert any('tokenCommand sh: failed with exit status 3: "not signed in"' in error for error in up.errors())
    assert set(emulator.counts().values()) == {0}


@both
def test_a_token_file_is_read_again_when_it_changes_during_a_run(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, tmp_path: Path
) -> None:
    stack, file = new_stack(token=None), tmp_path / "token.jwt"
    file.write_text(emulator.token(subject="user_before"))
    place(stack, "environment", {"tokenFile": str(file)})
    stack.declare(
        {
            "first": {"args": {"project_id": project, "name": "first"}},
            "second": {"args": {"project_id": project, "name": "second"}, "options": {"depends_on": ["first"]}},
        }
    )
    emulator.fault("create", "latency", latency_ms=3000)
    renewed = emulator.token(subject="user_after")

    with stack.start("up", "--yes", "--skip-preview", "--stack", stack.name) as running:
        while emulator.counts()["create"] == 0 and running.poll() is None:
            pass
        file.write_text(renewed)
        output, _ = running.communicate(timeout=240)

    assert running.returncode == 0, output
    makers = {key.name: key.created_by for key in emulator.keys(project)}
    assert makers == {"first": "user_before", "second": "user_after"}


@both
def test_an_ended_clerk_session_says_to_sign_in_again(bare: Stack, emulator: Emulator) -> None:
    options = {
        "clerkSecretKey": emulator.clerk_secret_key,
        "clerkSessionId": SESSION,
        "clerkApiUrl": emulator.url,
    }
    place(bare, "environment", options)
    emulator.end_session(SESSION)

    up = bare.up()

    assert not up.ok
    assert any("the session has ended" in error and "sign in again" in error for error in up.errors()), up.output
    assert emulator.clerk_secret_key not in up.output
    counts = emulator.counts()
    assert (counts["list"], counts["create"]) == (0, 0)
