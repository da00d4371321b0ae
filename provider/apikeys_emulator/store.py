"""The keys in SQLite. A secret is stored as its hash only, and a restart loses nothing.

SHA-256 with neither salt nor stretching is right here: the secrets are random with over 200 bits, so there is no
dictionary to try. Passwords would need a slow hash; random keys do not.
"""

import hashlib
import json
import secrets
import sqlite3
import string
from dataclasses import dataclass, replace
from pathlib import Path

SECRET_ALPHABET = string.ascii_letters + string.digits
SECRET_LENGTH = 40
PREFIX_LENGTH = 12

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


class Store:
    """One SQLite database of keys. Used from one thread."""

    def __init__(self, database: Path | None) -> None:
        """Open or create the file; None keeps the keys in memory only."""
        self._connection = sqlite3.connect(database or ":memory:")
        self._connection.row_factory = sqlite3.Row
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


def _key(row: sqlite3.Row) -> Key:
    return Key(
        key_id=row["key_id"],
        key_prefix=row["key_prefix"],
        project_id=row["project_id"],
        tenant_id=row["tenant_id"],
        name=row["name"],
        scopes=None if row["scopes"] is None else tuple(json.loads(row["scopes"])),
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        is_active=bool(row["is_active"]),
        is_admin_managed=bool(row["is_admin_managed"]),
        revoked_at=row["revoked_at"],
    )
