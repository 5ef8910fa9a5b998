"""Depth buffers as OpenGL textures that stay the same objects from frame to frame.

    DepthDataFormat      texels                     in a shader
    luminance-alpha      RG8, read as (r, r, r, g)  dot(texture(s, uv).ra, vec2(255, 255 * 256))
    unsigned-short       R16UI                      texture(s, uv).r of a usampler2D
    float32              R32F                       texture(s, uv).r

Depth Sensing Module, the table of XRDepthDataFormat: https://immersive-web.github.io/depth-sensing/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import InvalidStateError
from nearfar.xr.negotiation import DepthDataFormat

if TYPE_CHECKING:
    import moderngl

__all__ = ["DepthTextures"]

Sampled = TypeVar("Sampled", "moderngl.Texture", "moderngl.TextureArray")
_NEAREST = 0x2600
"""GL_NEAREST."""

_TEXELS = {
    DepthDataFormat.LUMINANCE_ALPHA: (2, "f1", "RRRG"),
    DepthDataFormat.UNSIGNED_SHORT: (1, "u2", "RGBA"),
    DepthDataFormat.FLOAT32: (1, "f4", "RGBA"),
}
"""Components, their type, and how a shader sees them: swizzled as luminance, which core profiles lack."""


class DepthTextures:
    """The textures of one binding: each is written over while its size holds, else made anew.

    Args:
        context: a `moderngl.Context`, current in this thread.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._flat: dict[int, moderngl.Texture] = {}
        self._array: moderngl.TextureArray | None = None

    def write(self, key: int, raw: NDArray[Any], data_format: DepthDataFormat) -> moderngl.Texture:
        """The texture number ``key``, of ``raw`` (h, w): the first row at v = 0, nearest texel, clamped."""
        height, width = raw.shape
        texture = self._flat.get(key)
        if texture is None or texture.size != (width, height):
            if texture is not None:
                texture.release()
            components, dtype, swizzle = _TEXELS[data_format]
            texture = self._context.texture((width, height), components, alignment=1, dtype=dtype)
            texture.swizzle = swizzle
            self._flat[key] = _sampled_plainly(texture)
        texture.write(np.ascontiguousarray(raw), alignment=1)
        return texture

    def write_layers(self, layers: NDArray[np.float32]) -> moderngl.TextureArray:
        """The texture array, R32F, of ``layers`` (n, h, w), sampled as `write` has it."""
        count, height, width = layers.shape
        array = self._array
        if array is None or array.size != (width, height, count):
            if array is not None:
                array.release()
            array = self._context.texture_array((width, height, count), 1, alignment=1, dtype="f4")
            self._array = _sampled_plainly(array)
        array.write(np.ascontiguousarray(layers), alignment=1)
        return array

    def check(self) -> None:
        """Raise InvalidStateError where the context was released, is lost, or is not current here."""
        import moderngl

        try:
            # Without a current context OpenGL passes over what it is told, silently; something new tells.
            self._context.buffer(reserve=1).release()
        except (moderngl.Error, AttributeError) as wrong:  # a released context has lost its methods
            raise InvalidStateError(
                "the OpenGL context was released, is lost, or is not current in this thread: "
                "make a GLBinding of one that is"
            ) from wrong

    def release(self) -> None:
        """Free all of them."""
        for texture in (*self._flat.values(), self._array):
            if texture is not None:
                texture.release()
        self._flat.clear()
        self._array = None


def _sampled_plainly(texture: Sampled) -> Sampled:
    """Nearest texel, clamped at its edges."""
    texture.filter = (_NEAREST, _NEAREST)
    texture.repeat_x = texture.repeat_y = False
    return texture
