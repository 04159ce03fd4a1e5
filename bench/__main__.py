"""`python -m bench [NAME...]`: measure, print a table, keep the figures in bench/latest.json."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from bench.ground import Ground, Result
from tests.support import databases

LATEST = Path(__file__).parent / "latest.json"
CASES = {
    # case -> the names that it yields begin with
    "decision": ("decision",),
    "decision_simulation": ("decision_simulation",),
    "crowd": ("decision_crowd",),
    "scope": ("scope",),
    "pages": ("inbox", "products", "catalogue", "search"),
    "figures": ("figures",),
    "recap": ("recap", "sign", "verify"),
    "importing": ("import",),
}


def main(only: list[str]) -> int:
    """Run the cases that `only` names (all when empty); 2 when it names none."""
    chosen = [case for case, names in CASES.items() if not only or _asked(only, names)]
    if not chosen:
        known = ", ".join(name for names in CASES.values() for name in names)
        print(f"bench: ONLY must begin with one of: {known}", file=sys.stderr)
        return 2
    logging.disable(logging.INFO)
    results: list[Result] = []
    began = time.monotonic()
    _line("name", "database", "value", "floor", "ratio", "size")
    with tempfile.TemporaryDirectory(prefix="karya-bench-") as folder:
        databases.prepare_server()
        for case in chosen:
            measure = import_module(f"bench.cases.{case}").measure
            for dialect in databases.DIALECTS:
                for result in measure(Ground(dialect, Path(folder), only)):
                    results.append(result)
                    _show(result)
    kept = json.loads(LATEST.read_text()) if LATEST.exists() else {}
    kept.update({result.name: result.as_json() for result in results})
    LATEST.write_text(json.dumps(dict(sorted(kept.items())), indent=2) + "\n")
    print(f"\n{len(results)} figures in {time.monotonic() - began:.0f} s, kept in bench/latest.json")
    return 0


def _asked(only: list[str], names: tuple[str, ...]) -> bool:
    """Whether a word begins one of the names or goes on from it; a name that is said in full means itself alone."""
    every = [name for one in CASES.values() for name in one]
    return any(
        word == name or (word not in every and (name.startswith(word) or word.startswith(name)))
        for word in only
        for name in names
    )


def _show(result: Result) -> None:
    floor = "" if result.floor is None else f"{result.floor:,.6g}"
    ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
    _line(result.name, result.database, f"{result.value:,.6g} {result.unit}", floor, ratio, result.size)


def _line(name: str, database: str, value: str, floor: str, ratio: str, size: str) -> None:
    print(f"{name:30} {database:11} {value:>20} {floor:>12} {ratio:>8}  {size}", flush=True)


if __name__ == "__main__":
    sys.exit(main([word for word in sys.argv[1:] if word]))
