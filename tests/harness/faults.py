"""Every fault of the emulator at every call, and what is promised of an `up` that meets it and of the one after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby, product
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from apikeys_emulator.terms import FaultTarget, Switches
    from apikeys_emulator.testing import EmulatedKey, Emulator

Call = Literal["list", "create", "create, own name", "revoke"]

CALLS: tuple[Call, ...] = ("list", "create", "create, own name", "revoke")
CALL_LIMIT = 1.0
"""Seconds; the provider's requestTimeout in nearly all cells, so that what is late is late soon."""
PAST = "Wed, 01 Jan 2020 00:00:00 GMT"


@dataclass(frozen=True)
class Fault:
    """A fault by its name in the table, what the emulator is told, and the words by which an error tells of it.

    `behaviour` are switches of the emulator, set for the whole of the first `up`. `turned_away`: the answer says that
    nothing was taken on and to come again. `final`: another try would be of no use. `done`: the call's work is done all
    the same. `late`: only after the client gave up. `unchecked`: no list is asked for after a revoke that failed so.
    `harmless`: no call fails by it. `lags`: lists show late what was done, by the real time. `calls` are those that can
    meet it, and `limit` is the provider's requestTimeout in seconds.
    """

    name: str
    told: dict[str, Any] | None = field(hash=False)
    words: str = ""
    turned_away: bool = False
    final: bool = False
    done: bool = False
    late: bool = False
    unchecked: bool = False
    harmless: bool = False
    lags: bool = False
    behaviour: Switches = field(default_factory=dict, hash=False)
    calls: tuple[Call, ...] = CALLS
    limit: float = CALL_LIMIT

    @property
    def needs_real_waits(self) -> bool:
        """Whether what the server does takes real time, or another token, of which there is one a second."""
        return self.late or self.lags or self.words == REFUSED


def _status(status: int, **more: Any) -> dict[str, Any]:
    return {"kind": "status", "status": status, **more}


def _after(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "work": True}


LOST = "was lost before the whole answer"
LIMITED = "429 Too Many Requests"
UNAVAILABLE = "503 Service Unavailable"
REFUSED = "401 Unauthorized"
PAGE = "502 Bad Gateway: it answered text/html instead of JSON"
MOVED = "302 Found: it points to another path of this server, and redirects are not followed"
PAGE_OF_400: dict[str, Any] = {"kind": "html", "status": 400}
BAD_PAGE = "400 Bad Request: it answered text/html instead of JSON"
TOO_LARGE = "413 Request Entity Too Large"
HUNG_UP = "499"
PAGE_OF_200 = "200 OK, but it answered text/html instead of JSON"
NOT_CHECKED: dict[str, Any] = {"final": True, "unchecked": True}
LAG: Switches = {"create_lag_seconds": 3, "revoke_lag_seconds": 3}
GIB = 2**30

FAULTS = (
    Fault("302", _status(302), MOVED, final=True),
    Fault("302 after the work", _after(_status(302)), MOVED, final=True, done=True),
    Fault("400 with a page", PAGE_OF_400, BAD_PAGE, **NOT_CHECKED),
    Fault("400 with a page after the work", _after(PAGE_OF_400), BAD_PAGE, **NOT_CHECKED, done=True),
    Fault("403", _status(403), "403 Forbidden", **NOT_CHECKED),
    Fault("404", _status(404), "404 Not Found", **NOT_CHECKED),
    Fault("408", _status(408), "408 Request Timeout"),
    Fault("413", _status(413), TOO_LARGE, **NOT_CHECKED),
    Fault("413 after the work", _after(_status(413)), TOO_LARGE, **NOT_CHECKED, done=True),
    Fault("422", _status(422), "422 Unprocessable Entity", **NOT_CHECKED),
    Fault("425", _status(425), "425 Too Early"),
    Fault("429", _status(429), LIMITED, turned_away=True),
    Fault("429, Retry-After in seconds", _status(429, retry_after="1"), LIMITED, turned_away=True),
    Fault("429, Retry-After as a date", _status(429, retry_after=PAST), LIMITED, turned_away=True),
    Fault("429 after the work", _after(_status(429)), LIMITED, turned_away=True, unchecked=True, done=True),
    Fault("499", _status(499), HUNG_UP, **NOT_CHECKED),
    Fault("499 after the work", _after(_status(499)), HUNG_UP, **NOT_CHECKED, done=True),
    Fault("500", _status(500), "500 Internal Server Error"),
    Fault("503", _status(503), UNAVAILABLE),
    Fault("503, Retry-After in seconds", _status(503, retry_after="1"), UNAVAILABLE, turned_away=True),
    Fault("503, Retry-After as a date", _status(503, retry_after=PAST), UNAVAILABLE, turned_away=True),
    Fault(
        "503, Retry-After in seconds, after the work",
        _after(_status(503, retry_after="1")),
        UNAVAILABLE,
        turned_away=True,
        done=True,
    ),
    Fault("504 after the work", _after(_status(504)), "504 Gateway Timeout", done=True),
    Fault(
        "504 after the work, and lists that lag 3 s",
        _after(_status(504)),
        "504 Gateway Timeout",
        done=True,
        lags=True,
        behaviour=LAG,
        calls=("create", "create, own name"),
    ),
    Fault("slow answer", {"kind": "latency", "latency_ms": 200}, harmless=True),
    Fault("answer after the limit", {"kind": "latency", "latency_ms": 1500}, "within 1 s", done=True, late=True),
    Fault("connection dropped before the work", {"kind": "drop_before"}, LOST),
    Fault("connection dropped after the work", {"kind": "drop_after"}, LOST, done=True),
    Fault("answer cut off", {"kind": "truncate"}, LOST, done=True),
    Fault(
        "answer of 1 GiB, compressed to 1 MB",
        {"kind": "decorated", "size_bytes": GIB, "gzip": True},
        "is larger than 64 MiB",
        done=True,
        limit=60.0,
    ),
    Fault("HTML from a proxy", {"kind": "html"}, PAGE),
    Fault("HTML from a proxy, UTF-16", {"kind": "html", "charset": "utf-16"}, PAGE),
    Fault("HTML from a proxy, UTF-16, after the work", _after({"kind": "html", "charset": "utf-16"}), PAGE, done=True),
    Fault(
        "HTML from a proxy, its charset is hex and its cookie not ASCII, after the work",
        _after({"kind": "html", "charset": "hex", "set_cookie": "k\u00e9y=\u00e9"}),
        PAGE,
        done=True,
    ),
    Fault("HTML from a proxy with status 200", {"kind": "html", "status": 200}, PAGE_OF_200),
    Fault(
        "HTML from a proxy with status 200, after the work",
        _after({"kind": "html", "status": 200}),
        PAGE_OF_200,
        done=True,
    ),
    Fault("empty body", {"kind": "empty"}, "but the body is empty", done=True),
    Fault("401", {"kind": "unauthorized"}, REFUSED, turned_away=True),
    Fault("list wrongly empty", {"kind": "no_keys", "null": False}, harmless=True, calls=("list",)),
    Fault("list wrongly null", {"kind": "no_keys", "null": True}, harmless=True, calls=("list",)),
    Fault("lists lag 3 s", None, harmless=True, lags=True, behaviour=LAG),
    Fault(
        "success without effect",
        None,
        "the server answered that it is revoked, and still lists it as active",
        behaviour={"revoke_effect": "none"},
        calls=("revoke",),
    ),
)


@dataclass(frozen=True)
class Cell:
    """A fault at a call, once or until it is cleared."""

    fault: Fault
    call: Call
    lasting: bool

    def __str__(self) -> str:
        """Such as `create: 500, lasting`."""
        return f"{self.call}: {self.fault.name}, {'lasting' if self.lasting else 'once'}"

    @property
    def operation(self) -> FaultTarget:
        """What the emulator calls it."""
        return cast("FaultTarget", self.call.partition(",")[0])

    @property
    def own_name(self) -> bool:
        """Whether the user names the key, so that another key may bear the name too."""
        return self.call == "create, own name"

    @property
    def succeeds(self) -> bool:
        """Whether the first `up` is promised to succeed."""
        fault = self.fault
        if fault.harmless or (self.call == "revoke" and fault.done and not fault.unchecked):
            return True
        if self.lasting or fault.final:
            return False
        return not self.own_name or (fault.turned_away and not fault.done)

    @property
    def leaves_a_suspect(self) -> bool:
        """Whether a key may stay alive that only a person can judge; it must be told of."""
        made = self.operation == "create" and self.fault.done and not self.fault.harmless
        return made and (self.own_name or (self.fault.late and self.lasting))

    @property
    def company(self) -> tuple[str, ...]:
        """Cells with the same can share an `up`: others would be slowed down, left without a token, or see its lag."""
        own = {LIMITED: LIMITED, REFUSED: REFUSED}
        fault = self.fault
        shared = (str(self.lasting), own.get(fault.words, ""), f"{fault.limit:g}", str(fault.behaviour))
        return self.call, *shared

    @property
    def retries(self) -> int:
        """The provider's maxRetries: a rate limit that stays would be waited out for minutes."""
        return 0 if self.lasting and self.fault.words == LIMITED else 1

    def environment(self, emulator: Emulator) -> dict[str, str]:
        """The provider's configuration; its tokens come from the stand-in for Clerk, so that there can be another."""
        return {
            "APIKEYS_ENDPOINT": emulator.url,
            "APIKEYS_CLERK_API_URL": emulator.url,
            "APIKEYS_CLERK_SECRET_KEY": emulator.clerk_secret_key,
            "APIKEYS_CLERK_SESSION_ID": "sess_1",
            "APIKEYS_MAX_RETRIES": str(self.retries),
            "APIKEYS_REQUEST_TIMEOUT": f"{self.fault.limit:g}s",
        }

    def set(self, emulator: Emulator, project: str) -> None:
        """Let the emulator fail from now on, where it is about that project."""
        fault = self.fault
        if fault.told is not None:
            emulator.fault(self.operation, times=None if self.lasting else 1, project_id=project, **fault.told)
        if fault.behaviour:
            emulator.set_behaviour(**fault.behaviour)

    def end(self, emulator: Emulator) -> None:
        """Let the emulator work well again, and without the fault."""
        emulator.clear_faults()
        if self.fault.behaviour:
            emulator.set_behaviour(create_lag_seconds=0, revoke_lag_seconds=0, revoke_effect="revokes")

    def args(self, number: int) -> dict[str, Any]:
        """The arguments of the key that the cell is about."""
        return {"name": f"own-{number}"} if self.own_name else {}


def in_company(cells: Iterable[Cell]) -> list[list[Cell]]:
    """The cells in batches that can share an `up`."""
    return [
        list(batch) for _, batch in groupby(sorted(cells, key=lambda cell: cell.company), lambda cell: cell.company)
    ]


def _cells() -> Iterator[Cell]:
    for fault, call, lasting in product(FAULTS, CALLS, (False, True)):
        if call in fault.calls and (lasting or fault.told is not None):
            yield Cell(fault, call, lasting)


CELLS = tuple(_cells())


@dataclass(frozen=True)
class Heard:
    """What an `up` said: whether it succeeded, its errors, and all its words."""

    ok: bool
    errors: Collection[str]
    words: str


@dataclass(frozen=True)
class Outcome:
    """What came of a cell: the first `up`, keys alive beside the wanted ones that a person was told of, and faults."""

    cell: Cell
    succeeded: bool
    told_of: int
    complaints: tuple[str, ...]


def named_in(words: str, keys: Collection[EmulatedKey]) -> list[EmulatedKey]:
    """The keys that the words name by id."""
    return [key for key in keys if key.key_id in words]


def judge(cell: Cell, first: Heard, second: Heard, wanted: Collection[str], active: Collection[EmulatedKey]) -> Outcome:
    """Compare what happened with what is promised; `wanted` are the ids in the state, `active` those of the server.

    `active` are the keys as the second `up` left them, with those that a person revoked after the first one.
    """
    extra = [key for key in active if key.key_id not in wanted]
    told_of = named_in(first.words + second.words, extra)
    complaints = [*_about_words(cell, first, second)]
    if missing := set(wanted) - {key.key_id for key in active}:
        complaints.append(f"keys of the state that are not active: {missing}")
    if untold := [key.name for key in extra if key not in told_of]:
        complaints.append(f"active keys that nobody was told of: {untold}; {first.words}{second.words}")
    if told_of and not cell.leaves_a_suspect:
        complaints.append(f"keys that should not be left: {[key.name for key in told_of]}; {first.words}{second.words}")
    return Outcome(cell, first.ok, len(told_of), tuple(complaints))


def _about_words(cell: Cell, first: Heard, second: Heard) -> Iterator[str]:
    if first.ok != cell.succeeds:
        yield f"the first up should have {'succeeded' if cell.succeeds else 'failed'}: {first.words}"
    elif not first.ok:
        clear = [error for error in first.errors if f"could not {cell.operation}" in error]
        if not any(cell.fault.words in error for error in clear):
            yield f'an error should tell of "{cell.fault.words}": {list(first.errors)}'
    if not second.ok:
        yield f"the second up should have succeeded: {second.words}"
    for heard in (first, second):
        if "Traceback" in heard.words or "this is a bug" in heard.words:
            yield f"a bug: {heard.words}"
