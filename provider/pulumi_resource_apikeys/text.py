"""Text from elsewhere (servers, programs), made fit for a message: no secrets, no control characters, not too long.

Every pattern here takes a time that grows with the text as its length does, and no faster: the text may be megabytes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import SecretStr

LIMIT = 400
REDACTED = "[redacted]"
READ = 20_000
"""Characters; what stands behind them is not looked at."""
TELLING = 12
"""Characters at a secret's beginning by which also a cut-off one is known, if it is at least twice as long."""

# A JWT opens with the base64url of `{"`; one that was cut off in the middle is still half a token.
_TOKEN = re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]*)*", re.ASCII)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def without_lone_surrogates(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair: JSON and Python can hold these, UTF-8 can't."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def one_line(text: str, hide: Iterable[SecretStr] = (), limit: int = LIMIT) -> str:
    """One line of at most `limit` characters, without what `hide` names and without anything that looks like a JWT.

    A secret is known in upper and lower case, and by its beginning too.
    """
    read = text[:READ]
    printable = read if read.isascii() and read.isprintable() else "".join(map(_printable, read))
    for secret in hide:
        if secret.get_secret_value():
            printable = _pattern(secret.get_secret_value()).sub(REDACTED, printable)
    redacted = _TOKEN.sub(REDACTED, printable)
    if len(text) > READ:
        # What is left of a secret that was cut through is too short to be known, and ends here.
        redacted = redacted[: -2 * TELLING]
    line = " ".join(redacted.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _pattern(secret: str) -> re.Pattern[str]:
    whole = re.escape(secret)
    cut_off = rf"|{re.escape(secret[:TELLING])}[\w.~+/=-]*" if len(secret) >= 2 * TELLING else ""
    return re.compile(whole + cut_off, re.IGNORECASE | re.ASCII)


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    # Cc: control characters, such as those that steer a terminal; Cf: invisible ones, such as changes of direction.
    return "" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character
