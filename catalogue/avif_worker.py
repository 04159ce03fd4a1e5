"""The process that encodes photos as AVIF for `window.modern`: ``python -m catalogue.avif_worker``.

It imports no more than Pillow, and gives way to everything else on the machine.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Final

from PIL import Image

QUALITY: Final = 58
SPEED: Final = 7


def encode(source: Path, target: Path) -> None:
    """Encode one photo; whole or not there, whatever happens meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    with Image.open(source) as opened:
        opened.load()
        opened.save(part, "AVIF", quality=QUALITY, speed=SPEED)
    os.replace(part, target)


def main() -> int:
    """Encode the pairs (source, target) that come on standard input as JSON; 1 where one could not be."""
    os.nice(15)
    failed = 0
    for source, target in json.load(sys.stdin):
        try:
            encode(Path(source), Path(target))
        except (OSError, ValueError) as error:
            failed = 1
            sys.stderr.write(f"{source}: {error}\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
