"""`apikeys list`: the keys of a project."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from apikeys_cli import looking
from apikeys_cli.formats import listing
from pulumi_resource_apikeys.errors import InputError, Problem
from pulumi_resource_apikeys.keys.filtering import KeyFilter, matching, undecided
from pulumi_resource_apikeys.keys.port import server_time

from .shared import Endpoint, Progress, Projects, Quiet, console, moment, now


def list_keys(  # noqa: PLR0913 - the options of a command
    *,
    endpoint: Endpoint = None,
    projects: Projects = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Only keys that may be used, or that may not.")
    ] = None,
    name_prefix: Annotated[str, typer.Option(help="Only keys whose names begin so.", metavar="PREFIX")] = "",
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", help="Only keys with this scope; may be repeated, for all of them.", metavar="SCOPE"),
    ] = None,
    unused_since: Annotated[
        str | None,
        typer.Option(help="Only keys not used since: a time (RFC 3339), or how long ago, such as 90d.", metavar="TIME"),
    ] = None,
    expiring_before: Annotated[
        str | None,
        typer.Option(
            help="Only live keys that end before: a time (RFC 3339), or in how long, such as 14d.", metavar="TIME"
        ),
    ] = None,
    admin_managed: Annotated[
        bool | None,
        typer.Option("--admin-managed/--no-admin-managed", help="Only keys that administrators manage, or don't."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
    quiet: Quiet = False,
) -> None:
    """The project's keys; without a filter, all that the server tells of, dead ones too. No secret is ever shown."""
    if as_json and as_csv:
        raise InputError([Problem("--json", "and --csv: choose one")])
    wanted = KeyFilter(
        active,
        name_prefix,
        frozenset(scopes or ()),
        moment(unused_since, "--unused-since", ahead=False),
        moment(expiring_before, "--expiring-before", ahead=True),
        admin_managed,
    )
    settings = looking.settings_in_force(endpoint)
    chosen = looking.projects_in_force(settings, projects or [])
    listings = looking.listings(settings, chosen, Progress(quiet))
    keys = [key for each in listings.values() for key in matching(each, wanted, now())]
    at = max((told for each in listings.values() if (told := server_time(each)) is not None), default=now())
    if as_json:
        typer.echo(json.dumps([listing.facts(key, at) for key in keys], indent=2))
    elif as_csv:
        typer.echo(listing.as_csv(keys, at), nl=False)
    else:
        console().print(listing.table(keys, at))
    perhaps = sum(len(undecided(each, wanted, now())) for each in listings.values())
    if perhaps:
        typer.echo(f"apikeys: {perhaps} more may fit: the server does not tell all that is asked of them", err=True)
