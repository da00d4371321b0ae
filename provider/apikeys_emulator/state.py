"""All that one running server holds, and how a route gets at it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Request

from apikeys_emulator.behaviour import Behaviour
from apikeys_emulator.clock import Clock
from apikeys_emulator.faults import Faults
from apikeys_emulator.journal import Journal
from apikeys_emulator.store import Store
from apikeys_emulator.terms import DEFAULT_CLERK_SECRET_KEY, DEFAULT_JWT_SECRET, DEFAULT_TOKEN_TTL_SECONDS, Access
from apikeys_emulator.tokens import Tokens


@dataclass(frozen=True)
class Options:
    """What a server is started with. `database` None keeps the keys in memory."""

    database: Path | None = None
    jwt_secret: str = field(default=DEFAULT_JWT_SECRET, repr=False)
    clerk_secret_key: str = field(default=DEFAULT_CLERK_SECRET_KEY, repr=False)
    token_ttl_seconds: float = DEFAULT_TOKEN_TTL_SECONDS
    access_log: bool = False


class State:
    """The state of one server: the keys outlive it in the database, all the rest ends with it."""

    def __init__(self, options: Options) -> None:
        """Open the database and start with no faults, counts or changed switches."""
        self.options = options
        self.store = Store(options.database)
        self.clock = Clock()
        self.tokens = Tokens(options.jwt_secret, self.clock)
        self.faults = Faults()
        self.journal = Journal()
        self.behaviour = Behaviour()
        self.access: dict[str, Access] = {}
        self.ended_sessions: set[str] = set()

    def reset(self) -> None:
        """Make all as at the start, but for the keys."""
        self.clock.offset_nanoseconds = 0
        self.faults.clear()
        self.journal.reset()
        self.behaviour = Behaviour()
        self.access.clear()
        self.ended_sessions.clear()


async def state_of(request: Request) -> State:
    """The state of the server that got this request."""
    return cast("State", request.app.state.emulator)


ServerState = Annotated[State, Depends(state_of)]
