"""`apikeys adopt`: what it takes to let a stack manage keys that were made by hand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apikeys_cli import adoption, looking, programs
from apikeys_cli.audit import audit as compare
from apikeys_cli.formats import words
from apikeys_cli.states import API_KEY
from pulumi_resource_apikeys.errors import InputError, Problem
from pulumi_resource_apikeys.text import one_line

from .shared import Endpoint, Folder, Progress, Projects, Quiet, Stacks, States, look, span, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apikeys_cli.audit import Audit, AuditedKey

ALL = "all"


def adopt(  # noqa: PLR0913 - the options of a command
    picks: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY]...", help="Ids of keys, or names that only one key has.")
    ] = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="All that no stack manages, but for administrators' keys.")
    ] = False,
    endpoint: Endpoint = None,
    projects: Projects = None,
    stacks: Stacks = None,
    states: States = None,
    folder: Folder = None,
    rotate_every: Annotated[
        str | None,
        typer.Option(help="Take the keys over into RotatingAPIKeys, which rotate so often.", metavar="TIME"),
    ] = None,
    overlap: Annotated[str, typer.Option(help="With --rotate-every: their overlap.", metavar="TIME")] = "7d",
    import_file: Annotated[
        Path, typer.Option(help="The file to write for `pulumi import --file`.", metavar="FILE")
    ] = Path("import.json"),
    language: Annotated[
        programs.Language, typer.Option("--language", "-l", help="The language of the program's lines.")
    ] = programs.Language.PYTHON,
    program: Annotated[
        Path | None,
        typer.Option(help="Write the program's lines to this file. Else to standard output.", metavar="FILE"),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Write the file for `pulumi import --file`, and the program's lines, for keys that no stack manages yet.

    Name the stacks, by --stack or --state, so that no key is taken over twice. Without keys and --all, a terminal asks.
    """
    rotation = None
    if rotate_every is not None:
        if span(overlap, "--overlap") >= span(rotate_every, "--rotate-every"):
            raise InputError([Problem("--overlap", "must be shorter than --rotate-every")])
        rotation = adoption.Rotation(rotate_every, overlap)
    tell = Progress(quiet)
    seen = look(endpoint, projects, stacks, states, folder, tell)
    found = compare(seen.listings, seen.stacks, seen.now, here=looking.addresses(seen.settings))
    chosen = _chosen(found, picks or [], every=every)
    for key in chosen:
        if key.key.is_admin_managed:
            tell(f"warning: {words.plain(key.key.name)} is managed by administrators: the API will refuse to revoke it")
    taken = {name for stack in seen.stacks for name in stack.resource_names}
    made = adoption.adoptions([key.key for key in chosen], taken, rotation)
    write(adoption.import_file(made), import_file)
    write(programs.lines(made, language), program)
    tell(_next_steps(made, import_file))


def _chosen(found: Audit, picks: Sequence[str], *, every: bool) -> Sequence[AuditedKey]:
    unmanaged = adoption.candidates(found)
    if every:
        keys = [key for key in unmanaged if not key.key.is_admin_managed]
        if not keys:
            raise InputError([Problem("--all", "there is no live key that no stack manages")])
        return keys
    if not picks:
        if not sys.stdin.isatty():
            raise InputError([Problem("KEY", "is required: ids of keys, or --all")])
        picks = _asked(unmanaged)
    keys_picked, problems = adoption.picked(found, picks)
    if problems:
        raise InputError(problems)
    return keys_picked


def _asked(unmanaged: Sequence[AuditedKey]) -> Sequence[str]:
    """Show what can be taken over, and ask for the numbers."""
    if not unmanaged:
        raise InputError([Problem("KEY", "there is no live key that no stack manages")])
    for number, key in enumerate(unmanaged, 1):
        typer.echo(f"{number:4}  {words.name_of(key)}  {key.key.key_id}  last used {words.use(key.key)}", err=True)
    answer: str = typer.prompt(f"Which ones? Numbers between commas, or {ALL}", err=True)
    if answer.strip() == ALL:
        return [key.key.key_id for key in unmanaged]
    try:
        numbers = [int(part) for part in answer.replace(",", " ").split()]
        return [unmanaged[number - 1].key.key_id for number in numbers if number > 0]
    except (ValueError, IndexError):
        raise InputError([Problem("KEY", f'"{one_line(answer)}" are not numbers of the list')]) from None


def _next_steps(made: Sequence[adoption.Adoption], import_file: Path) -> str:
    after = (
        "and each is replaced by the first `pulumi up` after a change of its triggers"
        if made and made[0].kind == API_KEY
        else "and the first `pulumi up` makes managed keys, with these as the previous ones"
    )
    return (
        f"now add the lines to the program, then run `pulumi import --file {import_file} --generate-code=false`."
        f" The keys' secrets can't be had, {after}"
    )
