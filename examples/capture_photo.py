"""Apple's article "Capturing photos with depth", step by step, on any machine.

    python examples/capture_photo.py shot.heic [device]

Choose a camera that gives depth, set the session up in one go, switch depth on, take a photo, use its depth
at once, save it, open it again. ``nearfar shoot --device virtual:dual -o shot.heic`` is the short form.
"""

from __future__ import annotations

import sys

import nearfar as nf


def main(output: str = "shot.heic", name: str | None = None) -> None:
    # A depth camera must be chosen: the default wide camera gives none.
    device = nf.Device(name) if name else nf.Device.default(nf.DeviceType.DUAL_CAMERA, nf.DevicePosition.BACK)

    with nf.CaptureSession() as session:
        # All at once or not at all; what is asked in here answers for the configuration to come.
        photo_output = nf.PhotoOutput()
        with session.configuration():
            video_input = nf.DeviceInput(device)
            if not session.can_add_input(video_input):
                sys.exit(f"{device.name}: the session cannot take this camera")
            session.add_input(video_input)
            if not session.can_add_output(photo_output):
                sys.exit("the session cannot take a photo output")
            session.add_output(photo_output)
            session.preset = nf.Preset.PHOTO
            photo_output.depth_delivery_enabled = photo_output.depth_delivery_supported
        session.start()

        settings = nf.PhotoSettings(
            codec="jpeg" if output.lower().endswith((".jpg", ".jpeg")) else "hevc",
            depth_delivery_enabled=photo_output.depth_delivery_enabled,
        )
        photo = photo_output.capture(settings, delegate=Progress()).result(timeout=30)

    # The depth is there at once …
    depth = photo.depth
    if depth is None:
        sys.exit(f"{device.name} gives no depth")
    print(f"depth      {depth.width}×{depth.height} {depth.kind.value}, {depth.accuracy.value}")
    nearest, farthest = depth.to(nf.DepthKind.DEPTH).range or (0.0, 0.0)
    print(f"reach      {nearest:.2f} m to {farthest:.2f} m")

    # … and it lies in the file, for whoever opens that.
    with open(output, "wb") as file:
        file.write(photo.file_data())
    again = nf.open(output)
    print(f"{output}: {again}")


class Progress(nf.PhotoCaptureDelegate):
    """Says how the photo comes along."""

    def will_capture_photo(self, resolved: nf.ResolvedPhotoSettings) -> None:
        """The shutter."""
        width, height = resolved.size
        print(f"click      a photo of {width}×{height}")

    def did_finish_processing_photo(self, photo: nf.CapturedPhoto | None, error: Exception | None) -> None:
        """The photo is there, or why it is not."""
        print(f"processed  {error or photo}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
