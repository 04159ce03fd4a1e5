"""Renders webapp/drawings/*.svg to .webp as a camera would deliver them: 1200 x 900, each below 60 KB.

Usage: python tools/assets/drawings.py [key ...]. Needs Chromium on the path; running Karya does not.
"""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

DRAWINGS = Path(__file__).resolve().parents[2] / "webapp" / "drawings"
SIZE = (1200, 900)
MOST_BYTES = 60_000


def picture(svg: Path) -> Image.Image:
    """The drawing as Chromium paints it."""
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "shot.png"
        # The drawing is set in a page, so that it fills the window from corner to corner.
        page = Path(folder) / "page.html"
        page.write_text(f"<!doctype html><style>*{{margin:0}}svg{{display:block}}</style>{svg.read_text()}")
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             f"--window-size={SIZE[0]},{SIZE[1] + 200}", f"--user-data-dir={folder}/profile",
             f"--screenshot={shot}", page.as_uri()],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        return Image.open(shot).convert("RGB").crop((0, 0, *SIZE))


def main(keys: list[str]) -> None:
    """Render every drawing, or those named."""
    for svg in sorted(DRAWINGS.glob("*.svg")):
        if keys and svg.stem not in keys:
            continue
        image = picture(svg)
        for quality in (86, 80, 72, 64, 55):
            out = io.BytesIO()
            image.save(out, "WEBP", quality=quality, method=6)
            if out.tell() < MOST_BYTES:
                break
        svg.with_suffix(".webp").write_bytes(out.getvalue())
        print(f"{svg.stem}: {out.tell():,} bytes at quality {quality}")


if __name__ == "__main__":
    main(sys.argv[1:])
