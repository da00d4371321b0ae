"""Control API, the server: its faults, counts, clock, switches, and tokens of any lifetime.

Nothing here asks for a token, is counted, or appears in the OpenAPI document: the server listens on loopback only.
"""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

from apikeys_emulator.behaviour import Behaviour
from apikeys_emulator.clock import NANOSECONDS
from apikeys_emulator.faults import Fault
from apikeys_emulator.problems import JSONAnswer
from apikeys_emulator.state import ServerState
from apikeys_emulator.strict import StrictRoute
from apikeys_emulator.terms import CENTURY_SECONDS, Access
from apikeys_emulator.tokens import DEFAULT_SUBJECT
from apikeys_emulator.wire import Stamp, Text, UUIDText

router = APIRouter(prefix="/_emulator", route_class=StrictRoute, include_in_schema=False)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WantedToken(_Body):
    """A token that lives `ttl_seconds`; less than zero makes one that has expired."""

    ttl_seconds: float = Field(default=3600, ge=-CENTURY_SECONDS, le=CENTURY_SECONDS)
    subject: Text = Field(default=DEFAULT_SUBJECT, min_length=1)


class ClockChange(_Body):
    """Either the offset to the machine's time, or the time that it is to be now."""

    offset_seconds: float | None = Field(default=None, ge=-CENTURY_SECONDS, le=CENTURY_SECONDS)
    now: Stamp | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.offset_seconds is None) == (self.now is None):
            raise ValueError("expected either offset_seconds or now")
        return self


class ProjectChange(_Body):
    """What the API says of a project."""

    access: Access


class SessionChange(_Body):
    """Whether a Clerk session has ended."""

    ended: bool


@router.get("/health")
async def health() -> Response:
    """Answers once the server is up."""
    return JSONAnswer({"status": "ok"})


@router.post("/reset")
async def reset(state: ServerState) -> Response:
    """Faults, counts, clock, switches, projects and sessions as at the start; the keys stay."""
    state.reset()
    return Response(status_code=204)


@router.post("/token")
async def mint_token(state: ServerState, wanted: WantedToken) -> Response:
    """A bearer token of any lifetime, by the server's clock."""
    minted = state.tokens.mint(wanted.ttl_seconds, subject=wanted.subject)
    return JSONAnswer({"token": minted.token, "expires_at": minted.expires_at})


@router.post("/faults")
async def add_fault(state: ServerState, fault: Fault) -> Response:
    """Set a fault, behind those that are there."""
    state.faults.add(fault)
    return JSONAnswer(fault.model_dump(), status_code=201)


@router.get("/faults")
async def list_faults(state: ServerState) -> Response:
    """All faults with what is left of them."""
    return JSONAnswer([fault.model_dump() for fault in state.faults.listing()])


@router.delete("/faults")
async def clear_faults(state: ServerState) -> Response:
    """Forget all faults."""
    state.faults.clear()
    return Response(status_code=204)


@router.get("/counts")
async def counts(state: ServerState) -> Response:
    """How often each operation was called."""
    return JSONAnswer(state.journal.counts())


@router.delete("/counts")
async def reset_counts(state: ServerState) -> Response:
    """Count from zero, and forget the calls."""
    state.journal.reset()
    return Response(status_code=204)


@router.get("/calls")
async def calls(state: ServerState) -> Response:
    """The last 1000 calls, oldest first; no tokens or secrets."""
    return JSONAnswer([vars(call) for call in state.journal.calls])


@router.get("/clock")
async def read_clock(state: ServerState) -> Response:
    """The server's time."""
    return JSONAnswer(
        {"now": state.clock.stamp(), "offset_seconds": state.clock.offset_nanoseconds / NANOSECONDS},
    )


@router.post("/clock")
async def set_clock(state: ServerState, change: ClockChange) -> Response:
    """Move the server's time; it goes on from there."""
    if change.now is not None:
        state.clock.set_now(change.now)
    elif change.offset_seconds is not None:
        state.clock.offset_nanoseconds = round(change.offset_seconds * NANOSECONDS)
    return await read_clock(state)


@router.post("/projects/{project_id}")
async def set_project(state: ServerState, project_id: UUIDText, change: ProjectChange) -> Response:
    """Close a project to all callers, or open it again."""
    state.access[project_id] = change.access
    return JSONAnswer({"project_id": project_id, "access": change.access})


@router.post("/sessions/{session_id}")
async def set_session(state: ServerState, session_id: str, change: SessionChange) -> Response:
    """End a Clerk session, or take that back."""
    if change.ended:
        state.ended_sessions.add(session_id)
    else:
        state.ended_sessions.discard(session_id)
    return JSONAnswer({"session_id": session_id, "ended": change.ended})


@router.get("/behaviour")
async def read_behaviour(state: ServerState) -> Response:
    """The switches as they stand."""
    return JSONAnswer(state.behaviour.model_dump())


@router.post("/behaviour")
async def set_behaviour(state: ServerState, change: Behaviour) -> Response:
    """Set the switches that are named; the others stay."""
    state.behaviour = state.behaviour.model_copy(update=change.model_dump(exclude_unset=True))
    return await read_behaviour(state)
