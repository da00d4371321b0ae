"""Text from elsewhere (servers, programs), made fit for a message: no secrets, no control characters, not too long."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import SecretStr

LIMIT = 400
REDACTED = "[redacted]"

# A JWT opens with the base64url of `{"`; one that was cut off in the middle is still half a token.
_TOKEN = re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]*)*", re.ASCII)


def clean(text: str, hide: Iterable[SecretStr] = (), limit: int = LIMIT) -> str:
    """One line of at most `limit` characters, without what `hide` names and without anything that looks like a JWT."""
    printable = "".join(_printable(character) for character in text)
    for secret in hide:
        if secret.get_secret_value():
            printable = printable.replace(secret.get_secret_value(), REDACTED)
    line = " ".join(_TOKEN.sub(REDACTED, printable).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    # Cc: control characters, such as those that steer a terminal; Cf: invisible ones, such as changes of direction.
    return "" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character
