"""The states of stacks: files that `pulumi stack export` wrote, or the command run for the user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.backend import backend_of
from pulumi_resource_apikeys.errors import ApiKeysError, InputError, Problem
from pulumi_resource_apikeys.text import one_line

from .states import UnreadableStateError, read_state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .states import StackState

AT_ONCE = 4
PATIENCE = 300.0
"""Seconds that one export may take."""


def states_of(
    stacks: Sequence[str], files: Sequence[str], folder: Path | None, tell: Callable[[str], None]
) -> tuple[StackState, ...]:
    """The states of the stacks by their names, and those in the files (`-` is standard input).

    `folder` is where `pulumi` is run, `tell` is given a line about each stack. Raises ApiKeysError.
    """
    backend = backend_of(os.environ)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        exported = list(pool.map(lambda stack: _exported(stack, folder, tell), stacks))
    read = [_read(text, stack, f"the export of stack {stack}", backend) for stack, text in exported]
    read += [_read(_text_of(file), Path(file).stem, file, backend) for file in files]
    for state in read:
        if state.shows_secrets:
            tell(f"warning: the state of {state.name} holds secrets in clear (--show-secrets): guard that file")
    return tuple(read)


def _exported(stack: str, folder: Path | None, tell: Callable[[str], None]) -> tuple[str, str]:
    tell(f"exporting the state of stack {stack}")
    command = ["pulumi", "stack", "export", "--stack", stack, "--non-interactive", "--color", "never"]
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except FileNotFoundError:
        missing = "no `pulumi` on PATH" if folder is None or folder.is_dir() else f"no folder {folder}"
        raise ApiKeysError(
            f"could not export stack {stack}: there is {missing}. A file that `pulumi stack export` wrote will do too:"
            " --state FILE"
        ) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ApiKeysError(f"could not export stack {stack}: {one_line(str(error))}") from None
    if done.returncode != 0:
        said = one_line(done.stderr.decode("utf-8", "replace")).removeprefix("error: ")
        said = said or f"it ended with status {done.returncode}"
        raise ApiKeysError(f"could not export stack {stack}: {said}")
    return stack, done.stdout.decode("utf-8", "replace")


def _text_of(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError([Problem(f"--state {file}", error.strerror or "can't be read")]) from None
    except UnicodeDecodeError:
        raise InputError([Problem(f"--state {file}", "is no text")]) from None


def _read(text: str, label: str, source: str, backend: str) -> StackState:
    try:
        return read_state(json.loads(text), label, backend)
    except UnreadableStateError as error:
        raise InputError([Problem(source, str(error))]) from None
    except ValueError:
        raise InputError([Problem(source, "is not JSON, as `pulumi stack export` writes it")]) from None
