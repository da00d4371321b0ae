"""The report as one page of HTML that needs nothing else: no outside resource, and a policy that allows none.

The template escapes all text (`autoescape`); the style and the script are files of this package, and the policy names
their digests, so that no other would run even if some text got through.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from apikeys_cli.findings import Finding, FindingKind, Relation, Severity
from apikeys_cli.timeline import Lane, MarkKind, lane
from pulumi_resource_apikeys.keys.port import KeyStatus

from . import words
from .findings_table import count, summary, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from apikeys_cli.audit import Audit, AuditedKey, AuditedResource

WIDTH, HEIGHT = 420.0, 24.0
"""Of a key's line of time, in CSS pixels."""
ROOM = 24.0
"""Half of what a month's name takes."""
LONGEST_PAST, LONGEST_AHEAD, SHORTEST_AHEAD = timedelta(days=540), timedelta(days=400), timedelta(days=45)
_SEVERITIES = list(Severity)
_RELATIONS = list(Relation)


@dataclass(frozen=True)
class Shape:
    """A span or a mark as it is drawn: its class, and its place from the left in CSS pixels."""

    kind: str
    x: float
    width: float = 0.0


@dataclass(frozen=True)
class Row:
    """A row of the table. `order` puts keys of one resource together; `sort_…` are numbers, or empty for none."""

    name: str
    key_id: str
    prefix: str
    relation: str
    whose: str
    order: str
    status: str
    scopes: str
    by: str
    made: str
    used: str
    end: str
    findings: tuple[Finding, ...]
    rank: int
    sort_made: str
    sort_used: str
    sort_end: str
    shapes: tuple[Shape, ...]
    label: str


@dataclass(frozen=True)
class Scale:
    """From times to places on the line."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        """The place of a time, within the line."""
        share = (at - self.start) / (self.end - self.start)
        return round(min(max(share, 0.0), 1.0) * WIDTH, 1)

    def ticks(self, now: datetime) -> Iterator[tuple[float, str]]:
        """The first days of some months, with what they are called; no words where there is no room for them."""
        step = max(1, round((self.end - self.start) / timedelta(days=30) / 6))
        month = self.start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        while month <= self.end:
            if month >= self.start and (month.year * 12 + month.month) % step == 0:
                x = self.x(month)
                crowded = min(x, WIDTH - x) < ROOM or abs(x - self.x(now)) < 2 * ROOM
                yield x, "" if crowded else f"{month:%b %Y}"
            month = (month + timedelta(days=32)).replace(day=1)


def render(audit: Audit, endpoint: str | None) -> str:
    """The page's text."""
    style, script = _asset("page.css"), _asset("page.js")
    lanes = {key.key.key_id: lane(key, audit.now) for key in audit.keys}
    scale = _scale(lanes.values(), audit.now)
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in audit.findings:
        found[finding.key_id].append(finding)
    rows = [_row(key, lanes[key.key.key_id], found[key.key.key_id], scale) for key in audit.keys]
    listed = lanes.keys()
    rows += [_dead(one, found[one.resource.key_id]) for one in audit.resources if one.resource.key_id not in listed]
    rows.sort(key=lambda row: (row.rank, row.order, row.sort_made))
    environment = Environment(
        loader=PackageLoader("apikeys_cli.formats", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html.jinja").render(
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - the same
        now=words.minute(audit.now),
        endpoint=endpoint or "",
        projects=audit.projects,
        stacks=[words.plain(stack) for stack in audit.stacks],
        summary=summary(audit),
        verdict=verdict(audit, ()).partition(";")[0],
        tiles=_tiles(audit),
        groups=list(_groups(audit.findings)),
        rows=rows,
        left_out=audit.left_out,
        ticks=list(scale.ticks(audit.now)),
        now_x=scale.x(audit.now),
        width=WIDTH,
        height=HEIGHT,
        counted=count,
    )


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing may be fetched, sent or run but the page's own style and script, by their digests (CSP 3)."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}';"
        " base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _tiles(audit: Audit) -> list[tuple[str, int, str]]:
    """What is counted at the top: its name, how often, and the class of its colour."""
    relations = [key.relation for key in audit.keys]
    severities = [finding.severity for finding in audit.findings]
    return [
        ("keys", len(audit.keys), "all"),
        ("managed", sum(one in {Relation.MANAGED, Relation.PREVIOUS, Relation.LEAVING} for one in relations), "ok"),
        ("unmanaged", relations.count(Relation.UNMANAGED), "warning"),
        ("orphaned", relations.count(Relation.ORPHANED), "error"),
        ("errors", severities.count(Severity.ERROR), "error"),
        ("warnings", severities.count(Severity.WARNING), "warning"),
        ("notes", severities.count(Severity.NOTE), "note"),
    ]


def _groups(findings: Sequence[Finding]) -> Iterator[tuple[FindingKind, list[Finding]]]:
    by_kind: Mapping[FindingKind, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_kind[finding.kind].append(finding)
    yield from sorted(by_kind.items(), key=lambda group: _SEVERITIES.index(group[0].severity))


def _scale(lanes: Iterable[Lane], now: datetime) -> Scale:
    times = [now]
    for one in lanes:
        times += [time for span in one.spans for time in (span.start, span.end) if time is not None]
        times += [mark.at for mark in one.marks]
    start = max(min(times), now - LONGEST_PAST)
    end = max(min(max(times), now + LONGEST_AHEAD), now + SHORTEST_AHEAD)
    margin = (end - start) / 40
    return Scale(start - margin, end + margin)


def _shapes(one: Lane, scale: Scale) -> Iterator[Shape]:
    for span in one.spans:
        left = scale.x(span.start or scale.start)
        right = scale.x(span.end or scale.end)
        yield Shape(f"span {span.kind.value}" + ("" if span.end else " open"), left, round(max(right - left, 1.5), 1))
    for mark in one.marks:
        if scale.start <= mark.at <= scale.end:
            yield Shape(mark.kind.value, scale.x(mark.at))


def _row(audited: AuditedKey, one: Lane, findings: Sequence[Finding], scale: Scale) -> Row:
    key = audited.key
    rotation = next((words.minute(mark.at) for mark in one.marks if mark.kind is MarkKind.ROTATION), "")
    label = f"made {words.minute(key.made_at, 'at an unknown time')}, last used {words.use(key)}, ends {words.end(key)}"
    return Row(
        name=words.name_of(audited),
        key_id=key.key_id,
        prefix=words.plain(key.key_prefix),
        relation=audited.relation.value,
        whose=words.whose(audited).removeprefix(f"{audited.relation.value} key of "),
        order=_order(audited),
        status=audited.status.value,
        scopes=words.plain(" ".join(key.scopes)),
        by=words.plain(key.created_by),
        made=words.minute(key.made_at)[:10],
        used=words.use(key)[:10],
        end=words.end(key)[:10],
        findings=tuple(findings),
        rank=_rank(findings),
        sort_made=_number(key.made_at),
        sort_used=_number(key.used_at) or ("0" if key.never_used else ""),
        sort_end=_number(key.ends_at),
        shapes=tuple(_shapes(one, scale)),
        label=label + (f", rotates {rotation}" if rotation else ""),
    )


def _dead(audited: AuditedResource, findings: Sequence[Finding]) -> Row:
    """The row of a resource whose key is revoked or not listed: all that is known is in its state."""
    resource = audited.resource
    dead = "not listed" if audited.status is KeyStatus.ABSENT else audited.status.value
    return Row(
        name=words.SECRET_NAME if resource.secret_name else words.plain(resource.key_name) or "(no name)",
        key_id=resource.key_id,
        prefix="",
        relation="dead",
        whose=f"{words.plain(resource.name)} of {words.plain(audited.stack)}",
        order=f"{audited.stack} {resource.name}",
        status=dead,
        scopes="",
        by="",
        made=words.minute(resource.created_at)[:10],
        used="",
        end="",
        findings=tuple(findings),
        rank=_rank(findings),
        sort_made=_number(resource.created_at),
        sort_used="",
        sort_end="",
        shapes=(),
        label=f"the key is {dead}",
    )


def _order(audited: AuditedKey) -> str:
    if audited.owner is None:
        return f"{audited.made_by or chr(0x10FFFF)} {audited.of_resource.name if audited.of_resource else ''}"
    return f"{audited.owner.stack} {audited.owner.resource.name} {_RELATIONS.index(audited.relation)}"


def _rank(findings: Sequence[Finding]) -> int:
    return min((_SEVERITIES.index(finding.severity) for finding in findings), default=len(_SEVERITIES))


def _number(at: datetime | None) -> str:
    return "" if at is None else str(int(at.timestamp()))
