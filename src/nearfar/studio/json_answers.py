"""`answers` as JSON responses, requests as `answers`, and what went wrong in words.

handler ── dataclass ──▶ {"camelCase": …}          body ── EditWish ──▶ checked dataclass
        ── whatever it raises ──▶ 4xx, 5xx {"reason": "what, and what to do"}
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Awaitable, Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nearfar.errors import DeviceBusy, DeviceNotFound, LimitExceeded, NearfarError
from nearfar.studio.bodies import whole_body
from nearfar.studio.refusals import Refused, is_full, said_of_disk
from nearfar.studio.wire import camel_case

__all__ = ["PROBLEMS", "Handler", "Refused", "answer", "answering", "answering_nothing", "read_wish"]

_LONGEST_WISH = 4096
"""Of a request that is JSON, bytes."""
_LARGEST = sys.float_info.max
PROBLEMS = (NearfarError, OSError, ValueError)
"""What a file may be at fault with."""
_STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (DeviceNotFound, 404),
    (DeviceBusy, 409),
    (LimitExceeded, 413),
)

Wish = TypeVar("Wish")
Handler = Callable[[Request], Awaitable[Response]]
Explain = Callable[[Exception, str], Refused]


def answer(value: object, status: int = 200) -> Response:
    """A dataclass of `answers`, or a list of them, as JSON; nothing keeps it for later."""
    return _Words(_plain(value), status, headers={"Cache-Control": "no-store"})


def answering(path: str, explain: Explain | None = None, **handlers: Handler) -> Route:
    """A route whose handlers may raise what they like: the page gets the reason.

    Args:
        path: as Starlette has it.
        explain: says what a `NearfarError`, an OSError or a ValueError means for the file of the path's
            ``id``, where that is more than the error's own words.
        handlers: by method: ``GET=…, POST=…``.
    """

    async def answered(request: Request) -> Response:
        handler = handlers["GET" if request.method == "HEAD" else request.method]
        try:
            return await handler(request)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the page is told
            refusal = _refusal(problem, explain, request.path_params.get("id", ""))
            return _Words({"reason": refusal.reason}, refusal.status)

    return Route(path, answered, methods=list(handlers))


def answering_nothing(path: str) -> Route:
    """The route of what no other one answers below a path: it says so."""

    async def nothing(request: Request) -> Response:
        raise Refused(404, f"There is nothing to {request.method} at {request.url.path[:80]}.")

    return answering(f"{path}{{rest:path}}", GET=nothing, POST=nothing, DELETE=nothing)


def _refusal(problem: Exception, explain: Explain | None, name: str) -> Refused:
    if isinstance(problem, Refused):
        return problem
    if explain is not None and name and isinstance(problem, PROBLEMS):
        return explain(problem, name)
    if isinstance(problem, NearfarError):
        return Refused(
            next((code for kind, code in _STATUSES if isinstance(problem, kind)), 422), str(problem)
        )
    if isinstance(problem, OSError):
        where = f"{problem.filename}: " if problem.filename else ""
        return Refused(507 if is_full(problem) else 500, f"{where}{said_of_disk(problem)}.")
    logging.getLogger(__name__).error("a request failed", exc_info=problem)
    return Refused(500, f"This went wrong in nearfar itself: {type(problem).__name__}: {problem}")


class _Words(JSONResponse):
    """JSON; what no page could read of it, half a character that a request had, becomes a question mark."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


async def read_wish(request: Request, kind: type[Wish]) -> Wish:
    """The body of a request as one of `answers`.

    Raises:
        Refused: it is too long, too slow, no JSON, or not of that kind; the reason says which field.
    """
    body = await whole_body(request, _LONGEST_WISH)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "The request is not JSON.") from None
    wish: Wish = _object(value, kind)
    return wish


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {camel_case(field.name): _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value.value if isinstance(value, Enum) else value


def _object(value: Any, kind: Any) -> Any:
    hints = get_type_hints(kind)
    known = {camel_case(field.name): field for field in fields(kind)}
    if not isinstance(value, dict):
        raise Refused(400, f"The request is no object of {', '.join(known)}.")
    for name in value:
        if name not in known:
            raise Refused(400, f"The request has {name!r}; it may have {', '.join(known)}.")
    missing = [name for name, field in known.items() if name not in value and field.default is MISSING]
    if missing:
        raise Refused(400, f"The request lacks {', '.join(missing)}.")
    return kind(
        **{known[name].name: _read(part, hints[known[name].name], name) for name, part in value.items()}
    )


def _read(value: Any, kind: Any, where: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (present,) = (argument for argument in arguments if argument is not NoneType)
        return None if value is None else _read(value, present, where)
    if origin is Literal:
        if value in arguments and isinstance(value, str):
            return value
        raise Refused(400, f"{where} is one of {', '.join(arguments)}.")
    if origin is tuple:
        if not isinstance(value, list) or len(value) != len(arguments):
            raise Refused(400, f"{where} is a list of {len(arguments)}.")
        return tuple(_read(part, each, where) for part, each in zip(value, arguments, strict=True))
    if kind is float and type(value) in (int, float) and abs(value) <= _LARGEST:
        return float(value)
    if kind in (bool, int, str) and type(value) is kind:
        return value
    raise Refused(400, f"{where} is no {kind.__name__}: {str(value)[:60]!r}.")
