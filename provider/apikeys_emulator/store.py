"""The keys in SQLite. A secret is stored as its hash only, and a restart loses nothing.

SHA-256 with neither salt nor stretching is right here: the secrets are random with over 200 bits, so there is no
dictionary to try. Passwords would need a slow hash; random keys do not.
"""

import contextlib
import hashlib
import json
import os
import secrets
import sqlite3
import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apikeys_emulator.clock import STAMP

SECRET_ALPHABET = string.ascii_letters + string.digits
SECRET_LENGTH = 40
PREFIX_LENGTH = 12
OWNER_ONLY = 0o600

SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    sequence INTEGER PRIMARY KEY,
    key_id TEXT NOT NULL UNIQUE,
    key_hash TEXT NOT NULL UNIQUE,
    key_prefix TEXT NOT NULL,
    project_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TEXT,
    last_used_at TEXT,
    is_active INTEGER NOT NULL,
    is_admin_managed INTEGER NOT NULL,
    revoked_at TEXT
);
CREATE INDEX IF NOT EXISTS keys_of_project ON keys (project_id, created_at, sequence);
"""


@dataclass(frozen=True)
class Key:
    """All that is known of a key but its secret and the hash of it. Times are stamps (see `clock`).

    `revoked_at` is None too for a key that was stored as revoked.
    """

    key_id: str
    key_prefix: str
    project_id: str
    tenant_id: str
    name: str
    scopes: tuple[str, ...] | None
    created_at: str
    created_by: str
    expires_at: str | None = None
    last_used_at: str | None = None
    is_active: bool = True
    is_admin_managed: bool = False
    revoked_at: str | None = None

    def turned(self, *, active: bool, now: str) -> "Key":
        """This key, active or revoked at the time `now`; a key that is so already stays as it is."""
        if active == self.is_active:
            return self
        return replace(self, is_active=active, revoked_at=None if active else now)


def new_secret() -> str:
    """A fresh secret: `ak_live_` and 40 random letters and digits."""
    return "ak_live_" + "".join(secrets.choice(SECRET_ALPHABET) for _ in range(SECRET_LENGTH))


def prefix_of(secret: str) -> str:
    """The start of a secret that the API shows for ever, so that people can tell keys apart."""
    return secret[:PREFIX_LENGTH]


def hash_of(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


class UnreadableKeyError(sqlite3.DataError):
    """A row of the database is no key; the message is a sentence that names it."""


class Store:
    """One SQLite database of keys. Used from one thread. Every method raises sqlite3.Error if the database fails."""

    def __init__(self, database: Path | None) -> None:
        """Open or create the file, for its owner only; None keeps the keys in memory.

        Raises:
            sqlite3.Error: the file can't be used.
        """
        self._connection = sqlite3.connect(":memory:" if database is None else _private(database.absolute()))
        self._connection.row_factory = sqlite3.Row
        self._connection.text_factory = _readable
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)
        columns = {row["name"] for row in self._connection.execute("PRAGMA table_info(keys)")}
        if "revoked_at" not in columns:
            self._connection.execute("ALTER TABLE keys ADD COLUMN revoked_at TEXT")

    def close(self) -> None:
        """Close the database; what was written stays."""
        self._connection.close()

    def add(self, minted: list[tuple[Key, str]]) -> None:
        """Store keys with their secrets, all or none."""
        rows = [
            {**vars(key), "scopes": _scopes_as_text(key.scopes), "key_hash": hash_of(secret)} for key, secret in minted
        ]
        with self._connection:
            self._connection.executemany(
                "INSERT INTO keys (key_id, key_hash, key_prefix, project_id, tenant_id, name, scopes, created_at,"
                " created_by, expires_at, last_used_at, is_active, is_admin_managed, revoked_at) VALUES (:key_id,"
                " :key_hash, :key_prefix, :project_id, :tenant_id, :name, :scopes, :created_at, :created_by,"
                " :expires_at, :last_used_at, :is_active, :is_admin_managed, :revoked_at)",
                rows,
            )

    def save(self, key: Key) -> None:
        """Write what can change of a stored key: its times, whether it is active, and who manages it."""
        with self._connection:
            self._connection.execute(
                "UPDATE keys SET is_active = :is_active, is_admin_managed = :is_admin_managed,"
                " created_at = :created_at, expires_at = :expires_at, last_used_at = :last_used_at,"
                " revoked_at = :revoked_at"
                " WHERE key_id = :key_id",
                {**vars(key), "scopes": None},
            )

    def forget(self, key_id: str) -> bool:
        """Remove a key with no trace; False if there was none."""
        with self._connection:
            return self._connection.execute("DELETE FROM keys WHERE key_id = ?", (key_id,)).rowcount > 0

    def all_keys(self) -> list[Key]:
        """Every key of every project, oldest first."""
        return [_key(row) for row in self._connection.execute("SELECT * FROM keys ORDER BY created_at, sequence")]

    def keys_of_project(self, project_id: str) -> list[Key]:
        """Every key of a project, oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM keys WHERE project_id = ? ORDER BY created_at, sequence", (project_id,)
        )
        return [_key(row) for row in rows]

    def find(self, key_id: str) -> Key | None:
        """The key with this id."""
        row = self._connection.execute("SELECT * FROM keys WHERE key_id = ?", (key_id,)).fetchone()
        return None if row is None else _key(row)

    def find_by_secret(self, secret: str) -> Key | None:
        """The key with this secret, be it active or not."""
        row = self._connection.execute("SELECT * FROM keys WHERE key_hash = ?", (hash_of(secret),)).fetchone()
        return None if row is None else _key(row)


def _scopes_as_text(scopes: tuple[str, ...] | None) -> str | None:
    return None if scopes is None else json.dumps(scopes)


def _private(file: Path) -> Path:
    """The file, made if it isn't there, and closed to all but its owner, with what SQLite puts beside it."""
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
    except OSError as error:
        raise sqlite3.OperationalError(error.strerror) from error
    for each in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        if each.is_file():
            with contextlib.suppress(PermissionError):  # somebody else's file, which they have let us write to
                each.chmod(OWNER_ONLY)
    return file


def _readable(text: bytes) -> str | bytes:
    """A column's text; what is no UTF-8 stays as it is, so that its row can still be told of."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _stamp(value: object) -> str:
    text = _text(value)
    if STAMP.fullmatch(text) is None:
        raise ValueError("no stamp")
    return text


def _stamp_or_none(value: object) -> str | None:
    return None if value is None else _stamp(value)


def _scopes_or_none(value: object) -> tuple[str, ...] | None:
    scopes = None if value is None else json.loads(_text(value))
    if not isinstance(scopes, list | None):
        raise TypeError("no list")
    return None if scopes is None else tuple(_text(scope) for scope in scopes)


def _flag(value: object) -> bool:
    if value not in {0, 1}:
        raise ValueError("neither 0 nor 1")
    return bool(value)


READERS: dict[str, Callable[[object], Any]] = {
    "key_id": _text,
    "key_prefix": _text,
    "project_id": _text,
    "tenant_id": _text,
    "name": _text,
    "scopes": _scopes_or_none,
    "created_at": _stamp,
    "created_by": _text,
    "expires_at": _stamp_or_none,
    "last_used_at": _stamp_or_none,
    "is_active": _flag,
    "is_admin_managed": _flag,
    "revoked_at": _stamp_or_none,
}
"""How each column of a key is read; one of `UNREADABLE` says that it holds what a key can't have there."""

UNREADABLE = (IndexError, TypeError, ValueError, RecursionError)


def _key(row: sqlite3.Row) -> Key:
    try:
        return Key(**{column: read(row[column]) for column, read in READERS.items()})
    except UNREADABLE as error:
        raise UnreadableKeyError(_why_unreadable(row)) from error


def _why_unreadable(row: sqlite3.Row) -> str:
    key_id = row["key_id"]
    named = f"key {key_id}" if isinstance(key_id, str) and key_id.isprintable() else "a key"
    columns = ", ".join(column for column in READERS if not _is_readable(row, column))
    return (
        f"can't read {named} (row {row['sequence']} of the table keys), wrong values in: {columns};"
        " mend that row or delete it"
    )


def _is_readable(row: sqlite3.Row, column: str) -> bool:
    try:
        READERS[column](row[column])
    except UNREADABLE:
        return False
    return True
