"""A mapping whose values are made when they are first asked for: most commands need one resource type of several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

Made = TypeVar("Made")


class OnDemand(Mapping[str, Made]):
    """Its keys are there from the start; each value is made once."""

    def __init__(self, makers: Mapping[str, Callable[[], Made]]) -> None:
        """Take what makes each value."""
        self._makers = makers
        self._made: dict[str, Made] = {}

    def __getitem__(self, key: str) -> Made:
        """The value, made now if it is asked for the first time; raises KeyError for no key of the mapping."""
        if key not in self._made:
            self._made[key] = self._makers[key]()
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        """The keys, in the order given."""
        return iter(self._makers)

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self._makers)
