"""The command of the engine that this process serves: whether it does its work for all resources of the stack.

The engine tells a provider nothing of `--target` and the like, and asks it about no resource that a preview shows as
to be deleted; the command lines of the processes above this one tell.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NARROWING = frozenset({"--target", "-t", "--target-replace", "--replace", "--exclude", "-x"})
"""Options with which the engine does not tell of each resource what the state has, as `pulumi up --help` has them."""
PROGRAM = "pulumi"
OTHER_COMMANDS = frozenset({"preview", "pre", "import", "state", "do"})
"""Commands that start a provider and ask it about some resources only."""


def changes_all(commands: Iterable[Sequence[str]]) -> bool:
    """Whether that is so, going by those command lines: false if one of Pulumi's says else."""
    for program, *arguments in filter(None, commands):
        if program.replace("\\", "/").rpartition("/")[2].removesuffix(".exe") != PROGRAM:
            continue
        options = {argument.partition("=")[0] for argument in arguments}
        if options & NARROWING or OTHER_COMMANDS & set(arguments):
            return False
    return True


def command_lines() -> list[list[str]]:
    """Those of the processes above this one, the nearest first, as far as the system tells them."""
    import psutil  # noqa: PLC0415 - few runs ask

    found: list[list[str]] = []
    with suppress(psutil.Error):
        found.extend(process.cmdline() for process in psutil.Process().parents())
    return found
