"""What was called, how often, and how it was answered. It never holds a token or a secret."""

from collections import Counter, deque
from dataclasses import dataclass

from apikeys_emulator.terms import OPERATIONS, FaultKind, Operation

KEPT_CALLS = 1000


@dataclass
class Call:
    """One call. `status` is None as long as there is no answer, and for ever if the connection was dropped.

    `cookie` is whether the call brought a Cookie header.
    """

    operation: Operation
    project_id: str | None
    key_id: str | None
    time: str
    cookie: bool
    status: int | None = None
    fault: FaultKind | None = None


class Journal:
    """The calls of one server."""

    def __init__(self) -> None:
        """Nothing called yet."""
        self._counts: Counter[Operation] = Counter()
        self.calls: deque[Call] = deque(maxlen=KEPT_CALLS)

    def open(self, call: Call) -> None:
        """Count a call that has just come in; who answers it fills in the rest."""
        self._counts[call.operation] += 1
        self.calls.append(call)

    def counts(self) -> dict[Operation, int]:
        """How often each operation was called, with the calls that met a fault."""
        return {operation: self._counts[operation] for operation in OPERATIONS}

    def reset(self) -> None:
        """Count from zero, and forget the calls."""
        self._counts.clear()
        self.calls.clear()
