"""What was measured, and how it is shown: as a table, as JSON, and as a chart of that which has an aim."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOW = "now"
BASE = "base"
SVG = "http://www.w3.org/2000/svg"
MARKS = ("<!-- figures -->", "<!-- end of figures -->")


@dataclass(frozen=True)
class Figure:
    """One measure of one case, for each subject that was measured.

    `baseline` names the subject that the others are compared with; `aim` is what `now` should be at most: times the
    baseline where there is one, else in the measure's own unit.
    """

    part: str
    case: str
    measure: str
    values: dict[str, float]
    baseline: str | None = None
    aim: float | None = None

    def times(self, subject: str) -> float | None:
        """The subject's value over the baseline's."""
        if self.baseline is None or not self.values.get(self.baseline) or subject not in self.values:
            return None
        return self.values[subject] / self.values[self.baseline]

    def weighed(self, subject: str) -> float | None:
        """What is held against the aim."""
        return self.values.get(subject) if self.baseline is None else self.times(subject)


def as_json(figures: Iterable[Figure], about: dict[str, str]) -> str:
    """All figures, with what was measured on."""
    rows = [{**asdict(figure), "times_baseline": figure.times(NOW)} for figure in figures]
    return json.dumps({"about": about, "figures": rows}, indent=2) + "\n"


def as_table(figures: Sequence[Figure]) -> str:
    """A table for people, in Markdown with aligned columns."""
    header = ["part", "case", "measure", "baseline", "before", "now", "before/baseline", "now/baseline", "aim", ""]
    rows = [header, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    texts = 3
    lines = [
        "| "
        + " | ".join(
            cell.ljust(width) if column < texts else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def _row(figure: Figure) -> list[str]:
    baseline = figure.values.get(figure.baseline) if figure.baseline else None
    weighed = figure.weighed(NOW)
    verdict = "" if figure.aim is None or weighed is None else ("ok" if weighed <= figure.aim else "MISSED")
    return [
        figure.part,
        figure.case,
        figure.measure,
        _number(baseline),
        _number(figure.values.get(BASE)),
        _number(figure.values.get(NOW)),
        _ratio(figure.times(BASE)),
        _ratio(figure.times(NOW)),
        "" if figure.aim is None else _number(figure.aim) if figure.baseline is None else _ratio(figure.aim),
        verdict,
    ]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    for least, digits in ((100.0, 0), (10.0, 1), (0.0, 2)):
        if abs(value) >= least:
            return f"{value:.{digits}f}"
    raise AssertionError("every number is at least nothing")


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} x"


def as_chart(figures: Sequence[Figure]) -> str:
    """An SVG with a bar for each figure that has an aim, as a share of the aim: what reaches the line misses it."""
    shown = [figure for figure in figures if figure.aim and figure.weighed(NOW) is not None]
    left, width, row, top = 430, 420, 34, 46
    most = 3.0
    line = left + width / most
    height = top + row * len(shown) + 16
    parts = [
        f'<svg xmlns="{SVG}" viewBox="0 0 {left + width + 90} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="100%" height="100%" fill="white"/><text x="{line}" y="16" text-anchor="middle">aim</text>',
        f'<rect x="{left}" y="4" width="12" height="12" fill="#2b6cb0"/><text x="{left + 17}" y="15">now</text>',
        f'<rect x="{left + 55}" y="4" width="12" height="12" fill="#cbd5e0"/>',
        f'<text x="{left + 72}" y="15">before</text>',
    ]
    for number, figure in enumerate(shown):
        y = top + row * number
        parts.append(f'<text x="{left - 8}" y="{y + 16}" text-anchor="end">{_escaped(_title(figure))}</text>')
        for subject, offset, colour in ((BASE, 0, "#cbd5e0"), (NOW, 12, "#2b6cb0")):
            weighed = figure.weighed(subject)
            if weighed is None or figure.aim is None:
                continue
            share = min(weighed / figure.aim, most)
            text = _ratio(weighed) if figure.baseline else _number(weighed)
            length = share * width / most
            parts.append(
                f'<rect x="{left}" y="{y + offset}" width="{length:.1f}" height="11" fill="{colour}"/>'
                f'<text x="{left + length + 5:.1f}" y="{y + offset + 10}" font-size="10">{text}</text>'
            )
    parts.append(f'<line x1="{line}" x2="{line}" y1="22" y2="{height - 8}" stroke="#c53030" stroke-dasharray="4 3"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _title(figure: Figure) -> str:
    against = f" / {figure.baseline}" if figure.baseline else ""
    return f"{figure.part}, {figure.case}: {figure.measure}{against}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def into_page(page: str, table: str) -> str:
    """The page with the table in the place of the one between its marks."""
    begin, end = (page.index(mark) for mark in MARKS)
    return f"{page[: begin + len(MARKS[0])]}\n\n{table}\n{page[end:]}"
