"""`answers` as JSON responses, requests as `answers`, and what went wrong in words.

handler ── dataclass ──▶ {"camelCase": …}          body ── EditWish ──▶ checked dataclass
        ── NearfarError, Refused ──▶ 4xx {"reason": "what, and what to do"}
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nearfar.errors import DeviceBusy, DeviceNotFound, LimitExceeded, NearfarError
from nearfar.studio.bodies import whole_body
from nearfar.studio.refusals import Refused
from nearfar.studio.wire import camel_case

__all__ = ["Refused", "answer", "answering", "read_wish"]

_LONGEST_WISH = 4096
"""Of a request that is JSON, bytes."""
_STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (DeviceNotFound, 404),
    (DeviceBusy, 409),
    (LimitExceeded, 413),
)

Wish = TypeVar("Wish")
Handler = Callable[[Request], Awaitable[Response]]


def answer(value: object, status: int = 200) -> Response:
    """A dataclass of `answers`, or a list of them, as JSON; nothing keeps it for later."""
    return JSONResponse(_plain(value), status, headers={"Cache-Control": "no-store"})


def answering(path: str, handler: Handler, *methods: str) -> Route:
    """A route whose handler may raise `Refused` or a `NearfarError`: the page gets the reason."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refusal:
            return JSONResponse({"reason": refusal.reason}, refusal.status)
        except NearfarError as problem:
            status = next((code for kind, code in _STATUSES if isinstance(problem, kind)), 422)
            return JSONResponse({"reason": str(problem)}, status)

    return Route(path, answered, methods=list(methods or ("GET",)))


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
    if kind is float and type(value) in (int, float) and isfinite(value):
        return float(value)
    if kind in (bool, int, str) and type(value) is kind:
        return value
    raise Refused(400, f"{where} is no {kind.__name__}: {str(value)[:60]!r}.")
