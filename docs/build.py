"""Build the manual: the API pages from the docstrings, the pictures, then the site.

``python docs/build.py`` writes docs/api/*.md, docs/images and site/; ``--pages`` stops it after the first,
``--pictures`` after the second. Works offline; fails on a broken link.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_pages(folder: Path) -> None:
    """Write the API pages below `folder` and take out those of names that are gone."""
    from api_pages import pages

    texts = pages()
    for stale in set((folder / "api").glob("*.md")) - {folder / name for name in texts}:
        stale.unlink()
    for name, text in texts.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")


def make_pictures() -> None:
    """Make every picture anew, each by its script: scenes of our own, and what nearfar makes of them."""
    for script in sorted((ROOT / "docs").glob("*pictures.py")):
        subprocess.run([sys.executable, script], cwd=ROOT, check=True)


def build_site() -> int:
    """Build site/ with Zensical, strict: a link to a page or heading that is not there fails the build."""
    shutil.rmtree(ROOT / "site", ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    result = subprocess.run(command, cwd=ROOT, check=False)
    for script in (ROOT / "site").glob("*.py"):
        script.unlink()
    return result.returncode


if __name__ == "__main__":
    write_pages(ROOT / "docs")
    if "--pages" in sys.argv[1:]:
        sys.exit(0)
    make_pictures()
    sys.exit(0 if "--pictures" in sys.argv[1:] else build_site())
