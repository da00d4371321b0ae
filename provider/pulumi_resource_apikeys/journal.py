"""What this machine was about to make: a line on disk before each create, so that a killed run's keys are found again.

A create that was sent and whose answer was never recorded may have made a key that nobody knows. The state can't tell
of it, and the key's name tells only if the name was made here. So each process keeps a file, locked while it lives,
below the user's Pulumi home: a line before each create, one when the key's id is known, one when the engine has it.
What stands open in a file that nobody holds was cut off by a kill. A key with a name of the user's own stays written
down until it has ended, for nothing else tells whose it is where an older state is put back.

No secret is written: of names, which may come from a secret, only a digest. If the folder can't be written, nothing
is kept, and only names tell of lost keys.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from .model.times import parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from filelock import FileLock

MOST_FILES = 8

_LOG = logging.getLogger(__name__)


def digest(name: str) -> str:
    """What is kept of a name."""
    return hashlib.sha256(name.casefold().encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Attempt:
    """A create that was about to be sent: for which resource (a digest of it), where, and under which name's digest.

    `unique`: the name was made here, so no other key bears it. `key_id` is that of the key it made, if it is known.
    `recorded`: the engine has the answer. `started_at` is RFC 3339.
    """

    owner: str
    endpoint: str
    project_id: str
    name: str
    unique: bool
    started_at: str
    key_id: str | None = None
    recorded: bool = False
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def started(self) -> datetime:
        """When the create was sent."""
        return parse_instant(self.started_at)


class Journal:
    """The journal of one process for one stack; `root` None keeps nothing."""

    def __init__(self, root: Path | None) -> None:
        """Take the folder below which each stack has one; nothing is written before the first create."""
        self._root = root
        self._folder: Path | None = None
        self._path: Path | None = None
        self._file: TextIO | None = None
        self._lock: FileLock | None = None
        self._open: dict[str, Attempt] = {}
        self._delivered: set[str] = set()
        self._dead: dict[str, Attempt] | None = None
        self._dead_files: list[tuple[Path, FileLock]] = []

    @property
    def folder(self) -> Path | None:
        """The folder of the stack; None if nothing is kept, or the stack is not known yet."""
        return self._folder

    def bind(self, stack: str) -> None:
        """Take the stack, by the letters that its keys' names bear; the first one counts."""
        if self._folder is None and self._root is not None:
            self._folder = self._root / stack

    def begin(self, attempt: Attempt) -> None:
        """Write down that a create is about to be sent."""
        self._open[attempt.id] = attempt
        self._write("sent", **vars(attempt))

    def made(self, attempt: Attempt, key_id: str) -> None:
        """Write down which key it made."""
        self._open[attempt.id] = replace(attempt, key_id=key_id)
        self._write("made", id=attempt.id, key_id=key_id)

    def close(self, attempt: Attempt) -> None:
        """Write down that nothing is left of it to look for: no key was made, or it is revoked."""
        if self._open.pop(attempt.id, None) is not None:
            self._write("closed", id=attempt.id)
        elif self._dead is not None and self._dead.pop(attempt.id, None) is not None:
            self._close_in_dead(attempt)

    def deliver(self, key_id: str) -> None:
        """Take note that the answer with that key went out to the engine."""
        self._delivered.add(key_id)

    def undone(self, key_id: str) -> None:
        """Take note that the key was revoked again, since nobody took the answer."""
        for attempt in [attempt for attempt in self._open.values() if attempt.key_id == key_id]:
            self.close(attempt)

    def engine_has_all(self) -> None:
        """Close what was delivered: the engine has ended its work well, and has recorded each answer by then."""
        for attempt in [attempt for attempt in self._open.values() if attempt.key_id in self._delivered]:
            if attempt.unique:
                self.close(attempt)
            else:
                self._open[attempt.id] = replace(attempt, recorded=True)
                self._write("recorded", id=attempt.id)
        if not self._open:
            self._end_file()

    @property
    def names_under_way(self) -> frozenset[str]:
        """The digests of the names of all creates whose key is not known yet."""
        return frozenset(attempt.name for attempt in self._open.values() if attempt.key_id is None)

    def of_earlier_runs(self) -> list[Attempt]:
        """What earlier runs left: what a kill cut off, and the keys with names of the user's own; read once."""
        if self._folder is None:
            return []
        if self._dead is None:
            self._dead = {}
            self._read_dead()
        return list(self._dead.values())

    def end(self) -> None:
        """Let go of the file, if one with nothing open goes, and of those of killed runs, for the next run."""
        self._end_file()
        for _, lock in self._dead_files:
            lock.release()
        self._dead_files.clear()

    def _end_file(self) -> None:
        if self._file is None or self._lock is None or self._path is None:
            return
        with suppress(OSError):
            self._file.close()
        self._file = None
        if self._open:
            self._lock.release()
        else:
            _remove(self._path, self._lock)

    def _write(self, what: str, **fields: Any) -> None:  # noqa: ANN401 - a JSON line
        try:
            file = self._file or self._begin_file()
            if file is not None:
                file.write(json.dumps({"what": what, **fields}) + "\n")
                file.flush()
        except (OSError, RuntimeError) as error:  # what a lock may raise, a Timeout too
            _LOG.debug("the journal can't be written: %s", error)

    def _begin_file(self) -> TextIO | None:
        if self._folder is None:
            return None
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = self._folder / f"{uuid.uuid4().hex}.jsonl"
        self._lock = _lock_of(self._path)
        self._lock.acquire(blocking=False)
        self._file = os.fdopen(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8")
        return self._file

    def _read_dead(self) -> None:
        found: dict[str, Attempt] = {}
        closed: set[str] = set()
        for path in _files(self._folder):
            lock = _lock_of(path)
            try:
                lock.acquire(blocking=False)
            except (OSError, RuntimeError):  # a run that lives holds it, or it can't be locked
                continue
            try:
                text = path.read_text(encoding="utf-8", errors="replace")
            except OSError:  # another run was here first
                lock.release()
                continue
            _replay(text, found, closed)
            self._dead_files.append((path, lock))
        self._dead = {name: attempt for name, attempt in found.items() if name not in closed}
        if not self._dead:
            self._forget_dead()
        elif len(self._dead_files) > MOST_FILES:
            self._gather()

    def _gather(self) -> None:
        """Put what many files hold into one."""
        attempts = self._dead or {}
        path, lock = self._dead_files.pop()
        lines = [json.dumps({"what": "sent", **vars(attempt)}) + "\n" for attempt in attempts.values()]
        path.write_text("".join(lines), encoding="utf-8")
        self._forget_dead()
        self._dead_files.append((path, lock))

    def _close_in_dead(self, attempt: Attempt) -> None:
        """Write down in an earlier run's file that nothing is left of an attempt; files with nothing left go."""
        if not self._dead:
            self._forget_dead()
        elif self._dead_files:
            with suppress(OSError), self._dead_files[-1][0].open("a", encoding="utf-8") as file:
                file.write(json.dumps({"what": "closed", "id": attempt.id}) + "\n")

    def _forget_dead(self) -> None:
        for path, lock in self._dead_files:
            _remove(path, lock)
        self._dead_files.clear()


def _files(folder: Path | None) -> list[Path]:
    try:
        return sorted(folder.glob("*.jsonl")) if folder is not None else []
    except OSError:
        return []


def _replay(text: str, found: dict[str, Attempt], closed: set[str]) -> None:
    """Read what a file says of attempts, into `found` and `closed`; a line that was cut off counts as not written."""
    for line in text.splitlines():
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            fields: dict[str, Any] = json.loads(line)
            match fields.pop("what"):
                case "sent":
                    attempt = Attempt(**fields)
                    parse_instant(attempt.started_at)
                    found[attempt.id] = attempt
                case "made":
                    found[fields["id"]] = replace(found[fields["id"]], key_id=fields["key_id"])
                case "recorded":
                    found[fields["id"]] = replace(found[fields["id"]], recorded=True)
                case "closed":
                    closed.add(fields["id"])


def _remove(path: Path, lock: FileLock) -> None:
    with suppress(OSError):
        path.unlink()
    lock.release()
    with suppress(OSError):
        Path(lock.lock_file).unlink()


def _lock_of(path: Path) -> FileLock:
    from filelock import FileLock  # noqa: PLC0415 - most commands write nothing down

    # The dynamic provider's last words come from another thread than its calls.
    return FileLock(path.with_suffix(".lock"), mode=0o600, thread_local=False)


def root_of(environment: Mapping[str, str]) -> Path | None:
    """The folder of all journals, below the user's Pulumi home; None if there is no home."""
    try:
        home = Path(environment.get("PULUMI_HOME") or Path.home() / ".pulumi")
    except RuntimeError:
        return None
    return home / "apikeys" / "journal"
