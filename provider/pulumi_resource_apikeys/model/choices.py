"""Properties that have one of a few texts: what the texts are, what each means, and what SDKs call the choice.

A new choice is a `Choice` and a type here; the schema and the SDKs then have an enumeration for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator


@dataclass(frozen=True)
class Choice:
    """The mark of a type whose values are a few texts, by what each means; `name` is what SDKs call it."""

    name: str
    description: str
    meanings: Mapping[str, str]

    def __hash__(self) -> int:
        """By the name, which no two of them share."""
        return hash(self.name)

    def check(self, text: str) -> str:
        """The text if it is one of them. Raises ValueError with a reason in words."""
        if text not in self.meanings:
            raise ValueError(f'"{text}" is none of {", ".join(self.meanings)}')
        return text


RETIRE = Choice(
    "Retire",
    "When the previous key of a rotation is revoked.",
    {
        "afterOverlap": "By the clock alone, once the overlap is over.",
        "whenUnused": "Once it was not used for the overlap, as the server tells; a warning tells while it still is.",
    },
)
KEY_STATUS = Choice(
    "KeyStatus",
    "Whether a key may be used, or why not.",
    {
        "active": "It may be used.",
        "expired": "It has expired.",
        "revoked": "It was revoked.",
        "absent": "The server does not list it.",
    },
)

Retire = Annotated[str, AfterValidator(RETIRE.check), RETIRE]
ToldRetire = Annotated[str, RETIRE]
"""The same in a state, which another version may have written."""
ToldStatus = Annotated[str, KEY_STATUS]
