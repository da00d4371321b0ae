"""A calendar of keys: as a table for a terminal, as JSON, and as iCalendar (RFC 5545) for any calendar program."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import icalendar
from rich.table import Table
from rich.text import Text

from apikeys_cli.schedule import EventKind
from pulumi_resource_apikeys.model.times import format_instant

from . import words

if TYPE_CHECKING:
    from datetime import datetime

    from apikeys_cli.schedule import Calendar, Event

STYLES = {EventKind.ROTATES: "cyan", EventKind.RETIRES: "", EventKind.ENDS: "yellow"}


def table(calendar: Calendar) -> Table:
    """The events in rows."""
    made = Table("When (UTC)", "What", "Resource", "Stack", "That is", box=None, pad_edge=False, header_style="bold")
    for event in calendar.events:
        when = f"{words.minute(event.at)}{' (overdue)' if event.overdue else ''}"
        cells = (when, event.kind.value, words.plain(event.resource.name), words.plain(event.stack), event.words)
        made.add_row(
            *(Text(cell, overflow="fold") for cell in cells), style="bold red" if event.overdue else STYLES[event.kind]
        )
    return made


def as_json(calendar: Calendar) -> str:
    """The events as a list of objects; times are RFC 3339."""
    events = [
        {
            "at": format_instant(event.at),
            "due": format_instant(event.due),
            "what": event.kind.value,
            "stack": event.stack,
            "urn": event.resource.urn,
            "resource": event.resource.name,
            "projectId": event.resource.project_id,
            "words": event.words,
        }
        for event in calendar.events
    ]
    return json.dumps(events, indent=2) + "\n"


def as_icalendar(calendar: Calendar, now: datetime) -> str:
    """An entry for each event. Its UID stays the same from one export to the next, so that no program doubles it."""
    made = icalendar.Calendar()
    made.add("prodid", "-//apikeys//apikeys calendar//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "API keys")
    for event in calendar.events:
        made.add_component(_entry(event, now))
    written: bytes = made.to_ical()
    return written.decode("utf-8")


def _entry(event: Event, now: datetime) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", _uid(event))
    entry.add("dtstamp", now.replace(microsecond=0))
    entry.add("dtstart", event.at.replace(microsecond=0))
    entry.add("summary", f"{words.plain(event.resource.name)} ({words.plain(event.stack)}) {event.kind.value}")
    overdue = f" It was due on {words.minute(event.due)} UTC." if event.overdue else ""
    entry.add("description", f"{event.words[:1].upper()}{event.words[1:]}.{overdue}\n{event.resource.urn}")
    entry.add("categories", [event.kind.value])
    entry.add("transp", "TRANSPARENT")
    return entry


def _uid(event: Event) -> str:
    told = "\0".join((event.resource.urn, event.kind.value, format_instant(event.due)))
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@apikeys"
