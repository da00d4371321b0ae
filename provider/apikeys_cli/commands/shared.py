"""What the commands share: their options, the lines about what is being fetched, and where output goes."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from apikeys_cli import exporting, looking
from pulumi_resource_apikeys.errors import InputError, Problem
from pulumi_resource_apikeys.model.times import later, parse_duration, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apikeys_cli.states import StackState
    from pulumi_resource_apikeys.keys.port import RemoteKey
    from pulumi_resource_apikeys.settings import Settings

PIPED_WIDTH = 1000
"""Columns of a table that goes into a file or another program: nothing is folded there."""

Endpoint = Annotated[
    str | None, typer.Option("--endpoint", help="Address of the API. Else APIKEYS_ENDPOINT.", metavar="URL")
]
Projects = Annotated[
    list[str] | None,
    typer.Option("--project", help="UUID of a project; may be repeated. Else APIKEYS_PROJECT_ID.", metavar="UUID"),
]
Stacks = Annotated[
    list[str] | None,
    typer.Option(
        "--stack", help="A stack whose state is exported by `pulumi stack export`; may be repeated.", metavar="NAME"
    ),
]
States = Annotated[
    list[str] | None,
    typer.Option("--state", help="A file that `pulumi stack export` wrote, or -; may be repeated.", metavar="FILE"),
]
Folder = Annotated[
    Path | None, typer.Option("--cwd", help="The folder that pulumi is run in, with Pulumi.yaml.", metavar="FOLDER")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing about what is being fetched.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", metavar="FILE")]


@dataclass(frozen=True)
class Progress:
    """Lines on standard error about what is being fetched."""

    quiet: bool

    def __call__(self, line: str) -> None:
        """Show a line; a warning is shown in any case."""
        if not self.quiet or line.startswith("warning"):
            typer.echo(f"apikeys: {line}", err=True)


@dataclass(frozen=True)
class Seen:
    """What the API listed, by project, and what the states of stacks know."""

    settings: Settings
    listings: Mapping[str, Sequence[RemoteKey]]
    stacks: tuple[StackState, ...]
    now: datetime


def look(  # noqa: PLR0913, PLR0917 - the options that most commands share
    endpoint: str | None,
    projects: list[str] | None,
    stacks: list[str] | None,
    states: list[str] | None,
    folder: Path | None,
    tell: Progress,
) -> Seen:
    """Ask the API, and read the states. Raises ApiKeysError."""
    settings = looking.settings_in_force(endpoint)
    chosen = looking.projects_in_force(settings, projects or [])
    known = exporting.states_of(stacks or [], states or [], folder, tell)
    if not known:
        tell("warning: no stack was given, by --stack or --state, so every key counts as unmanaged")
    return Seen(settings, looking.listings(settings, chosen, tell), known, now())


def now() -> datetime:
    """The time of this machine."""
    return datetime.now(timezone.utc)


def console() -> Console:
    """Standard output, as wide as its terminal; elsewhere nothing is folded."""
    return Console() if sys.stdout.isatty() else Console(width=int(os.environ.get("COLUMNS", PIPED_WIDTH)))


def moment(text: str | None, option: str, *, ahead: bool) -> datetime | None:
    """A time in RFC 3339 form, or a duration from now: ahead, or else back."""
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError:
        away = span(text, option, "; a time in RFC 3339 form, such as 2027-01-31T12:00:00Z, will do too")
        return later(now(), away if ahead else -away)


def span(text: str, option: str, otherwise: str = "") -> timedelta:
    """A duration that an option gives."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise InputError([Problem(option, f"{error}{otherwise}")]) from None


def write(text: str, file: Path | None) -> None:
    """Write text to a file, or to standard output for none or `-`."""
    if file is None or str(file) == "-":
        typer.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError([Problem(str(file), f"can't be written: {error.strerror}")]) from None
