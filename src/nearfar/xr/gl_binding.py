"""`GLBinding`: a session's depth as textures, for shaders.

    view ──▶ GLBinding.get_depth_information ──▶ GLDepthInformation.texture
                                                   │ linear: raw values, top row first
                                                   └ window-space: see nearfar/xr/window_space.py

Depth Sensing Module, section 5 (XRWebGLBinding, XRWebGLDepthInformation):
https://immersive-web.github.io/depth-sensing/
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import InvalidStateError, MissingExtra, NotSupportedError
from nearfar.xr.depth_information import DepthInformation
from nearfar.xr.depth_textures import DepthTextures
from nearfar.xr.negotiation import DepthConfiguration, DepthUsage
from nearfar.xr.rigid_transform import RigidTransform
from nearfar.xr.session import XRSession
from nearfar.xr.view_depth import ViewDepth, view_depth
from nearfar.xr.views import XRView
from nearfar.xr.window_space import window_space_layer

if TYPE_CHECKING:
    import moderngl

    from nearfar.xr.native_depth import NativeDepth
    from nearfar.xr.xr_frame import XRFrame

__all__ = ["GLBinding", "GLDepthInformation", "TextureType"]

TextureType = Literal["texture", "texture-array"]
"""What a texture is to a shader: ``sampler2D``, or ``sampler2DArray`` (XRTextureType)."""


class GLDepthInformation(DepthInformation):
    """Depth that shaders read (XRWebGLDepthInformation).

    Everything raises `nearfar.errors.InvalidStateError` once the frame that it came with is over.
    """

    __slots__ = ("_depth_near", "_image_index", "_texture")

    def __init__(
        self,
        frame: XRFrame,
        depth: ViewDepth,
        texture: moderngl.Texture | moderngl.TextureArray,
        *,
        image_index: int | None = None,
        depth_near: float | None = None,
    ) -> None:
        super().__init__(frame, depth)
        self._texture = texture
        self._image_index = image_index
        self._depth_near = depth_near

    @property
    def texture(self) -> moderngl.Texture | moderngl.TextureArray:
        """The depth buffer (texture), sampled at its nearest texel, clamped at its edges.

        luminance-alpha is two 8-bit channels, ``dot(texel.ra, vec2(255, 255 * 256))``; unsigned-short is
        R16UI; float32 is R32F. Linear depth has its top row first: at v = 0.
        """
        self._alive()
        return self._texture

    @property
    def texture_type(self) -> TextureType:
        """What `texture` is to a shader (textureType): one texture for each view, or one array for all."""
        self._alive()
        return "texture" if self._image_index is None else "texture-array"

    @property
    def image_index(self) -> int | None:
        """The view's layer of an array, 1 for the right eye, else 0; None of a plain texture (imageIndex)."""
        self._alive()
        return self._image_index

    @property
    def is_valid(self) -> bool:
        """True (isValid): headsets have it, the specification no longer."""
        self._alive()
        return True

    @property
    def depth_near(self) -> float | None:
        """The near of z = 1 - near / metres; None where depth is linear (depthNear of headsets)."""
        self._alive()
        return self._depth_near

    @property
    def depth_far(self) -> float | None:
        """Infinite in window space; None where depth is linear (depthFar of headsets)."""
        self._alive()
        return None if self._depth_near is None else math.inf


class GLBinding:
    """Between a session and an OpenGL context (XRWebGLBinding).

    Args:
        session: an immersive one.
        context: a `moderngl.Context` of version 3.3 or later, current in the session's thread whenever depth
            is asked for; ``moderngl.create_context(standalone=True, backend="egl")`` needs no window.

    Raises:
        MissingExtra: moderngl is not installed (extra ``gpu``).
        TypeError: ``session`` or ``context`` is none.
        InvalidStateError: the session has ended, is inline or belongs to another thread; or the context was
            released, is lost, or is not current in this thread.
    """

    def __init__(self, session: XRSession, context: moderngl.Context) -> None:
        try:
            import moderngl
        except ModuleNotFoundError as missing:
            raise MissingExtra("depth as textures", extra="gpu") from missing
        if not isinstance(session, XRSession):
            raise TypeError(f"session must be an XRSession, not {type(session).__name__}")
        if not isinstance(context, moderngl.Context):
            raise TypeError(f"context must be a moderngl.Context, not {type(context).__name__}")
        session.check_thread()
        if session.ended:
            raise InvalidStateError("the session has ended: request a new one")
        if session.mode == "inline":
            raise InvalidStateError("an inline session has no depth: a binding needs an immersive one")
        self._session = session
        self._textures = DepthTextures(context)
        self._textures.check()
        self._layered: XRFrame | None = None
        self._array: moderngl.TextureArray | None = None
        session.add_end_listener(self._end)

    @property
    def session(self) -> XRSession:
        """Whose depth it gives."""
        return self._session

    def get_depth_information(self, view: XRView) -> GLDepthInformation | None:
        """The depth that belongs to a view (XRWebGLBinding.getDepthInformation); None: there is none now.

        The texture is the same object for the whole session as long as its size holds, written anew in each
        frame, and released with the session. Writing binds it to the context's ``default_texture_unit``, as
        moderngl always does.

        Raises:
            TypeError: ``view`` is no `XRView`.
            NotSupportedError: the session has no depth sensing.
            InvalidStateError: the view is another session's; the session's depth is for the CPU: ask the
                frame; the frame is over; or the context cannot be used, as in the constructor.
        """
        if not isinstance(view, XRView):
            raise TypeError(f"view must be an XRView, not {type(view).__name__}")
        frame, session = view.frame, self._session
        session.check_thread()
        if frame.session is not session:
            raise InvalidStateError("the view is another session's")
        configuration = session.depth_configuration
        if configuration is None:
            raise NotSupportedError(
                "the session has no depth sensing: require 'depth-sensing', and pass depth_sensing="
            )
        if configuration.usage != DepthUsage.GPU_OPTIMIZED:
            raise InvalidStateError(
                f"the session's depth is {configuration.usage}: XRFrame.get_depth_information has it"
            )
        if not frame.active or not frame.is_animation:
            raise InvalidStateError(
                "the frame is over; a frame lasts until the session's next one is asked for"
            )
        native = frame.device_frame.depth
        if native is None or not session.depth_active:
            return None
        self._textures.check()
        depth = view_depth(native, view, configuration)
        if session.device.gpu_layout == "linear":
            texture = self._textures.write(view.index, depth.raw, configuration.data_format)
            return GLDepthInformation(frame, depth, texture)
        return self._window_space(view, depth, native, configuration)

    def _window_space(
        self, view: XRView, depth: ViewDepth, native: NativeDepth, configuration: DepthConfiguration
    ) -> GLDepthInformation:
        """A view's layer. Both are written at once: pages ask for one eye's, and sample the other's too."""
        frame = view.frame
        near = frame.render_state.depth_near
        layer = _layer(depth, near)
        if self._layered is not frame or self._array is None:
            layers = [layer, layer]
            for index, device_view in enumerate(frame.device_frame.views):
                if index != view.index:
                    other = XRView(frame, index, device_view, view.reference_from_viewer)
                    layers[_image_index(other)] = _layer(view_depth(native, other, configuration), near)
            layers[_image_index(view)] = layer
            self._array = self._textures.write_layers(np.stack(layers))
            self._layered = frame
        upright = replace(
            depth, raw=layer, raw_value_to_meters=1.0, norm_depth_buffer_from_norm_view=RigidTransform()
        )
        return GLDepthInformation(
            frame, upright, self._array, image_index=_image_index(view), depth_near=near
        )

    def _end(self, _: XRSession) -> None:
        self._textures.release()
        self._layered = self._array = None


def _layer(depth: ViewDepth, near: float) -> NDArray[np.float32]:
    return window_space_layer(
        depth.raw, depth.raw_value_to_meters, depth.norm_depth_buffer_from_norm_view, near
    )


def _image_index(view: XRView) -> int:
    return 1 if view.eye == "right" else 0
