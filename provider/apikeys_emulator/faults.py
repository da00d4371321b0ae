"""Faults that are set on a running server: which ones there are, and which of them the next call meets.

Every call goes through the faults in the order they were set. A latency always applies, and so several add up; of
the others the first that matches is used and stops the search. `after` counts the calls of a fault's operation since
it was set, whether or not another fault was used for them.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

from apikeys_emulator.terms import Echo, FaultKind, FaultTarget, Operation
from apikeys_emulator.wire import Text, UUIDText

HeaderText = Annotated[str, Field(pattern=r"^[\t\x20-\x7e\x80-\xff]*$")]
CookieText = Annotated[str, Field(pattern=r"^[^\x00-\x08\x0a-\x1f\x7f]*$")]

DEFAULT_DETAIL = "the emulator was told to fail this call"
FIRST_ERROR_STATUS = 300
TAKES_STATUS: tuple[FaultKind, ...] = ("status", "html")
TAKES_EXTRAS: tuple[FaultKind, ...] = ("status", "unauthorized", "html", "decorated")
EXTRAS = ("location", "charset", "set_cookie", "size_bytes", "gzip", "echo")
ANSWERED_BY_THE_FAULT: tuple[FaultKind, ...] = ("status", "unauthorized", "html", "empty")
WORKS_FIRST: dict[FaultKind, bool] = {
    "status": False,
    "unauthorized": False,
    "html": False,
    "drop_before": False,
    "empty": True,
    "truncate": True,
    "drop_after": True,
    "no_keys": True,
    "decorated": True,
}


class Fault(BaseModel):
    """One fault.

    `status` belongs to kind `status` (300 to 599), and to `html` (200 to 599, 502 if left out). `latency_ms` belongs to
    `latency`. `no_keys` is for a list, which is then empty, or `null`, although there are keys.
    `work` overrides whether the call's work is done before it is answered wrongly: a 504 after the work is a lost
    answer too. Without it `status`, `unauthorized`, `html` and `drop_before` come instead of the work; `empty`,
    `truncate` and `drop_after` come after it.
    `status`, `unauthorized`, `html`, and `decorated`, which leaves the answer itself right, take extras: `location`,
    `charset`, `set_cookie`, `size_bytes`, `gzip` and `echo`, the places where the caller's token comes back.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: FaultTarget
    kind: FaultKind
    times: int | None = Field(default=1, ge=1, description="for how many calls; null: until cleared")
    after: int = Field(default=0, ge=0, description="how many calls to let pass first")
    status: int | None = Field(default=None, ge=200, le=599)
    retry_after: HeaderText | None = Field(default=None, description="Retry-After header: seconds or an HTTP date")
    latency_ms: float | None = Field(default=None, ge=0, le=600_000)
    work: bool | None = None
    project_id: UUIDText | None = Field(default=None, description="only calls about this project; null: all calls")
    detail: Text | None = Field(default=None, description="the words of a problem, or in the title of an HTML page")
    null: bool | None = Field(default=None, description="for no_keys: whether the list is null instead of []")
    location: HeaderText | None = Field(default=None, description="Location header; a redirect has one anyway")
    charset: HeaderText | None = Field(default=None, description="declared, and used where Python knows it")
    set_cookie: CookieText | None = Field(default=None, description="Set-Cookie header; up to U+00FF as bytes")
    size_bytes: int | None = Field(default=None, ge=0, description="the body is filled up with blanks to this size")
    gzip: bool = Field(default=False, description="compress the body, after it was filled up")
    echo: tuple[Echo, ...] = ()

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "status") != (self.status is not None) and self.kind != "html":
            raise ValueError("status belongs to the kinds status (required) and html")
        if self.kind == "status" and self.status is not None and self.status < FIRST_ERROR_STATUS:
            raise ValueError(f"status of the kind status is {FIRST_ERROR_STATUS} or more")
        if (self.kind == "latency") != (self.latency_ms is not None):
            raise ValueError("latency_ms belongs to the kind latency, and is required there")
        if self.work is not None and self.kind not in ANSWERED_BY_THE_FAULT:
            raise ValueError(f"work can be chosen for {', '.join(ANSWERED_BY_THE_FAULT)} only")
        if self.retry_after is not None and self.kind not in TAKES_STATUS:
            raise ValueError("retry_after belongs to the kinds status and html")
        if (self.kind == "no_keys") != (self.null is not None):
            raise ValueError("null belongs to the kind no_keys, and is required there")
        if self.kind == "no_keys" and self.operation != "list":
            raise ValueError("no_keys is for the operation list only")
        if self.kind not in TAKES_EXTRAS and any(getattr(self, extra) for extra in EXTRAS):
            raise ValueError(f"{', '.join(EXTRAS)} belong to the kinds {', '.join(TAKES_EXTRAS)}")
        if "reason" in self.echo and (self.size_bytes is not None or self.gzip):
            raise ValueError("a reason can't be echoed before a body with size_bytes or gzip")
        return self

    @property
    def takes_extras(self) -> bool:
        """Whether the answer may get what the fault adds."""
        return self.kind in TAKES_EXTRAS

    @property
    def works_first(self) -> bool:
        """Whether the call's work is done although its answer goes wrong."""
        return WORKS_FIRST[self.kind] if self.work is None else self.work


class SetFault(Fault):
    """A fault with how many calls it still has to let pass, and for how many it will then be used (null: for ever)."""

    still_to_skip: int
    remaining: int | None


@dataclass
class _Armed:
    fault: Fault
    skip: int
    remaining: int | None

    def meets(self, operation: Operation, project_id: str | None) -> bool:
        """Count a call; whether this fault is due for it."""
        if self.fault.operation not in {operation, "any"} or self.remaining == 0:
            return False
        if self.fault.project_id not in {None, project_id}:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        return True

    def use(self) -> None:
        if self.remaining is not None:
            self.remaining -= 1


@dataclass(frozen=True)
class Trouble:
    """What happens to one call."""

    latency_seconds: float
    fault: Fault | None


class Faults:
    """The faults of one server."""

    def __init__(self) -> None:
        """No faults."""
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        """Set a fault, behind those that are there."""
        self._armed.append(_Armed(fault, fault.after, fault.times))

    def clear(self) -> None:
        """Forget all faults."""
        self._armed.clear()

    def listing(self) -> list[SetFault]:
        """All faults that were set, the used-up ones too, in order."""
        return [
            SetFault(**armed.fault.model_dump(), still_to_skip=armed.skip, remaining=armed.remaining)
            for armed in self._armed
        ]

    def take(self, operation: Operation, project_id: str | None = None) -> Trouble:
        """What the next call of this operation meets, about a project where it is about one; it is used up by that."""
        due = [armed for armed in self._armed if armed.meets(operation, project_id)]
        latencies = [armed for armed in due if armed.fault.kind == "latency"]
        others = [armed for armed in due if armed.fault.kind != "latency"][:1]
        for armed in (*latencies, *others):
            armed.use()
        return Trouble(
            latency_seconds=sum(armed.fault.latency_ms or 0 for armed in latencies) / 1000,
            fault=others[0].fault if others else None,
        )
