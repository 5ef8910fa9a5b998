"""The commands by name, with the examples that their help shows.

A command's module, loaded when the command is named, holds its words and options only; what does the work is
loaded when it is called.
"""

from __future__ import annotations

from typing import Any

from cyclopts import App, Parameter

from nearfar import __version__
from nearfar.cli.completion import install_completion

__all__ = ["make_app"]

_ABOUT = "Depth for every camera: capture it, keep it in the photo, use it anywhere."

_START = """\
Start here:
  nearfar studio                              all of it, in a browser
  nearfar info IMG_0042.HEIC                  what depth is in a photo
  nearfar extract IMG_0042.HEIC -o cloud.ply  take it out
  nearfar shoot -o shot.heic                  take a photo with depth
  nearfar COMMAND --help                      every command has examples

Exit codes: 0 done, 1 the input is at fault, 2 wrong usage.
"""

_EXAMPLES: dict[str, str] = {
    "studio": """\
Examples:
  nearfar studio
  nearfar studio IMG_0042.HEIC
  nearfar studio --device take:take.mcap --port 9000
""",
    "info": """\
Examples:
  nearfar info IMG_0042.HEIC
  nearfar info ~/Pictures --json > depth.json
""",
    "extract": """\
Examples:
  nearfar extract IMG_0042.HEIC -o depth.png           16-bit millimetres
  nearfar extract IMG_0042.HEIC -o look.png --view     colours for the eye
  nearfar extract IMG_0042.HEIC -o cloud.ply           coloured points
  nearfar extract IMG_0042.HEIC -o room.glb            coloured mesh
  nearfar extract IMG_0042.HEIC -o d.npy --as disparity
  nearfar extract IMG_0042.HEIC -o me.png --matte portrait
  nearfar extract lensblur.jpg -o depth.tiff --scale 0.01
""",
    "embed": """\
Examples:
  nearfar embed photo.png depth.npy -o photo.heic
  nearfar embed rgb.png depth_mm.png -o shot.jpg --calibration camera.yaml
  nearfar embed frame.jpg tum_depth.png -o frame.heic --scale 0.0002
""",
    "convert": """\
Examples:
  nearfar convert IMG_0042.HEIC IMG_0042.jpg
  nearfar convert IMG_0042.HEIC share.heic --metadata no-location
""",
    "portrait": """\
Examples:
  nearfar portrait IMG_0042.HEIC -o soft.jpg --f-number 1.4
  nearfar portrait IMG_0042.HEIC -o back.jpg --focus 0.8,0.3
  nearfar portrait IMG_0042.HEIC -o look.jpg --preview --compare
  nearfar portrait IMG_0042.HEIC -o best.heic --focus-distance 2.5 --effort best
""",
    "stereo": """\
Examples:
  nearfar stereo left.png right.png --calibration calib.txt -o photo.heic
  nearfar stereo spatial.heic -o photo.heic --view look.png
  nearfar stereo l.jpg r.jpg --calibration stereo.yaml -o cloud.ply --effort best
  nearfar stereo left.png right.png -o shift.npy --as shift --max-shift 128
""",
    "devices": """\
Examples:
  nearfar devices
  nearfar devices --json
""",
    "shoot": """\
Examples:
  nearfar shoot -o shot.heic
  nearfar shoot --device virtual:truedepth -o face.heic --view depth.png
  nearfar shoot --device "virtual:dual?scene=room.glb" -o room.jpg --unfiltered
""",
    "record": """\
Examples:
  nearfar record --device virtual:dual -o take.mcap --seconds 10
  nearfar record --device virtual:lidar -o take.mcap --color raw --depth packed
  nearfar shoot --device take:take.mcap -o frame.heic
""",
    "recover": """\
Examples:
  nearfar recover take.mcap
""",
    "serve": """\
Examples:
  nearfar serve pages
  nearfar serve pages --device photo:IMG_0042.HEIC --profile arcore
  nearfar serve . --device take:take.mcap --port 9000
  nearfar serve pages --host 0.0.0.0 --tls     for phones and headsets
""",
    "doctor": """\
Examples:
  nearfar doctor
  nearfar doctor --json
""",
}


def make_app() -> App:
    """Give the application with all its commands."""
    app = App(
        name="nearfar",
        help=_ABOUT,
        version=f"nearfar {__version__}",
        help_format="plaintext",
        help_epilogue=_START,
        default_parameter=Parameter(negative=(), show_default=_worth_showing),
        suppress_keyboard_interrupt=False,
    )
    for place, (command, examples) in enumerate(_EXAMPLES.items()):
        app.command(f"nearfar.cli.{command}:{command}", name=command, help_epilogue=examples, sort_key=place)
    app.command(install_completion, name="--install-completion")
    return app


def _worth_showing(default: Any) -> Any:
    """Give a default as help shows it: None, which is nothing, for flags and for what is left out."""
    return None if default is False or default is None else str(default)
