"""The ASGI application: all routes on one server."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from apikeys_emulator import api, clerk, control, control_keys, openapi
from apikeys_emulator.problems import answer_error
from apikeys_emulator.state import State


def build(state: State) -> FastAPI:
    """The application over this state."""
    app = FastAPI(
        openapi_url=None,
        strict_content_type=False,
        redirect_slashes=False,
        exception_handlers={
            HTTPException: answer_error,
            RequestValidationError: answer_error,
            Exception: answer_error,
        },
    )
    app.state.emulator = state
    for routes in (api.router, clerk.router, control.router, control_keys.router, openapi.router):
        app.include_router(routes)
    return app
