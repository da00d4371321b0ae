"""The ASGI application: all routes on one server."""

import sqlite3
from email.utils import format_datetime

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apikeys_emulator import api, clerk, control, control_keys, openapi
from apikeys_emulator.clock import Clock
from apikeys_emulator.problems import answer_error, problem
from apikeys_emulator.state import State

ROUTERS = (api.router, clerk.router, control.router, control_keys.router, openapi.router)


def build(state: State) -> FastAPI:
    """The application over this state."""
    app = FastAPI(
        openapi_url=None,
        strict_content_type=False,
        redirect_slashes=False,
        exception_handlers={
            405: answer_wrong_method,
            HTTPException: answer_error,
            RequestValidationError: answer_error,
            sqlite3.Error: answer_error,
            Exception: answer_error,
        },
    )
    app.state.emulator = state
    app.add_middleware(Dated, clock=state.clock)
    for router in ROUTERS:
        app.include_router(router)
    return app


class Dated:
    """Puts the server's own time on every answer (Date, RFC 9110 section 6.6.1), also where that is moved."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        """Take the application, and the server's time."""
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a date."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._clock.moment(), usegmt=True).encode("ascii")
                message = {**message, "headers": [*message["headers"], (b"date", date)]}
            await send(message)

        await self._app(scope, receive, dated)


async def answer_wrong_method(request: Request, _error: Exception) -> Response:
    """405 with every method of the path: the framework would name those of one of its routes only."""
    path = request.scope["route"].path
    routes = (route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute))
    allowed = {method for route in routes if route.path == path for method in route.methods or ()}
    return problem(405, "method not allowed", headers={"Allow": ", ".join(sorted(allowed))})
