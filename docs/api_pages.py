"""The API reference, written from the docstrings: one markdown page for each room of the house.

    nearfar.__all__, nearfar.depth.__all__, nearfar.estimate.__all__ … ──▶ {"api/photos.md": text, …}

The pages are plain markdown, kept in the repository, so that they read as well on a code host as on the site.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import re
import textwrap
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import nearfar
import nearfar.capture
import nearfar.depth
import nearfar.effects
import nearfar.estimate
import nearfar.estimate.filters
import nearfar.scene
import nearfar.testing
import nearfar.xr

__all__ = ["pages", "public_names"]

WIDTH = 96
SECTIONS = ("Args", "Attributes", "Raises", "Returns", "Yields")


@dataclass(frozen=True)
class Page:
    """One page: its file, title, first words, and the modules whose public names it shows, in that order."""

    file: str
    title: str
    intro: str
    modules: tuple[str, ...]


PAGES = (
    Page(
        "photos.md",
        "Photos",
        "Opening, changing and saving photos with depth.",
        ("nearfar.photo.opening", "nearfar.photo.photo", "nearfar.photo.edits", "nearfar.photo.metadata",
         "nearfar.photo.regions", "nearfar.photo"),
    ),
    Page(
        "depth.md",
        "Depth maps and mattes",
        "The maps, the words they are described in, and what can be done with them.",
        ("nearfar.depth.depth_map", "nearfar.depth.kinds", "nearfar.depth.matte", "nearfar.depth.resampling",
         "nearfar.depth.colour", "nearfar.depth.rectification", "nearfar.depth.sampling",
         "nearfar.depth.reprojection", "nearfar.depth.frame", "nearfar.depth.frame_codec", "nearfar.depth"),
    ),
    Page(
        "cameras.md",
        "Cameras",
        "Calibrations, lenses, poses, and the files they come in.",
        ("nearfar.depth.calibration", "nearfar.depth.calibration_files", "nearfar.depth.distortion",
         "nearfar.depth.lens_table", "nearfar.depth.pose"),
    ),
    Page(
        "shapes.md",
        "Point clouds and meshes",
        "What a depth map looks like in space.",
        ("nearfar.depth.point_cloud", "nearfar.depth.mesh"),
    ),
    Page(
        "estimation.md",
        "Depth from pictures",
        "What turns pictures into depth maps.",
        ("nearfar.estimate.matching", "nearfar.estimate.pairs", "nearfar.estimate.triangulation",
         "nearfar.estimate.completion", "nearfar.estimate.upsampling", "nearfar.estimate"),
    ),
    Page(
        "filters.md",
        "Filters",
        "What makes a depth map smoother, more complete or more reliable.",
        ("nearfar.estimate.filters",),
    ),
    Page(
        "scenes.md",
        "Scenes",
        "Pictures with a known truth, rendered: `nearfar.scene`.",
        ("nearfar.scene.loading", "nearfar.scene.rendering", "nearfar.scene.pairs", "nearfar.scene.values"),
    ),
    Page(
        "effects.md",
        "Effects",
        "What depth makes of a picture: `nearfar.effects`.",
        ("nearfar.effects.portraits", "nearfar.effects.prepared_portraits", "nearfar.effects.lens",
         "nearfar.effects.alignment", "nearfar.effects.highlights",
         "nearfar.effects.focusing", "nearfar.effects.aperture_geometry", "nearfar.effects"),
    ),
    Page(
        "capture.md",
        "Capture",
        "Sessions, devices and outputs, and what a camera must do to be a device: `nearfar.capture`.",
        ("nearfar.capture.kinds", "nearfar.capture.device", "nearfar.capture.session",
         "nearfar.capture.data_outputs", "nearfar.capture.synchronizer",
         "nearfar.capture.events", "nearfar.capture.counts",
         "nearfar.capture.photo_output", "nearfar.capture.photo_settings", "nearfar.capture.photo_delegate",
         "nearfar.capture.captured_photo", "nearfar.capture.shooting",
         "nearfar.capture.output", "nearfar.capture.formats", "nearfar.capture.source",
         "nearfar.capture.takes.recording", "nearfar.capture.takes.recorder", "nearfar.capture.takes.take",
         "nearfar.capture.takes.recovery", "nearfar.capture"),
    ),
    Page(
        "xr.md",
        "WebXR depth",
        "A device's depth as a web page gets it: `nearfar.xr`.",
        ("nearfar.xr.requesting", "nearfar.xr.session", "nearfar.xr.animation", "nearfar.xr.xr_frame",
         "nearfar.xr.views", "nearfar.xr.spaces", "nearfar.xr.render_state", "nearfar.xr.rigid_transform",
         "nearfar.xr.negotiation", "nearfar.xr.native_depth", "nearfar.xr.device",
         "nearfar.xr.camera_device", "nearfar.xr.camera_frames", "nearfar.xr.profiles",
         "nearfar.xr.simulated_device", "nearfar.xr.projection", "nearfar.xr.gl_binding", "nearfar.xr"),
    ),
    Page(
        "testing.md",
        "Testing",
        "Suites that plug-ins must pass: `nearfar.testing`.",
        ("nearfar.testing",),
    ),
    Page(
        "tags.md",
        "Apple's tags",
        "Between depth maps and the XMP tags of a phone's photo, for those who read or write such files.",
        ("nearfar.depth.apple_tags",),
    ),
    Page("errors.md", "Errors", "Every error that nearfar raises, in one tree.", ("nearfar.errors",)),
)  # fmt: skip


def public_names() -> dict[str, Any]:
    """Every documented name by its public path, ``nearfar.X`` before ``nearfar.depth.X`` and the like."""
    found: dict[str, Any] = {}
    for module in (
        nearfar,
        nearfar.capture,
        nearfar.depth,
        nearfar.effects,
        nearfar.estimate,
        nearfar.estimate.filters,
        nearfar.scene,
        nearfar.testing,
        nearfar.xr,
    ):
        for name in module.__all__:
            value = getattr(module, name)
            if isinstance(value, (types.ModuleType, str)) or any(value is known for known in found.values()):
                continue
            found[f"{module.__name__}.{name}"] = value
    return found


def pages() -> dict[str, str]:
    """The reference as {path below docs/: markdown}. Raises ValueError on a name without a docstring."""
    names = public_names()
    by_page: dict[Page, dict[str, Any]] = {page: {} for page in PAGES}
    places = {path: _place_of(_home(path)) for path in names}
    for path in sorted(names, key=lambda path: places[path][1]):
        by_page[places[path][0]][path] = names[path]
    texts = {f"api/{page.file}": _page_text(page, members) for page, members in by_page.items()}
    texts["api/index.md"] = _index_text(by_page)
    return texts


def _home(path: str) -> str:
    """The module that defines a public name, by the table in its package."""
    package, _, name = path.rpartition(".")
    homes: dict[str, str] = vars(importlib.import_module(package))["_HOMES"]
    home = next(home for home, names in homes.items() if name in names.split())
    value = getattr(importlib.import_module(package), name)
    module: str | None = getattr(value, "__module__", None)
    return module or f"{package}.{home}"


def _place_of(module: str) -> tuple[Page, int]:
    """The page that shows a module's names, and the module's place on it."""
    fits = [
        (len(prefix), place, page)
        for page in PAGES
        for place, prefix in enumerate(page.modules)
        if module == prefix or module.startswith(f"{prefix}.")
    ]
    if not fits:
        raise ValueError(f"no page of the reference is for {module}: add it to PAGES in docs/api_pages.py")
    _, place, page = max(fits, key=lambda fit: fit[0])
    return page, place


def _index_text(by_page: dict[Page, dict[str, Any]]) -> str:
    lines = [
        "# API reference",
        "",
        "One public path for each thing: `import nearfar as nf`, and what stands under `nf` is listed here,",
        "with the operations in `nf.depth`. Names that start with an underscore, and modules not named here,",
        "are not public.",
    ]
    for page, members in by_page.items():
        lines += ["", f"## [{page.title}]({page.file})", "", page.intro, "", "| name | is |", "|---|---|"]
        for path, value in members.items():
            summary = _first_sentence(path, value).replace("|", "\\|")
            lines.append(f"| [`{_short(path)}`]({page.file}#{_anchor(path)}) | {summary} |")
    return "\n".join(lines) + "\n"


def _page_text(page: Page, members: dict[str, Any]) -> str:
    lines = [f"# {page.title}", "", page.intro, ""]
    if page.file == "errors.md":
        tree = inspect.getdoc(nearfar.errors) or ""
        lines += [_markdown(tree.partition("\n\n")[2]), ""]
    for path, value in members.items():
        lines += [f"## {_short(path)}", "", *_entry(path, value), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _entry(path: str, value: Any) -> list[str]:
    if not callable(value):
        return [_markdown(_doc(path, value))]
    lines = []
    if not _is_plain_error(value) and not (inspect.isclass(value) and issubclass(value, Enum)):
        lines += ["```python", _signature(_short(path), value), "```", ""]
    lines += [_markdown(_doc(path, value)), ""]
    if inspect.isclass(value):
        if issubclass(value, Enum):
            lines += [*_enum_members(value), ""]
        for name, member in _members(value):
            lines += [*_member_entry(path.rpartition(".")[2], name, member), ""]
    return lines


def _member_entry(owner: str, name: str, member: Any) -> list[str]:
    title = f"### {owner}.{name}"
    doc = _markdown(_doc(f"{owner}.{name}", member))
    if isinstance(member, property):
        returns = inspect.signature(_getter(member)).return_annotation
        of_type = "" if returns is inspect.Signature.empty else f" → `{_annotation(returns)}`"
        return [title, "", f"*property*{of_type}", "", doc]
    target = f"{owner}.{name}" if isinstance(member, classmethod) else name
    return [title, "", "```python", _signature(target, member), "```", "", doc]


def _getter(member: property) -> Callable[..., Any]:
    if member.fget is None:
        raise ValueError("a property without a getter has no place in the reference")
    return member.fget


def _members(kind: type) -> Iterator[tuple[str, Any]]:
    """The public methods and properties that nearfar's own classes define, in the order of the source."""
    shown: set[str] = set()
    for base in kind.__mro__:
        if not base.__module__.startswith("nearfar"):
            continue
        for name, member in vars(base).items():
            is_shown = inspect.isfunction(member) or isinstance(member, (classmethod, property, staticmethod))
            if is_shown and not name.startswith("_") and name not in shown:
                shown.add(name)
                yield name, member


def _enum_members(kind: type[Enum]) -> list[str]:
    docs = _attribute_docs(ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0])
    lines = ["| member | value | |", "|---|---|---|"] if docs else ["| member | value |", "|---|---|"]
    for member in kind:
        row = f"| `{member.name}` | `{_plain(member.value)}` |"
        lines.append(f"{row} {docs.get(member.name, '')} |" if docs else row)
    return lines


def _attribute_docs(body: ast.AST) -> dict[str, str]:
    """The strings that stand under the assignments of a class or a module."""
    docs: dict[str, str] = {}
    statements: list[ast.stmt] = getattr(body, "body", [])
    for before, after in itertools.pairwise(statements):
        target = before.targets[0] if isinstance(before, ast.Assign) else getattr(before, "target", None)
        text = after.value if isinstance(after, ast.Expr) else None
        if isinstance(target, ast.Name) and isinstance(text, ast.Constant):
            docs[target.id] = " ".join(str(text.value).split())
    return docs


def _doc(path: str, value: Any) -> str:
    if not callable(value) and not isinstance(value, (classmethod, property, staticmethod)):
        module = importlib.import_module(_home(path))
        doc = _attribute_docs(ast.parse(inspect.getsource(module))).get(path.rpartition(".")[2])
        return _required(path, doc)
    own = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
    doc = inspect.getdoc(own) if not inspect.isclass(value) else inspect.cleandoc(value.__doc__ or "")
    return _required(path, doc)


def _required(path: str, doc: str | None) -> str:
    if not doc:
        raise ValueError(f"{path} has no docstring")
    return doc


def _first_sentence(path: str, value: Any) -> str:
    paragraph = " ".join(_doc(path, value).partition("\n\n")[0].split())
    pieces = re.split(r"(?<=[.;:])\s", paragraph.replace("::", ":"))
    closed = (" ".join(pieces[:end]) for end in range(1, len(pieces) + 1))
    return next((text for text in closed if text.count("(") == text.count(")")), paragraph).rstrip(":;")


def _is_plain_error(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, Exception) and "__init__" not in vars(value)


def _signature(name: str, value: Any) -> str:
    own = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
    signature = inspect.signature(own)
    parameters = [p for p in signature.parameters.values() if p.name not in ("self", "cls")]
    parts: list[str] = []
    star_seen = False
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            star_seen = True
        if parameter.kind is parameter.KEYWORD_ONLY and not star_seen:
            parts.append("*")
            star_seen = True
        parts.append(_parameter(parameter))
    returns = signature.return_annotation
    has_arrow = returns is not inspect.Signature.empty and not inspect.isclass(value)
    arrow = f" -> {_annotation(returns)}" if has_arrow else ""
    line = f"{name}({', '.join(parts)}){arrow}"
    if len(line) <= WIDTH:
        return line
    return f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){arrow}"


def _parameter(parameter: inspect.Parameter) -> str:
    many = (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    stars = "*" * (many.index(parameter.kind) + 1) if parameter.kind in many else ""
    text = f"{stars}{parameter.name}"
    if parameter.annotation is not inspect.Parameter.empty:
        text += f": {_annotation(parameter.annotation)}"
    if parameter.default is not inspect.Parameter.empty:
        text += f" = {_plain(parameter.default)}"
    return text


def _plain(value: object) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    return "…" if repr(value).startswith("<") else repr(value).replace("'", '"')


def _annotation(annotation: object) -> str:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", repr(annotation))
    return text.strip("'")


def _short(path: str) -> str:
    """``nearfar.DepthMap`` is DepthMap, ``nearfar.depth.fill`` is depth.fill."""
    return path.removeprefix("nearfar.")


def _anchor(path: str) -> str:
    return _short(path).lower().replace(".", "")


def _markdown(doc: str) -> str:
    """A docstring as markdown: sections become lists, ``::`` becomes a plain colon before its block."""
    blocks: list[str] = []
    for block in _blocks(doc):
        name = block.partition(":")[0]
        if name in SECTIONS and block.startswith(f"{name}:\n"):
            blocks.append(_section(name, block.partition("\n")[2]))
        else:
            blocks.append(re.sub(r"^::$\n?|(?<=\w):(?=:$)", "", block, flags=re.MULTILINE).rstrip())
    return "\n\n".join(block for block in blocks if block)


def _blocks(doc: str) -> list[str]:
    """The paragraphs of a docstring; an indented one after a section's head belongs to the section."""
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", doc):
        head = blocks[-1].partition(":")[0] if blocks else ""
        if paragraph.startswith(" ") and head in SECTIONS and blocks[-1].startswith(f"{head}:\n"):
            blocks[-1] += f"\n{paragraph}"
        else:
            blocks.append(paragraph)
    return blocks


def _section(name: str, body: str) -> str:
    lines = textwrap.dedent(body).splitlines()
    items: list[str] = []
    for line in lines:
        if line.startswith(" ") and items:
            items[-1] += f" {line.strip()}"
        else:
            items.append(line.strip())
    if name in ("Returns", "Yields"):
        return f"**{name}** {' '.join(items)}"
    shown = [re.sub(r"^([\w*, .]+?)( \(.*?\))?: ", r"`\1`\2: ", item) for item in items]
    return f"**{name}**\n\n" + "\n".join(f"- {item}" for item in shown)
