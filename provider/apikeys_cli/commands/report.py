"""`apikeys report`: the audit as one page of HTML, to look at and to hand on."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from apikeys_cli import looking
from apikeys_cli.audit import audit as compare
from pulumi_resource_apikeys.errors import InputError, Problem

from .audit import Expiring, NeverUsed, Overdue, Unused, limits_of
from .shared import Endpoint, Folder, Progress, Projects, Quiet, Stacks, States, look, write


def report(  # noqa: PLR0913 - the options of a command
    *,
    html: Annotated[
        Path | None, typer.Option("--html", help="The file to write; - is standard output.", metavar="FILE")
    ] = None,
    endpoint: Endpoint = None,
    projects: Projects = None,
    stacks: Stacks = None,
    states: States = None,
    folder: Folder = None,
    expiring: Expiring = None,
    unused: Unused = None,
    never_used: NeverUsed = None,
    overdue: Overdue = None,
    quiet: Quiet = False,
) -> None:
    """Write one page that needs nothing else: the findings, and a table of all keys with their lines of time."""
    if html is None:
        raise InputError([Problem("--html", "is required: the file to write, such as keys.html; - is standard output")])
    from apikeys_cli.formats import page  # noqa: PLC0415 - loads templates, which no other command needs

    limits = limits_of({"--expiring": expiring, "--unused": unused, "--never-used": never_used, "--overdue": overdue})
    tell = Progress(quiet)
    seen = look(endpoint, projects, stacks, states, folder, tell)
    found = compare(seen.listings, seen.stacks, seen.now, limits=limits, here=looking.addresses(seen.settings))
    write(page.render(found, seen.settings.endpoint), html)
    if str(html) != "-":
        tell(f"wrote {html}")
