"""A stand-in for the transit engine of HashiCorp Vault, in which the stacks of tests keep the keys of their secrets.

Pulumi derives a passphrase's key anew in each command, a sixth of a second of work; from a key service it just fetches
the key. The secrets in a state are encrypted by Pulumi itself either way. What a Vault answers:
https://developer.hashicorp.com/vault/api-docs/secret/transit
"""

from __future__ import annotations

import functools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRETS_PROVIDER = "hashivault://stacks"
_PREFIX = "vault:v1:"


class _Transit(BaseHTTPRequestHandler):
    """Wraps what it is to encrypt in a ciphertext's form; nothing that matters is kept here."""

    def do_PUT(self) -> None:
        """Encrypt or decrypt."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v1/transit/encrypt/stacks":
            answer = {"ciphertext": _PREFIX + asked["plaintext"]}
        else:
            answer = {"plaintext": asked["ciphertext"].removeprefix(_PREFIX)}
        body = json.dumps({"data": answer}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@functools.cache
def environment() -> dict[str, str]:
    """Where Pulumi finds it: a server in a thread of this process, until that ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Transit)
    threading.Thread(target=server.serve_forever, name="keeper", daemon=True).start()
    return {"VAULT_ADDR": f"http://127.0.0.1:{server.server_port}", "VAULT_TOKEN": "any"}
