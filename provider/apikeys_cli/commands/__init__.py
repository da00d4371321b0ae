"""The command line: one module for each command, which reads its options, has it done, and writes it down."""

import typer

from .adopt import adopt
from .audit import audit
from .calendar import calendar
from .list import list_keys
from .report import report

cli = typer.Typer(
    help="The API keys of a project: which there are, whose they are, and what is wrong with them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli.command("list", short_help="Show the keys of a project.")(list_keys)
cli.command(short_help="Tell whose the keys are, and what is wrong.")(audit)
cli.command(short_help="Tell when keys rotate, retire and end.")(calendar)
cli.command(short_help="Write one page of HTML about all keys.")(report)
cli.command(short_help="Take keys made by hand over into a stack.")(adopt)

__all__ = ["cli"]
