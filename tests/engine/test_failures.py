"""What may fail on the way to the API: one clear message each, the state stays as it was, and no secret is lost."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Result, Stack

PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
DEPLOY: dict[str, Any] = {"deploy": {"args": {"project_id": PROJECT}}}

FORBIDDEN = (
    {"kind": "status", "status": 403, "detail": "your role may not"},
    "403 Forbidden: your role may not. Check",
)
REFUSED = ({"kind": "unauthorized", "detail": "session ended"}, "401 Unauthorized: session ended")
FAILED = ({"kind": "status", "status": 500, "detail": "out of disk"}, "500 Internal Server Error: out of disk")
PAGE = ({"kind": "html", "status": 404}, '404 Not Found: it answered text/html instead of JSON ("404 Not Found")')
GATEWAY = ({"kind": "html", "status": 502}, "502 Bad Gateway: it answered text/html instead of JSON")
TRUNCATED = ({"kind": "truncate"}, "was lost before the whole answer")
EMPTY = ({"kind": "empty"}, "Something between here and the API may have answered in its place")
DROPPED = ({"kind": "drop_after"}, "was lost before the whole answer")

FAILURES = [
    pytest.param("list", *FORBIDDEN, id="list-forbidden"),
    pytest.param("list", *REFUSED, id="list-token refused"),
    pytest.param("list", *PAGE, id="list-page of a proxy"),
    pytest.param("list", *TRUNCATED, id="list-truncated"),
    pytest.param("list", *EMPTY, id="list-empty"),
    pytest.param("create", *FORBIDDEN, id="create-forbidden"),
    pytest.param("create", *FAILED, id="create-server failed"),
    pytest.param("create", *GATEWAY, id="create-page of a proxy"),
    pytest.param("create", *TRUNCATED, id="create-truncated"),
    pytest.param("create", *DROPPED, id="create-dropped"),
    pytest.param("revoke", *FORBIDDEN, id="revoke-forbidden"),
    pytest.param("revoke", *GATEWAY, id="revoke-page of a proxy"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    """One server for all that fails here."""
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def existing(server: Emulator, tmp_path_factory: pytest.TempPathFactory, engine_bin: Path) -> tuple[Stack, Any]:
    """A stack with one key, which no failure must touch, and what its state says."""
    folder = tmp_path_factory.mktemp("failures") / "stack"
    stack = Stack(folder, engine_bin, server.url, server.token(), environment={"APIKEYS_MAX_RETRIES": "0"}, warm=True)
    stack.declare(DEPLOY)
    assert stack.up().ok
    return stack, stack.facts()


@pytest.fixture
def unharmed(existing: tuple[Stack, Any], server: Emulator) -> Iterator[Stack]:
    """That stack; after the test its state, and all keys that are active, must be as they were before."""
    stack, before = existing
    stack.declare(DEPLOY)
    server.reset()
    yield stack
    server.reset()
    assert stack.facts() == before
    assert [key.key_id for key in server.active_keys(PROJECT)] == [before["deploy"]["outputs"]["keyId"]]


def only_error(result: Result) -> str:
    """The one error of a run that failed, which shows no traceback."""
    assert not result.ok
    assert not result.shows_traceback(), result.output
    assert len(result.errors()) == 1, result.output
    return result.errors().pop()


@pytest.mark.parametrize(("operation", "fault", "words"), FAILURES)
def test_a_call_that_fails_is_told_once_and_changes_nothing(
    unharmed: Stack, server: Emulator, operation: Any, fault: dict[str, Any], words: str
) -> None:
    if operation == "create":
        unharmed.declare({**DEPLOY, "new": {"args": {"project_id": PROJECT}}})
    server.fault(operation, times=None, **fault)

    error = only_error(unharmed.destroy() if operation == "revoke" else unharmed.up())

    subject = {"list": "list the API keys of", "create": 'create API key "new-', "revoke": 'revoke API key "deploy-'}
    assert error.startswith(f"could not {subject[operation]}"), error
    assert f"project {PROJECT}: " in error
    assert words in error
    assert server.counts()[operation] >= 1


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        pytest.param({"APIKEYS_TOKEN": "no-such-token"}, "401 Unauthorized: token is malformed", id="wrong token"),
        pytest.param({"APIKEYS_TOKEN": ""}, "no token to call the API with. Set one of", id="no token"),
        pytest.param({"APIKEYS_ENDPOINT": ""}, "endpoint", id="no endpoint"),
        pytest.param({"APIKEYS_ENDPOINT": "api.example"}, "must be an http(s) address", id="no address"),
        pytest.param({"APIKEYS_MAX_RETRIES": "often"}, "APIKEYS_MAX_RETRIES", id="bad setting"),
    ],
)
def test_a_configuration_that_can_not_work_is_told(unharmed: Stack, environment: dict[str, str], words: str) -> None:
    assert words in only_error(unharmed.under(**environment).up())


def test_an_expired_token_is_told_with_its_age_and_not_sent(unharmed: Stack, server: Emulator) -> None:
    error = only_error(unharmed.under(APIKEYS_TOKEN=server.token(ttl_seconds=-300)).up())

    assert "the token expired 5 min" in error, error
    assert set(server.counts().values()) == {0}


def test_a_server_that_is_down_is_told_with_its_address(stack: Stack, project: str) -> None:
    stack.declare({"deploy": {"args": {"project_id": project}}})
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{reserved.getsockname()[1]}"

        error = only_error(stack.under(APIKEYS_ENDPOINT=nobody, APIKEYS_MAX_RETRIES="0").up())

    assert f"no connection to {nobody}" in error
    assert "Check endpoint, and that the server is up and can be reached from here" in error


def test_a_key_is_kept_where_a_later_one_fails_and_the_next_up_completes(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    stack.declare(
        {
            "first": {"args": {"project_id": project}},
            "second": {"args": {"project_id": project}, "options": {"depends_on": ["first"]}},
        }
    )
    emulator.fault("create", "status", after=1, status=403)

    failed = stack.up()

    assert not failed.ok
    facts = stack.facts()
    assert "second" not in facts
    secret = facts["first"]["outputs"]["key"]["plaintext"].strip('"')
    assert emulator.verify(secret)

    completing = stack.up()

    assert completing.counts() == {"created": 1, "unchanged": 2}, completing.output
    outputs = stack.outputs()
    assert outputs["first.key"] == secret
    assert emulator.verify(outputs["second.key"])
    assert len(emulator.active_keys(project)) == 2


def test_a_key_is_kept_where_the_calls_after_its_creation_fail(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack(environment={"APIKEYS_MAX_RETRIES": "0"})
    stack.declare({"deploy": {"args": {"project_id": project}}})
    emulator.fault("list", "status", None, status=500)
    emulator.fault("revoke", "status", None, status=500)

    up = stack.up()

    assert up.ok, up.output
    assert emulator.verify(stack.outputs()["deploy.key"])
