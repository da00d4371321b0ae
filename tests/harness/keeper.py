"""A stand-in for the transit engine of HashiCorp Vault, in which the stacks of tests keep the keys of their secrets.

Pulumi derives a passphrase's key anew in each command, a sixth of a second of work; from a key service it just fetches
the key. The secrets in a state are encrypted by Pulumi itself either way. What a Vault answers:
https://developer.hashicorp.com/vault/api-docs/secret/transit
"""

from __future__ import annotations

import base64
import functools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

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


def shown(deployment: dict[str, Any], part: Any) -> Any:
    """A part of a deployment with its secrets shown, as `pulumi stack export --show-secrets` has them.

    How Pulumi writes a secret: AES-GCM, after a version, as nonce and ciphertext (sdk/go/common/resource/config,
    crypt.go), below the key that the service gives for the deployment's `encryptedkey`.
    """
    wrapped = base64.b64decode(deployment["secrets_providers"]["state"]["encryptedkey"]).decode()
    key = AESGCM(base64.b64decode(wrapped.removeprefix(_PREFIX)))

    def walk(value: Any) -> Any:
        match value:
            case {"ciphertext": str(ciphertext), **mark}:
                _, nonce, text = ciphertext.split(":")
                plain = key.decrypt(base64.b64decode(nonce), base64.b64decode(text), None)
                return {**mark, "plaintext": plain.decode()}
            case dict():
                return {name: walk(each) for name, each in value.items()}
            case list():
                return [walk(each) for each in value]
            case _:
                return value

    return walk(part)


def revealed(value: Any) -> Any:
    """The same with the secrets' values in their places, as `pulumi stack output --show-secrets` has them."""
    match value:
        case {"plaintext": str(plain)}:
            return revealed(json.loads(plain))
        case dict():
            return {name: revealed(each) for name, each in value.items()}
        case list():
            return [revealed(each) for each in value]
        case _:
            return value
