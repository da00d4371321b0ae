"""Requests whose JSON is JSON, and the route class that reads all bodies so.

Python's reader lets through what no answer could echo: NaN, numbers beyond a double, endless nesting.
"""

import json
import math
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

DEEPEST_NESTING = 100
SHOWN_OF_A_NUMBER = 40


class StrictRequest(Request):
    """A request whose body must be JSON in the strict sense."""

    async def json(self) -> Any:  # noqa: ANN401 - JSON is any of its types, as in the base class
        """The body, parsed.

        Raises:
            json.JSONDecodeError: the body is no JSON, or holds a number or a nesting that this server doesn't take.
        """
        body = await self.body()
        try:
            parsed = json.loads(body, parse_constant=_refuse, parse_float=_float, parse_int=_int)
        except UnicodeDecodeError as error:
            raise json.JSONDecodeError("invalid UTF-8", "", 0) from error
        except RecursionError as error:
            raise _too_deep() from error
        if _is_deeper_than(DEEPEST_NESTING, parsed):
            raise _too_deep()
        return parsed


class StrictRoute(APIRoute):
    """A route that reads its body as a `StrictRequest` does."""

    def get_route_handler(self) -> Handler:
        """FastAPI's hook: the handler, given a strict request."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def _refuse(constant: str) -> NoReturn:
    raise json.JSONDecodeError(f"invalid character in {constant}", constant, 0)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _out_of_range(text)
    return value


def _int(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:  # Python turns no text of thousands of digits into a number
        raise _out_of_range(text) from error


def _out_of_range(number: str) -> json.JSONDecodeError:
    shown = number[:SHOWN_OF_A_NUMBER]
    return json.JSONDecodeError(f"number {shown} is out of range", shown, 0)


def _too_deep() -> json.JSONDecodeError:
    return json.JSONDecodeError(f"nested deeper than {DEEPEST_NESTING} levels", "", 0)


def _is_deeper_than(levels: int, value: object) -> bool:
    level = [value]
    for _ in range(levels):
        level = [each for parent in level for each in _children(parent)]
        if not level:
            return False
    return True


def _children(value: object) -> list[Any]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return []
