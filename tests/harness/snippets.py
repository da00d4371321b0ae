"""The code in the documentation, page by page, as the tests check it.

A comment right before a fence says what can't be seen from the code:

- `<!-- continues -->`: it goes on from the code of the same language before it.
- `<!-- not checked: REASON -->`: it can't be checked alone, and why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PAGES = sorted(
    [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").glob("*.md"), *(CHECKOUT / "examples").glob("*/*/README.md")]
)
SCHEMA = CHECKOUT / "provider" / "schema.json"
_FENCE = re.compile(r"(?P<indent> *)```(?P<language>[a-z]*)(?:\s.*)?")
_MARK = re.compile(r"\s*<!-- (?P<what>continues|not checked: (?P<reason>.+)) -->")


@dataclass(frozen=True)
class Snippet:
    """A fenced block: where it stands, its language as the fence says, and its code."""

    page: str
    line: int
    """Of the first line of code, counted from 1."""
    language: str
    code: str
    unchecked: str = ""
    """Why it is not checked; empty if it is."""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def name(self) -> str:
        """A name for files and packages, from where it stands."""
        return re.sub(r"\W+", "_", str(self)).lower()


def snippets() -> list[Snippet]:
    """All fenced blocks with a language: of the pages, and of the descriptions in the schema."""
    found = [snippet for page in PAGES for snippet in read(str(page.relative_to(CHECKOUT)), page.read_text())]
    schema = json.loads(SCHEMA.read_text())
    for token, spec in {**schema["resources"], **schema["functions"]}.items():
        found += read(f"schema.json/{token.rpartition(':')[2]}", spec["description"])
    return found


def read(page: str, text: str) -> Iterator[Snippet]:
    """The fenced blocks of a page that name a language; one that continues brings along what it continues."""
    lines = text.splitlines()
    before: dict[str, str] = {}
    at = 0
    while at < len(lines):
        fence = _FENCE.fullmatch(lines[at])
        if fence is None:
            at += 1
            continue
        start = at + 1
        end = next(line for line in range(start, len(lines)) if lines[line].strip() == "```")
        language, indent = fence["language"], len(fence["indent"])
        mark = _MARK.fullmatch(lines[at - 1]) if at else None
        code = "".join(f"{line[indent:]}\n" for line in lines[start:end])
        if mark and mark["what"] == "continues":
            code = before[language] + code
        before[language] = code
        if language:
            yield Snippet(page, start + 1, language, code, (mark and mark["reason"]) or "")
        at = end + 1
