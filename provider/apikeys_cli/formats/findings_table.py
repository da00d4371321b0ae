"""An audit for a terminal: what was found, the worst first, and what to do."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from apikeys_cli.findings import Finding, Relation, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from apikeys_cli.audit import Audit

UNFOLDED = 1000
STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTE: "·"}


def render(audit: Audit, failing: Sequence[Finding]) -> RenderableType:
    """The findings below each other, what they say in sum, and what was left out."""
    return Group(*_parts(audit, failing))


def text(audit: Audit, failing: Sequence[Finding]) -> str:
    """The same as plain text, unfolded."""
    sink = io.StringIO()
    Console(file=sink, width=UNFOLDED, color_system=None).print(render(audit, failing))
    return sink.getvalue()


def summary(audit: Audit) -> str:
    """How many keys there are and whose they are."""
    relations = Counter(key.relation for key in audit.keys)
    shares = ", ".join(f"{relations[one]} {one.value}" for one in Relation if relations[one])
    return f"{count(len(audit.keys), 'key')}" + (f": {shares}" if shares else "")


def verdict(audit: Audit, failing: Sequence[Finding]) -> str:
    """How much was found, by severity, and how much of it makes the audit fail."""
    severities = Counter(finding.severity for finding in audit.findings)
    found = ", ".join(count(severities[one], one.value) for one in Severity if severities[one])
    named = f"; {len(failing)} of them named by --fail-on" if failing else "; none named by --fail-on"
    return (found + named) if found else "nothing found"


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _parts(audit: Audit, failing: Sequence[Finding]) -> Iterator[RenderableType]:
    if audit.findings:
        table = Table("", "Finding", "What", "What to do", box=None, pad_edge=False, header_style="bold")
        for finding in audit.findings:
            style = STYLES[finding.severity]
            table.add_row(
                Text(MARKS[finding.severity], style=style),
                Text(finding.kind.value, style=style, overflow="fold"),
                Text(f"{finding.subject} {finding.message}", overflow="fold"),
                Text(finding.remedy, style="dim", overflow="fold"),
            )
        yield table
        yield Text()
    yield Text(summary(audit))
    yield Text(verdict(audit, failing), style="bold red" if failing else "bold")
    for left_out in audit.left_out:
        yield Text(f"not looked at: {left_out}", style="yellow")
