"""Where poses are told from: `XRReferenceSpace`.

    viewer   moves with the viewer: its pose there is always the identity
    local    stands still, its origin near where the viewer was at first, y up

WebXR Device API, sections 8 and 10: https://www.w3.org/TR/webxr/#spaces
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nearfar.errors import InvalidStateError
from nearfar.xr.rigid_transform import RigidTransform

if TYPE_CHECKING:
    from nearfar.xr.session import XRSession

__all__ = ["REFERENCE_SPACES", "ReferenceSpaceType", "XRReferenceSpace"]

ReferenceSpaceType = Literal["viewer", "local", "local-floor", "bounded-floor", "unbounded"]
"""The names that WebXR has (XRReferenceSpaceType); sessions here have the first two."""
REFERENCE_SPACES: frozenset[str] = frozenset(("viewer", "local", "local-floor", "bounded-floor", "unbounded"))

_IDENTITY = RigidTransform()


class XRReferenceSpace:
    """A place to tell poses from (XRReferenceSpace); `XRSession.request_reference_space` gives them."""

    __slots__ = ("_native_from_space", "_session", "_type")

    def __init__(
        self, session: XRSession, type: ReferenceSpaceType, native_from_space: RigidTransform = _IDENTITY
    ) -> None:
        self._session = session
        self._type = type
        self._native_from_space = native_from_space

    @property
    def session(self) -> XRSession:
        """The session whose space it is."""
        return self._session

    @property
    def type(self) -> ReferenceSpaceType:
        """Which of WebXR's spaces it is, or was moved away from."""
        return self._type

    def get_offset_reference_space(self, origin_offset: RigidTransform) -> XRReferenceSpace:
        """The same space with its origin elsewhere: ``origin_offset`` is the new origin's pose in this one.

        Raises TypeError where it is no `RigidTransform`.
        """
        if not isinstance(origin_offset, RigidTransform):
            raise TypeError(f"origin_offset must be a RigidTransform, not {type(origin_offset).__name__}")
        return XRReferenceSpace(self._session, self._type, self._native_from_space @ origin_offset)

    def base_from(self, other: XRReferenceSpace, viewer: RigidTransform | None) -> RigidTransform | None:
        """This space from ``other``; ``viewer`` is the viewer's pose in "local". None: it is not known."""
        between = _IDENTITY
        if self._type != other._type:
            if viewer is None:
                return None
            between = viewer if other._type == "viewer" else viewer.inverse
        return self._native_from_space.inverse @ between @ other._native_from_space

    def from_viewer(self, viewer: RigidTransform | None) -> RigidTransform | None:
        """The viewer's pose in this space, of its pose in "local"; None: it is not known."""
        if self._type == "viewer":
            return self._native_from_space.inverse
        return None if viewer is None else self._native_from_space.inverse @ viewer

    def __repr__(self) -> str:
        return f"XRReferenceSpace({self._type!r})"


def of_session(name: str, space: object, session: XRSession) -> XRReferenceSpace:
    """``space``, checked: TypeError where it is none, InvalidStateError where it is another session's."""
    if not isinstance(space, XRReferenceSpace):
        raise TypeError(f"{name} must be an XRReferenceSpace, not {type(space).__name__}")
    if space.session is not session:
        raise InvalidStateError(f"{name} belongs to another session: request one from frame.session")
    return space
