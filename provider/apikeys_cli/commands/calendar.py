"""`apikeys calendar`: when keys rotate, retire and end, from the states of stacks alone."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from apikeys_cli import exporting
from apikeys_cli.schedule import calendar as calendar_of
from pulumi_resource_apikeys.errors import InputError, Problem

from .shared import Folder, Output, Progress, Quiet, Stacks, States, console, now, span, write


class Format(str, Enum):
    """The forms of a calendar."""

    TABLE = "table"
    JSON = "json"
    ICS = "ics"


def calendar(  # noqa: PLR0913 - the options of a command
    *,
    stacks: Stacks = None,
    states: States = None,
    folder: Folder = None,
    ahead: Annotated[str, typer.Option("--for", help="How far to look ahead.", metavar="TIME")] = "365d",
    form: Annotated[Format, typer.Option("--format", "-f", help="ics is iCalendar.")] = Format.TABLE,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Tell when each key rotates, when its previous one is revoked, and when it ends, without asking the API.

    The times assume that `pulumi up` runs when something is due.
    """
    if not stacks and not states:
        raise InputError([Problem("--stack", "or --state is required: the states tell what will happen")])
    tell = Progress(quiet)
    at = now()
    length = span(ahead, "--for")
    found = calendar_of(exporting.states_of(stacks or [], states or [], folder, tell), at, length)
    from apikeys_cli.formats import schedule  # noqa: PLC0415 - loads a library that no other command needs

    if form is Format.TABLE and output is None:
        console().print(schedule.table(found))
    elif form is Format.TABLE:
        raise InputError([Problem("--output", "goes with --format json or ics")])
    else:
        write(schedule.as_json(found) if form is Format.JSON else schedule.as_icalendar(found, at), output)
    if not found.events:
        tell("nothing happens in that time")
    for note in found.notes:
        tell(f"warning: {note}")
