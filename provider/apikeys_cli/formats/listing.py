"""Keys of a listing: as a table for a terminal, as JSON, as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from . import words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pulumi_resource_apikeys.keys.port import RemoteKey

ID, ID_LENGTH = "Key id", 36
HEADINGS = ("Name", ID, "Status", "Scopes", "Made", "By", "Last used", "Ends", "Admin")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet takes for a formula; see "CSV Injection" at OWASP."""


def facts(key: RemoteKey, now: datetime) -> dict[str, Any]:
    """What the server told of a key; times as it wrote them, None for what it left out."""
    return {
        "projectId": key.project_id,
        "keyId": key.key_id,
        "name": key.name,
        "status": key.status_at(now).value,
        "scopes": list(key.scopes),
        "keyPrefix": key.key_prefix,
        "createdAt": key.created_at,
        "createdBy": key.created_by,
        "expiresAt": key.expires_at,
        "lastUsedAt": key.last_used_at,
        "neverUsed": key.never_used,
        "isAdminManaged": key.is_admin_managed,
        "tenantId": key.tenant_id,
    }


def table(keys: Iterable[RemoteKey], now: datetime) -> Table:
    """The keys in rows."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for heading in HEADINGS:
        made.add_column(heading, no_wrap=heading == ID, min_width=ID_LENGTH if heading == ID else None)
    for key in keys:
        told = key.status_at(now).value
        cells = (
            words.plain(key.name),
            key.key_id,
            told,
            words.plain(" ".join(key.scopes)),
            words.minute(key.made_at),
            words.plain(key.created_by),
            words.use(key),
            words.end(key),
            {True: "yes", False: "no"}.get(bool(key.is_admin_managed)) if key.is_admin_managed is not None else "",
        )
        made.add_row(*(Text(cell or "", overflow="fold") for cell in cells), style="" if told == "active" else "dim")
    return made


def as_csv(keys: Iterable[RemoteKey], now: datetime) -> str:
    """The facts of each key in a line, with a line of headings. No cell is a formula."""
    rows = [facts(key, now) for key in keys]
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(rows[0] if rows else ["projectId", "keyId", "name"])
    for row in rows:
        writer.writerow([_cell(value) for value in row.values()])
    return sink.getvalue()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return _cell(" ".join(map(str, value)))
        case _:
            text = words.plain(str(value))
            return f"'{text}" if text.startswith(FORMULA) else text
