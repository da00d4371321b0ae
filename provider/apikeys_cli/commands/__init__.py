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
cli.command("list")(list_keys)
cli.command()(audit)
cli.command()(calendar)
cli.command()(report)
cli.command()(adopt)

__all__ = ["cli"]
