"""Takes every secret out of an exported state, for previews by jobs that must not hold one.

python without_secrets.py EXPORTED RESULT

The result can be imported into a stack with the passphrase "guards nothing". It still tells names, scopes, ids and
prefixes of keys, and whatever else is no secret in the state.
"""

import json
import sys
from pathlib import Path
from typing import Any

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - how Pulumi marks a secret in a state

# What `pulumi stack init` writes into a stack's settings with that passphrase; the engine imports no secret without.
PROVIDER = {
    "type": "passphrase",
    "state": {"salt": "v1:OAyC95XvYXY=:v1:W9+H1wp8/K6ys7iH:Vs0oB2SnQ7kHznOykdS0Y3L9lyDxnQ=="},
}


def without_secrets(value: Any) -> Any:  # noqa: ANN401 - any of JSON
    """The same value, with another in the place of each secret."""
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get(SIGNATURE) == SECRET:
        return {SIGNATURE: SECRET, "plaintext": json.dumps("withheld")}
    return {name: without_secrets(item) for name, item in value.items()}


exported, result = map(Path, sys.argv[1:])
state = json.loads(exported.read_text())
state["deployment"] = {**without_secrets(state["deployment"]), "secrets_providers": PROVIDER}
result.write_text(json.dumps(state))
