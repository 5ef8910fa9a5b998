"""A folder of pages, as they are, but for one script tag in each.

    /a/b.html ──▶ DIR/a/b.html, with the tag put in          /a/ ──▶ DIR/a/index.html, or what is in there
    /a/b.wasm ──▶ DIR/a/b.wasm, as it is; parts of it, too   /.git/, /../x, a link that leads out ──▶ 404

No name leaves the folder, whatever it is spelt like, and files whose names begin with a dot are not there.
Nothing is kept by the browser without asking: an edited page shows at the next reload.
"""

from __future__ import annotations

import hashlib
import html
import logging
import os
import stat
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from urllib.parse import quote

import h11
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from nearfar.studio.connections import BrokenOff
from nearfar.studio.script_tags import with_script

__all__ = ["Pages", "media_type"]

_TYPES = {
    ".avif": "image/avif",
    ".bin": "application/octet-stream",
    ".css": "text/css",
    ".csv": "text/csv",
    ".exr": "image/x-exr",
    ".gif": "image/gif",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".hdr": "image/vnd.radiance",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".ktx2": "image/ktx2",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".usdz": "model/vnd.usdz+zip",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
"""Our own table: what the machine's registry says differs from one to the next."""

_log = logging.getLogger(__name__)

_INDEX = ("index.html", "index.htm")
_LARGEST_PAGE = 64 << 20
"""Of pages, bytes: they are held in memory while the tag is put in."""
_ICON = "/favicon.ico"
"""Browsers ask for it by themselves, and report its lack among the page's own errors."""


@dataclass(frozen=True, slots=True)
class _Found:
    path: Path
    about: os.stat_result


class Pages:
    """The ASGI app of one folder.

    Args:
        folder: what is served.
        tag: what is put into each page's head; nothing where it is "".
    """

    def __init__(self, folder: Path, tag: str = "") -> None:
        self._root = folder.resolve(strict=True)
        self._tag = tag

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a GET or HEAD."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))  # where it is mounted
        answer = await run_in_threadpool(self._answer, path or "/", Headers(scope=scope))
        if answer.status_code == 307 and scope["query_string"]:
            answer.headers["Location"] += f"?{scope['query_string'].decode('latin-1')}"
        await answer(scope, receive, send)

    def _answer(self, path: str, asked: Headers) -> Response:
        try:
            found = self._found(path)
            if stat.S_ISDIR(found.about.st_mode):
                return self._folder(path, found.path, asked)
            if stat.S_ISREG(found.about.st_mode):
                return self._file(path, found, asked)
        except PermissionError:
            return PlainTextResponse(f"{path}: its permissions keep it from being read.\n", 403)
        except (OSError, ValueError):  # not there; a name that no file can have
            if path == _ICON:
                return Response(status_code=204, headers={"Cache-Control": "no-cache"})
        return PlainTextResponse(f"{path}: there is no such file in the folder that is served.\n", 404)

    def _found(self, path: str) -> _Found:
        """What a path of an address stands for. Raises OSError, ValueError where there is nothing."""
        names = path.removeprefix("/").removesuffix("/").split("/") if path != "/" else []
        if any(not _is_plain(name) for name in names):
            raise FileNotFoundError(path)
        place = Path(os.path.realpath(self._root.joinpath(*names), strict=True))
        inside = place.relative_to(self._root)
        if any(name.startswith(".") for name in inside.parts):
            raise FileNotFoundError(path)
        about = place.stat()
        if path.endswith("/") and not stat.S_ISDIR(about.st_mode):
            raise NotADirectoryError(path)
        return _Found(place, about)

    def _folder(self, path: str, folder: Path, asked: Headers) -> Response:
        if not path.endswith("/"):  # so that what its pages name is looked for in it
            name = path.rsplit("/", 1)[1]
            return Response(status_code=307, headers={"Location": f"./{quote(name)}/"})
        for name in _INDEX:
            try:
                found = self._found(f"{path}{name}")
            except (OSError, ValueError):
                continue
            if stat.S_ISREG(found.about.st_mode):
                return self._file(f"{path}{name}", found, asked)
        return HTMLResponse(_listing(path, folder), headers={"Cache-Control": "no-cache"})

    def _file(self, path: str, found: _Found, asked: Headers) -> Response:
        kind = media_type(found.path.name)
        is_page, size = bool(self._tag) and kind == "text/html", found.about.st_size
        if is_page and size > _LARGEST_PAGE:
            return PlainTextResponse(_too_large(path, size), 500)
        page = with_script(found.path.read_bytes(), self._tag) if is_page else None
        about = f"{found.about.st_mtime_ns}-{size}"
        if page is not None:
            about = hashlib.sha256(page).hexdigest()[:32]
        headers = {
            "Cache-Control": "no-cache",
            "ETag": f'"{about}"',
            "Last-Modified": formatdate(found.about.st_mtime, usegmt=True),
        }
        if _is_known(headers["ETag"], asked):
            return Response(status_code=304, headers=headers)
        headers["Content-Type"] = kind
        if page is not None:
            return Response(page, headers=headers)
        with found.path.open("rb"):  # may it be read? Better known before the answer has begun
            return _FileAnswer(found.path, headers=headers, stat_result=found.about)


class _FileAnswer(FileResponse):
    """A file, or the parts of it that are asked for; parts that it has not are refused in words."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked, refused = Headers(scope=scope).get("range", ""), False
        if not asked.strip().lower().startswith("bytes="):  # RFC 9110, 14.2: other units are passed over
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"range"]}

        async def unless_refused(message: Message) -> None:
            nonlocal refused
            refused = refused or message.get("status") in (400, 416)
            if not refused:
                await send(message)

        try:
            await super().__call__(scope, receive, unless_refused)
        except (OSError, RuntimeError, h11.LocalProtocolError):  # not what was announced: nothing can be said
            _log.warning("%s: it changed while it was sent; load it again", scope["path"])
            raise BrokenOff from None
        if refused:
            size = int(self.headers["Content-Length"])
            words = (
                f"{scope['path']}: the Range {asked!r} is not a part of this file, "
                f"which has {size} bytes. Ask as in bytes=0-99, for the first 100, or without a Range.\n"
            )
            answer = PlainTextResponse(words, 416, {"Content-Range": f"bytes */{size}"})
            await answer(scope, receive, send)


def media_type(name: str) -> str:
    """The Content-Type of a file by its name. Text is UTF-8; a page says for itself what it is."""
    kind = _TYPES.get(os.path.splitext(name)[1].lower(), "application/octet-stream")
    return f"{kind}; charset=utf-8" if kind.startswith("text/") and kind != "text/html" else kind


def _too_large(path: str, size: int) -> str:
    return (
        f"{path}: this page has {size / 1e6:.0f} MB, and the WebXR runtime is put into pages of up to "
        f"{_LARGEST_PAGE / 1e6:.0f} MB. Move its data into files of their own, which may be of any size.\n"
    )


def _is_plain(name: str) -> bool:
    """Whether a part of a path is a name: not empty, not hidden, nothing that a system takes for more."""
    return bool(name) and not name.startswith(".") and not set(name) & set('\\\0:*?"<>|')


def _is_listed(name: str) -> bool:
    """Whether an address can name it: one has UTF-8 only, which names of files need not be."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return _is_plain(name)


def _is_known(tag: str, asked: Headers) -> bool:
    """Whether the browser has this very version already (RFC 9110, If-None-Match)."""
    stated = asked.get("if-none-match", "")
    return tag in {each.strip().removeprefix("W/") for each in stated.split(",")}


def _listing(path: str, folder: Path) -> str:
    """A page that lists what is in a folder."""
    with os.scandir(folder) as entries:
        shown = sorted(
            (not os.path.isdir(entry.path), entry.name) for entry in entries if _is_listed(entry.name)
        )
    names = [] if path == "/" else ["../"]
    names += [name if is_file else f"{name}/" for is_file, name in shown]
    lines = [f'<li><a href="./{quote(name)}">{html.escape(name)}</a>' for name in names]
    title = html.escape(path)
    style = "body{font:16px system-ui;margin:2em}li{margin:.3em}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
        f"<h1>{title}</h1><ul>{''.join(lines) or '<li>nothing'}</ul></html>\n"
    )
