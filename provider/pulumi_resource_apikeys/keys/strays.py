"""Keys of this stack that no resource has any more, although no run of this machine was killed.

If an older state is put back, or one of two runs at once wins, and the resource leaves the program as well, neither
the program nor the state leads to its key again. That a run met no resource of a key proves little: it may have been
told to leave resources out, a program may have failed before it came to them, or another provider of the same stack
has them. So each run writes down which live keys of its stack it met no resource of, and which of those it did meet.
Only what several runs missed, over an hour or more, is told of, once for each key.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.times import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

MISSED_BY = 3
"""Runs that must have missed a key. Two providers of one stack end in any order, so that two misses may be in a row."""
MISSED_FOR = timedelta(hours=1)
"""The time over which they must have missed it: an `up` is two runs, and a program is mended by trying it again."""


@dataclass(frozen=True)
class Missed:
    """A live key that runs met no resource of: how many since one met it, and since when (RFC 3339)."""

    runs: int
    since: str
    told: bool = False


@dataclass(frozen=True)
class Sighting:
    """What one run saw of a project: which live keys of the stack it met no resource of, and which it met one of."""

    missed: frozenset[str]
    met: frozenset[str]


def take_in(before: Mapping[str, Missed], seen: Sighting, now: datetime) -> tuple[dict[str, Missed], frozenset[str]]:
    """What is known of a project's missed keys after a run, and the keys that are to be told of now."""
    after: dict[str, Missed] = {}
    to_tell = set[str]()
    for key_id in seen.missed:
        known = before.get(key_id)
        if known is None or known.runs == 0 or parse_instant(known.since) > now:
            after[key_id] = Missed(1, format_instant(now), told=known is not None and known.told)
            continue
        due = known.runs + 1 >= MISSED_BY and now - parse_instant(known.since) >= MISSED_FOR and not known.told
        after[key_id] = Missed(known.runs + 1, known.since, told=known.told or due)
        if due:
            to_tell.add(key_id)
    # Another provider of this stack may go on missing it, and must find that it was met.
    after |= {key_id: Missed(0, format_instant(now), before[key_id].told) for key_id in seen.met & before.keys()}
    return after, frozenset(to_tell)


def write_down(folder: Path | None, project_id: str, seen: Sighting, now: datetime) -> frozenset[str]:
    """Add what a run saw to what earlier ones wrote into the stack's folder; returns the keys that are to be told of.

    If the folder can't be used, or another run is writing, nothing is written down and nothing is told.
    """
    if folder is None or (not seen.missed and not is_kept(folder)):
        return frozenset()
    from filelock import FileLock  # noqa: PLC0415 - most runs write nothing down

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / "missed.lock", timeout=0, mode=0o600):
            known = _read(_file(folder))
            before = known.get(project_id, {})
            after, to_tell = take_in(before, seen, now)
            if after != before:
                _write(_file(folder), {**known, project_id: after})
            return to_tell
    except (OSError, RuntimeError):  # what a lock may raise, a Timeout too
        return frozenset()


def is_kept(folder: Path | None) -> bool:
    """Whether earlier runs missed any key of the stack with that folder."""
    return folder is not None and _file(folder).exists()


def _file(folder: Path) -> Path:
    return folder / "missed.json"


def _read(path: Path) -> dict[str, dict[str, Missed]]:
    with suppress(OSError, ValueError, TypeError, AttributeError):
        kept = json.loads(path.read_text(encoding="utf-8"))
        read = {
            project: {key_id: Missed(**fields) for key_id, fields in keys.items()} for project, keys in kept.items()
        }
        for keys in read.values():
            for missed in keys.values():
                parse_instant(missed.since)
        return read
    return {}


def _write(path: Path, projects: Mapping[str, Mapping[str, Missed]]) -> None:
    fields = {
        project: {key_id: asdict(missed) for key_id, missed in keys.items()}
        for project, keys in projects.items()
        if keys
    }
    if not fields:
        path.unlink(missing_ok=True)
        return
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump(fields, file)
    fresh.replace(path)
