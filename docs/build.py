"""Build the manual: the API pages from the docstrings, then the site. Works offline; fails on a broken link.

``python docs/build.py`` writes docs/api/*.md, then site/; with ``--pages`` it stops after the former.
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
    sys.exit(0 if "--pages" in sys.argv[1:] else build_site())
