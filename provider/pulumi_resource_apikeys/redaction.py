"""The last line of defence for the user's own secrets: words about a resource hold none that came with it.

A name, scope or trigger may come from a secret; an error that names the key must not show it. The adapters know which
strings are secret.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = "[secret]"
SHORTEST = 4
"""Characters; a shorter secret would take ordinary words apart, and is none."""


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets, as they are or as a server's words are written here; longest first."""
    forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST and form in text}
    if not forms:
        return text
    return re.sub("|".join(map(re.escape, sorted(forms, key=len, reverse=True))), SHOWN, text)


def _forms(secret: str) -> tuple[str, ...]:
    return (secret,) if secret.isprintable() and "  " not in secret else (secret, one_line(secret, limit=len(secret)))
