"""A dynamic provider's process: its configuration, its words, and its end."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from unittest.mock import create_autospec

import grpc
import pytest
from pulumi.dynamic import Config

from pulumi_resource_apikeys.dynamic import providers
from pulumi_resource_apikeys.dynamic.engine_call import given_up
from pulumi_resource_apikeys.dynamic.engine_pipe import EnginePipe
from pulumi_resource_apikeys.dynamic.host import Loop, configuration
from pulumi_resource_apikeys.dynamic.words import StderrReporter
from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.settings import StaticToken

ENDPOINT = "https://api.example.com"
BUG = "the secret of the bug"


def config(**options: str) -> Config:
    return Config({f"apikeys:{name}": value for name, value in options.items()}, "infra")


def test_the_stack_comes_before_the_environment() -> None:
    environment = {"APIKEYS_ENDPOINT": "https://other.example.com", "APIKEYS_TOKEN": "from-the-environment"}

    found, problems = configuration(config(endpoint=ENDPOINT, maxRetries="2", offline="false"), environment)

    assert problems == []
    assert (found.endpoint, found.max_retries, found.offline) == (ENDPOINT, 2, False)
    assert [type(source) for source in found.sources] == [StaticToken]


def test_an_endpoint_of_the_stack_may_be_one_of_the_last_up_and_one_of_the_environment_is_todays() -> None:
    of_the_stack, _ = configuration(config(endpoint=ENDPOINT), {"APIKEYS_ENDPOINT": ENDPOINT})
    of_the_environment, _ = configuration(config(), {"APIKEYS_ENDPOINT": ENDPOINT})

    assert (of_the_stack.endpoint_remembered, of_the_environment.endpoint_remembered) == (True, False)


@pytest.mark.parametrize(
    ("options", "environment", "words"),
    [
        ({}, {}, "apikeys:endpoint: is required"),
        ({"endpoint": "ftp://x"}, {}, "apikeys:endpoint: must be an http"),
        ({"endpoint": ENDPOINT}, {"APIKEYS_MAX_RETRIES": "many"}, "APIKEYS_MAX_RETRIES: must be a whole number"),
        (
            {"endpoint": ENDPOINT, "token": "a-token", "tokenFile": "b"},
            {},
            "sets more than one token source, token and tokenFile",
        ),
    ],
)
def test_a_problem_names_the_setting(options: dict[str, str], environment: dict[str, str], words: str) -> None:
    _, problems = configuration(config(**options), environment)

    assert problems == [Problem("", problems[0].reason)]
    assert problems[0].reason.startswith(words) or f" {words}" in problems[0].reason


def test_offline_needs_no_endpoint() -> None:
    found, problems = configuration(config(offline="true"), {})

    assert (found.offline, problems) == (True, [])


def test_words_are_said_once_each() -> None:
    stream = io.StringIO()
    reporter = StderrReporter(stream)

    for _ in range(2):
        reporter.warn("heed", "deploy")
        reporter.inform("know")

    assert stream.getvalue() == "warning: deploy: heed\nknow\n"


def test_a_closed_loop_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    loop = Loop()
    assert set(threading.enumerate()) != before

    loop.close()

    assert set(threading.enumerate()) == before


class Broken:
    """An adapter with a bug."""

    def create(self, _props: object) -> None:
        raise ValueError(BUG)


def test_a_failure_has_one_frame_of_ours_and_a_bug_shows_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers.API_KEY, "_adapter", Broken())

    with pytest.raises(providers.Failure) as failed:
        providers.API_KEY.create({})

    printed = "".join(traceback.format_exception(failed.value))
    assert printed.count("pulumi_resource_apikeys") == 1
    assert printed.splitlines()[-1].startswith("apikeys.Failure: this is a bug in the apikeys provider (ValueError at ")
    assert BUG not in printed


def test_a_pipe_is_broken_once_its_reader_is_gone() -> None:
    reader, writer = os.pipe()
    pipe = EnginePipe(writer)

    whole = pipe.broken()
    os.close(reader)
    broken = pipe.broken()
    os.close(writer)

    assert (whole, broken) == (False, True)


def test_a_call_is_found_in_the_frames_of_the_host_and_told_of_when_it_is_given_up() -> None:
    def servicers_method(context: grpc.ServicerContext) -> Callable[[], bool]:
        def method_of_a_provider() -> Callable[[], bool]:
            return given_up()

        assert context is call
        return method_of_a_provider()

    call = create_autospec(grpc.ServicerContext, instance=True)
    told = servicers_method(call)

    for active in (True, False):
        call.is_active.return_value = active
        assert told() is not active


def test_where_there_is_no_call_nothing_is_given_up() -> None:
    assert given_up()() is False


def test_a_process_ends_with_the_reader_of_its_output() -> None:
    program = (
        "import atexit, sys, threading\n"
        "from pulumi_resource_apikeys.dynamic.engine_pipe import EnginePipe\n"
        "atexit.register(lambda: print('closed', file=sys.stderr))\n"
        "try:\n"
        "    EnginePipe(1).end_with_it()\n"
        "    print('ready', flush=True)\n"
        "    threading.Event().wait()\n"
        "except KeyboardInterrupt:\n"
        "    pass\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"

        process.stdout.close()

        assert process.wait(timeout=30) in {0, -signal.SIGINT}
        assert process.stderr.read().startswith("closed")
