"""An audit as Markdown, for a comment on a pull request or the summary of a job (GitHub's and GitLab's flavours).

Names are text of others: in a comment they must mention nobody, link nowhere and end no table. So they stand in code
spans, in which nothing has a meaning but the backtick, and in a table the bar.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apikeys_cli.findings import FindingKind, Severity

from . import words
from .findings_table import count, summary, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apikeys_cli.audit import Audit
    from apikeys_cli.findings import Finding

MARKER = "<!-- apikeys audit -->"
"""By this line a workflow finds its comment again."""
MOST_ROWS = 20
"""Findings of a kind that are shown; a comment has a limit of 65,536 characters."""
_PLAIN = re.compile(r"(?:(?!www\.|//)[\w ,.;:'()/-])*", re.IGNORECASE)
SIGNS = {Severity.ERROR: "🔴", Severity.WARNING: "🟡", Severity.NOTE: "🔵"}


def render(audit: Audit, failing: Sequence[Finding]) -> str:
    """A heading, the sum of it, and a table of findings for each kind."""
    return "\n".join(_lines(audit, failing)) + "\n"


def code(text: str) -> str:
    """Text as a code span that may stand in a table."""
    plain = text.replace("`", "'").replace("|", "\\|")
    return f"`{plain or ' '}`"


def prose(text: str) -> str:
    """A sentence as it is where nothing in it has a meaning in Markdown, else as a code span."""
    return text if _PLAIN.fullmatch(text) else code(text)


def _lines(audit: Audit, failing: Sequence[Finding]) -> Iterator[str]:
    bad = set(map(id, failing))
    yield MARKER
    yield f"### API keys: {'❌ ' if failing else '✅ '}{verdict(audit, failing)}"
    yield ""
    stacks = ", ".join(map(code, map(words.plain, audit.stacks))) or "no stack"
    yield f"{summary(audit)}. Compared with {stacks}, as of {words.minute(audit.now)} UTC."
    for kind in FindingKind:
        found = [finding for finding in audit.findings if finding.kind is kind]
        if found:
            yield from _table(kind, found, bad)
    if audit.left_out:
        yield ""
        yield from (f"- Not looked at: {code(left_out)}" for left_out in audit.left_out)


def _table(kind: FindingKind, found: Sequence[Finding], bad: set[int]) -> Iterator[str]:
    is_open = " open" if any(id(finding) in bad for finding in found) else ""
    yield ""
    title = f"{SIGNS[kind.severity]} <b>{kind.value}</b>: {count(len(found), 'finding')}"
    yield f"<details{is_open}><summary>{title}</summary>"
    yield ""
    yield f"{kind.summary}."
    yield ""
    yield "| what | finding | what to do |"
    yield "|---|---|---|"
    for finding in found[:MOST_ROWS]:
        yield f"| {code(finding.subject)} | {prose(finding.message)} | {finding.remedy} |"
    if len(found) > MOST_ROWS:
        yield f"| … | and {len(found) - MOST_ROWS} more | |"
    yield ""
    yield "</details>"
