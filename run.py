"""Karya's one entry: ``python run.py`` serves; ``python run.py <group> <command>`` does everything else.

A WSGI server may also load ``run:application``.
"""

from __future__ import annotations

import sys
from typing import Any


def main() -> int:
    """Run the command line; its exit code comes back (0 done, 1 found something wrong, 2 usage)."""
    from webapp.commands import main as run

    return run(sys.argv[1:])


def __getattr__(name: str) -> Any:
    if name != "application":
        raise AttributeError(name)
    import config
    from webapp import create_app

    return create_app(config.load())


if __name__ == "__main__":
    sys.exit(main())
