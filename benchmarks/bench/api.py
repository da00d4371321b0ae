"""A server of the API that costs next to nothing, so that what is measured is the provider: `python api.py`.

It checks nothing and keeps its keys in memory; `apikeys_emulator` is the one that behaves. The port comes on standard
output. `GET /counts` tells how many calls of each kind came since it was asked last.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
from collections import Counter

HEAD_END = b"\r\n\r\n"


class Keys:
    """The keys of all projects together, and how often they were asked for."""

    def __init__(self, filled_with: int) -> None:
        """Begin with that many active keys of nobody's."""
        self._number = itertools.count(1)
        self._keys: dict[str, bytes] = {}
        self._listing: bytes | None = None
        self.counts: Counter[str] = Counter()
        for _ in range(filled_with):
            self._add(f"somebody-elses-{next(self._number):06}", ["builds:read", "builds:write"], None)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """The status and the body that answer a call."""
        if path == "/counts":
            counts, self.counts = self.counts, Counter()
            return 200, json.dumps(counts).encode()
        self.counts[{"GET": "list", "POST": "create", "DELETE": "revoke"}[method]] += 1
        if method == "GET":
            if self._listing is None:
                self._listing = b"[" + b",".join(self._keys.values()) + b"]"
            return 200, self._listing
        if method == "POST":
            asked = json.loads(body)
            key = self._add(asked["name"], asked.get("scopes"), asked.get("expires_at"))
            return 200, json.dumps({**key, "key": f"ak_{key['key_id']}_0123456789abcdef0123456789abcdef"}).encode()
        self._keys.pop(path.rpartition("/")[2], None)
        self._listing = None
        return 200, b'{"$schema":"https://api.example.com/schemas/Revoked.json","success":true}'

    def _add(self, name: str, scopes: list[str] | None, expires_at: str | None) -> dict[str, object]:
        key_id = f"00000000-0000-4000-8000-{next(self._number):012}"
        key: dict[str, object] = {
            "created_at": "2026-11-24T10:31:39.288356666Z",
            "created_by": "user_2abcdefghijklmnopqrstuvwxyz",
            "expires_at": expires_at,
            "is_active": True,
            "is_admin_managed": False,
            "key_id": key_id,
            "key_prefix": f"ak_{key_id[-6:]}",
            "last_used_at": None,
            "name": name,
            "project_id": "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10",
            "scopes": scopes,
            "tenant_id": "5f0c1f7e-98a1-4d4e-8a36-0e5d6a6f3c11",
        }
        self._keys[key_id] = json.dumps(key).encode()
        self._listing = None
        return key


class Connection(asyncio.Protocol):
    """One connection, on which one call follows another."""

    def __init__(self, keys: Keys, latency: float) -> None:
        """`latency` in seconds is added to each call of the API."""
        self._keys = keys
        self._latency = latency
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hook of asyncio."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a stream's connection has
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hook of asyncio: answers when a call is here as a whole."""
        self._received += data
        head, end, rest = self._received.partition(HEAD_END)
        if not end:
            return
        request_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        self._received = rest[length:]
        method, path, _ = request_line.split(" ")
        latency = 0.0 if path == "/counts" else self._latency
        if latency:
            asyncio.get_running_loop().call_later(latency, self._answer, method, path, rest[:length])
        else:
            self._answer(method, path, rest[:length])

    def _answer(self, method: str, path: str, body: bytes) -> None:
        status, answer = self._keys.answer(method, path, body)
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}"
        self._transport.write(head.encode() + HEAD_END + answer)


async def serve(keys: Keys, latency: float) -> None:
    """Serve until standard input ends, as it does with the process that started this one."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(keys, latency), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Run the command line."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--latency", type=float, default=0.0, help="seconds that each call takes")
    arguments.add_argument("--keys", type=int, default=0, help="how many keys there are at the start")
    found = arguments.parse_args()
    asyncio.run(serve(Keys(found.keys), found.latency))


if __name__ == "__main__":
    main()
