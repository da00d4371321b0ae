"""`RemoteEmulator`: typed calls of the control API of an emulator that runs already, be it here or started by a CI."""

from dataclasses import dataclass, field
from typing import Any

import httpx
from typing_extensions import Unpack

from apikeys_emulator.terms import Access, FaultKind, FaultOptions, FaultTarget, KeyState, Operation, Switches

UNAUTHORIZED = 401


@dataclass(frozen=True)
class EmulatedKey:
    """A key as the server holds it. Times are RFC 3339 in UTC. `key` is the secret, known only from `add_key(s)`."""

    key_id: str
    key_prefix: str
    project_id: str
    tenant_id: str
    name: str
    scopes: list[str] | None
    created_at: str
    created_by: str
    expires_at: str | None
    last_used_at: str | None
    is_active: bool
    is_admin_managed: bool
    revoked_at: str | None
    state: KeyState
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class EmulatedCall:
    """One call that the server got. `status` is None if the connection was dropped or the call is still under way.

    `cookie` is whether the call brought a Cookie header.
    """

    operation: Operation
    project_id: str | None
    key_id: str | None
    time: str
    cookie: bool
    status: int | None
    fault: FaultKind | None


class RemoteEmulator:
    """A running emulator. A call that it refuses raises ValueError with the server's words."""

    def __init__(self, url: str) -> None:
        """`url` is the origin that `apikeys-emulator serve` prints, such as `http://127.0.0.1:40123`."""
        self.url = url
        self._client: httpx.Client | None = None

    def disconnect(self) -> None:
        """Close the connections; the next call opens new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def reset(self) -> None:
        """Faults, counts, clock, switches, projects and sessions as at the start; the keys stay."""
        self._call("POST", "/reset")

    # Tokens and time

    def token(self, ttl_seconds: float = 3600.0, *, subject: str = "user_emulator") -> str:
        """A bearer token by the server's clock; a negative lifetime makes an expired one."""
        return str(self._call("POST", "/token", {"ttl_seconds": ttl_seconds, "subject": subject})["token"])

    def now(self) -> str:
        """The server's time, RFC 3339."""
        return str(self._call("GET", "/clock")["now"])

    def set_clock(self, *, offset_seconds: float | None = None, now: str | None = None) -> None:
        """Set the server's time: either its offset to the machine's, or what it is now (RFC 3339)."""
        self._call("POST", "/clock", {"offset_seconds": offset_seconds, "now": now})

    # Faults and switches

    def fault(
        self, operation: FaultTarget, kind: FaultKind, times: int | None = 1, **options: Unpack[FaultOptions]
    ) -> None:
        """Make coming calls fail; `times` None means until cleared. See `apikeys_emulator.faults.Fault`."""
        given = {name: value for name, value in options.items() if value is not None}
        self._call("POST", "/faults", {"operation": operation, "kind": kind, "times": times, **given})

    def clear_faults(self) -> None:
        """Forget all faults."""
        self._call("DELETE", "/faults")

    def set_behaviour(self, **switches: Unpack[Switches]) -> None:
        """Set the switches that are given. See `apikeys_emulator.behaviour.Behaviour`."""
        self._call("POST", "/behaviour", dict(switches))

    def set_project(self, project_id: str, access: Access) -> None:
        """Close a project to all callers (403 or 404), or open it again."""
        self._call("POST", f"/projects/{project_id}", {"access": access})

    def end_session(self, session_id: str) -> None:
        """End a Clerk session: no more tokens for it."""
        self._call("POST", f"/sessions/{session_id}", {"ended": True})

    # What was called

    def counts(self) -> dict[Operation, int]:
        """How often each operation was called, with the calls that met a fault."""
        counts: dict[Operation, int] = self._call("GET", "/counts")
        return counts

    def reset_counts(self) -> None:
        """Count from zero, and forget the calls."""
        self._call("DELETE", "/counts")

    def calls(self) -> list[EmulatedCall]:
        """The last 1000 calls, oldest first."""
        return [EmulatedCall(**call) for call in self._call("GET", "/calls")]

    # Keys

    def keys(self, project_id: str | None = None) -> list[EmulatedKey]:
        """Every key, or every key of one project, oldest first."""
        query = "" if project_id is None else f"?project_id={project_id}"
        return [EmulatedKey(**key) for key in self._call("GET", f"/keys{query}")]

    def active_keys(self, project_id: str | None = None) -> list[EmulatedKey]:
        """The keys that are neither revoked nor expired by the server's clock."""
        return [key for key in self.keys(project_id) if key.state == "active"]

    def add_keys(self, count: int, project_id: str, name: str = "made-by-hand", **fields: object) -> list[EmulatedKey]:
        """Make keys that no call of the API made. `fields`: scopes, created_at, created_by, expires_at, last_used_at,
        is_active, is_admin_managed.
        """  # noqa: D205 - the list of fields is part of the sentence
        body = {"project_id": project_id, "name": name, "count": count, **fields}
        return [EmulatedKey(**key) for key in self._call("POST", "/keys", body)]

    def add_key(self, project_id: str, name: str = "made-by-hand", **fields: object) -> EmulatedKey:
        """Make one key that no call of the API made; fields as in `add_keys`."""
        return self.add_keys(1, project_id, name, **fields)[0]

    def patch_key(self, key_id: str, **fields: object) -> EmulatedKey:
        """Change is_active, is_admin_managed, created_at, expires_at or last_used_at of a key."""
        return EmulatedKey(**self._call("PATCH", f"/keys/{key_id}", fields))

    def revoke(self, key_id: str) -> None:
        """Revoke a key by hand, as somebody in the dashboard would."""
        self.patch_key(key_id, is_active=False)

    def forget(self, key_id: str) -> None:
        """Remove a key with no trace."""
        self._call("DELETE", f"/keys/{key_id}")

    def verify(self, secret: str) -> bool:
        """Use a key as a consumer does: whether the server accepts it. The key counts as used now."""
        answer = self._send("POST", "/verify", {"key": secret})
        if answer.status_code == UNAUTHORIZED:
            return False
        self._accepted(answer)
        return True

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        if self._client is None:
            self._client = httpx.Client(base_url=f"{self.url}/_emulator", trust_env=False, timeout=30)
        return self._client.request(method, path, json=body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        answer = self._accepted(self._send(method, path, body))
        return answer.json() if answer.content else None

    @staticmethod
    def _accepted(answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            request = answer.request
            raise ValueError(f"the emulator refused {request.method} {request.url.path}: {answer.text}")
        return answer
