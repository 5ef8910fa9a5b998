"""`PhotoCaptureDelegate`: whom a photo output tells how a photo comes along, in Apple's order.

    will_begin_capture ▶ will_capture_photo ▶ did_capture_photo
        ▶ did_finish_processing_photo, once a photo ▶ did_finish_capture

Mirrors AVCapturePhotoCaptureDelegate.
"""

from __future__ import annotations

from nearfar.capture.captured_photo import CapturedPhoto
from nearfar.capture.photo_settings import ResolvedPhotoSettings

__all__ = ["PhotoCaptureDelegate"]


class PhotoCaptureDelegate:
    """Override what you want to hear of; every call comes on the output's own thread, one after the other.

    A photo that fails goes from wherever it was to the last two calls, with the error. An exception in any of
    them becomes an event of the session, and the photo goes on. Don't wait for the photo's future in them:
    the photo is made on the same thread, so that ``result()`` and ``exception()`` raise CaptureError there.
    """

    def will_begin_capture(self, resolved: ResolvedPhotoSettings) -> None:
        """The settings are resolved; this is the first call about a photo."""

    def will_capture_photo(self, resolved: ResolvedPhotoSettings) -> None:
        """The exposure is about to begin: the time for a shutter sound."""

    def did_capture_photo(self, resolved: ResolvedPhotoSettings) -> None:
        """The exposure is over."""

    def did_finish_processing_photo(self, photo: CapturedPhoto | None, error: Exception | None) -> None:
        """A photo is there, or why it is not; with constituent delivery, once for each camera."""

    def did_finish_capture(self, resolved: ResolvedPhotoSettings, error: Exception | None) -> None:
        """Nothing more will be said about this photo."""
