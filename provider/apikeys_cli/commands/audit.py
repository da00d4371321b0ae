"""`apikeys audit`: whose the keys of a project are, and what is wrong with them and with the resources of stacks."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apikeys_cli import looking, thresholds
from apikeys_cli.audit import Audit
from apikeys_cli.audit import audit as compare
from apikeys_cli.findings import MEASURED, FindingKind
from apikeys_cli.formats import document, findings_table, junit, markdown, sarif
from pulumi_resource_apikeys.errors import InputError, Problem

from .shared import Endpoint, Folder, Progress, Projects, Quiet, Stacks, States, console, look, span, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from apikeys_cli.findings import Finding

FAILED = 1
LIMITS = {
    "--expiring": FindingKind.EXPIRING,
    "--unused": FindingKind.UNUSED,
    "--never-used": FindingKind.NEVER_USED,
    "--overdue": FindingKind.ROTATION_OVERDUE,
}


class Format(str, Enum):
    """The forms of an audit."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"


Expiring = Annotated[
    str | None, typer.Option(help="Find keys that end within this time. Default: 30d.", metavar="TIME")
]
Unused = Annotated[str | None, typer.Option(help="Find keys not used for this long. Default: 90d.", metavar="TIME")]
NeverUsed = Annotated[
    str | None, typer.Option(help="Find keys never used since this long ago. Default: 7d.", metavar="TIME")
]
Overdue = Annotated[
    str | None, typer.Option(help="Let rotations and revokes be this late. Default: not at all.", metavar="TIME")
]


def audit(  # noqa: PLR0913 - the options of a command
    *,
    endpoint: Endpoint = None,
    projects: Projects = None,
    stacks: Stacks = None,
    states: States = None,
    folder: Folder = None,
    fail_on: Annotated[
        str,
        typer.Option(
            help=(
                "What ends the command with status 1: findings (unmanaged,expiring=14d,…) or a severity and all worse"
                " ones (error, warning, note), between commas; or none."
            ),
            metavar="WHAT",
        ),
    ] = "error",
    expiring: Expiring = None,
    unused: Unused = None,
    never_used: NeverUsed = None,
    overdue: Overdue = None,
    form: Annotated[Format, typer.Option("--format", "-f", help="The form on standard output.")] = Format.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    outputs: Annotated[
        list[str] | None,
        typer.Option("--output", "-o", help="Write a form to a file as well; may be repeated.", metavar="FORM=FILE"),
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON's schema, and do nothing else.")] = False,
    quiet: Quiet = False,
) -> None:
    """Compare a project's keys with the states of stacks, and tell what is wrong.

    Exit status: 0 nothing that --fail-on names, 1 something, 2 a mistake in the options or files, 3 the API or Pulumi
    could not be asked, 4 a bug.
    """
    if schema:
        typer.echo(document.schema_text(), nl=False)
        return
    failing_for = _thresholds(fail_on)
    files = [_file(output) for output in outputs or []]
    given = dict(zip(LIMITS, (expiring, unused, never_used, overdue), strict=True))
    seen = look(endpoint, projects, stacks, states, folder, Progress(quiet))
    limits = thresholds.limits(limits_of(given), failing_for)
    found = compare(seen.listings, seen.stacks, seen.now, limits=limits, here=looking.addresses(seen.settings))
    failing = thresholds.failing(found.findings, failing_for)
    for chosen, file in files:
        write(_text(chosen, found, failing, seen.settings.endpoint), file)
    chosen = Format.JSON if as_json else form
    if chosen is Format.TABLE:
        console().print(findings_table.render(found, failing))
    else:
        write(_text(chosen, found, failing, seen.settings.endpoint), None)
    if failing:
        raise typer.Exit(FAILED)


def limits_of(given: Mapping[str, str | None]) -> Mapping[FindingKind, timedelta]:
    """From when on to find something, by the options that set it."""
    limits = {**MEASURED, **{LIMITS[option]: span(text, option) for option, text in given.items() if text}}
    return {**limits, FindingKind.RETIREMENT_OVERDUE: limits[FindingKind.ROTATION_OVERDUE]}


def _thresholds(fail_on: str) -> tuple[thresholds.Threshold, ...]:
    try:
        return thresholds.parse(fail_on)
    except ValueError as error:
        raise InputError([Problem("--fail-on", str(error))]) from None


def _file(output: str) -> tuple[Format, Path]:
    form, equals, file = output.partition("=")
    if not equals or not file or form not in {one.value for one in Format}:
        forms = ", ".join(one.value for one in Format)
        raise InputError([Problem("--output", f'"{output}" is not FORM=FILE with one of these forms: {forms}')])
    return Format(form), Path(file)


def _text(form: Format, found: Audit, failing: Sequence[Finding], endpoint: str | None) -> str:
    match form:
        case Format.JSON:
            return document.as_json(found, failing, endpoint)
        case Format.SARIF:
            return sarif.render(found, failing)
        case Format.JUNIT:
            return junit.render(found, failing)
        case Format.MARKDOWN:
            return markdown.render(found, failing)
        case Format.TABLE:
            return findings_table.text(found, failing)
