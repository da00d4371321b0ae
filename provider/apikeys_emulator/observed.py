"""The route class of the emulated APIs: it counts each call, and makes it meet the faults that are set."""

import asyncio
import sqlite3
import sys
from typing import TYPE_CHECKING, cast

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from apikeys_emulator.broken import DroppedAnswer, TruncatedAnswer, empty_answer, html_answer
from apikeys_emulator.extras import with_extras
from apikeys_emulator.faults import DEFAULT_DETAIL, Fault
from apikeys_emulator.journal import Call
from apikeys_emulator.problems import JSONAnswer, database_error, problem, problem_of
from apikeys_emulator.state import state_of
from apikeys_emulator.strict import Handler, StrictRequest
from apikeys_emulator.tokens import bearer_token
from apikeys_emulator.wire import canonical_uuid

if TYPE_CHECKING:
    from apikeys_emulator.terms import Operation


def _received(body: bytes) -> Receive:
    """A body that has come in, as ASGI hands it out."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _plain(path_id: str | None) -> str | None:
    """An id of a path; a UUID in its plain form, whatever form it came in."""
    try:
        return None if path_id is None else canonical_uuid(path_id)
    except ValueError:
        return path_id


class ObservedRoute(APIRoute):
    """A route whose name is an `Operation`."""

    def refuse(self, error: HTTPException | RequestValidationError) -> Response:
        """An error of the route as this API's answer."""
        return problem_of(error)

    def fail(self, status: int, detail: str, headers: dict[str, str], title: str | None) -> Response:
        """A failure that a fault asks for as this API's answer; `title` None is the status's own."""
        return problem(status, detail, headers=headers, title=title)

    def get_route_handler(self) -> Handler:
        """FastAPI's hook: the handler, observed."""
        handle = super().get_route_handler()
        operation = cast("Operation", self.name)

        async def work(request: Request, receive: Receive) -> Response:
            try:
                return await handle(StrictRequest(request.scope, receive))
            except (HTTPException, RequestValidationError) as error:
                return self.refuse(error)
            except sqlite3.Error as error:
                return self.refuse(database_error(error))

        async def observed(request: Request) -> Response:
            state = await state_of(request)
            # All of it, so that the work is done too for a caller who hangs up while this is slow; one who hung up
            # before that has made no call.
            receive = _received(await request.body())
            call = Call(
                operation=operation,
                project_id=_plain(request.path_params.get("projectId")),
                key_id=_plain(request.path_params.get("keyId")),
                time=state.clock.stamp(),
                cookie="Cookie" in request.headers,
            )
            state.journal.open(call)
            request.state.call = call
            trouble = state.faults.take(operation, call.project_id)
            await asyncio.sleep(trouble.latency_seconds)
            if trouble.fault is None:
                response = await work(request, receive)
            else:
                call.fault = trouble.fault.kind
                whole = await work(request, receive) if trouble.fault.works_first else None
                token = bearer_token(request.headers.get("Authorization")) or ""
                response = self._spoilt(whole, trouble.fault, token)
                if trouble.fault.takes_extras:
                    response = with_extras(response, trouble.fault, token)
            call.status = None if isinstance(response, DroppedAnswer) else response.status_code
            if state.options.access_log:
                sys.stderr.write(f"{operation} {call.status or 'dropped'}\n")
            return response

        return observed

    def _spoilt(self, whole: Response | None, fault: Fault, token: str) -> Response:
        match fault.kind:
            case "status" | "unauthorized" | "html":
                return self._failed(fault, token)
            case "empty":
                return empty_answer(whole or Response())
            case "truncate" if whole is not None:
                return TruncatedAnswer(whole)
            case "no_keys" if whole is not None and whole.status_code == 200:  # noqa: PLR2004 - an HTTP status is its own name
                return JSONAnswer(None if fault.null else [])
            case "no_keys" | "decorated" if whole is not None:
                return whole
            case _:
                return DroppedAnswer()

    def _failed(self, fault: Fault, token: str) -> Response:
        headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
        title = token if "title" in fault.echo else None
        detail = token if "detail" in fault.echo else fault.detail
        if fault.kind == "html":
            return html_answer(fault.status or 502, headers, title or detail)
        if fault.kind == "unauthorized":
            return self.fail(401, detail or DEFAULT_DETAIL, {"WWW-Authenticate": "Bearer"}, title)
        return self.fail(fault.status or 500, detail or DEFAULT_DETAIL, headers, title)
