"""What the suite went through: a line for each file that it did not go through wholly, and the sum.

The workers measure with slipcover's own plugin, which `tools/test.sh` asks for; here it is only told.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from slipcover.slipcover import add_summaries


def tell(reporter: pytest.TerminalReporter) -> None:
    """Print the measured coverage, if any was, and take the measurements away."""
    folder = os.environ.get("SLIPCOVER_COVERAGE_DIR", "")
    measured = Path(folder) / "merged.json"
    if not folder or not measured.exists():
        return
    found: dict[str, Any] = json.loads(measured.read_text())
    shutil.rmtree(folder)
    add_summaries(found)
    reporter.section("coverage", sep="-")
    _line(reporter, "file", "lines", "missed", "branches", "missed", "covered")
    for name, file in sorted(found["files"].items()):
        if file["missing_lines"] or file["missing_branches"]:
            _line(
                reporter,
                name,
                len(file["executed_lines"]) + len(file["missing_lines"]),
                len(file["missing_lines"]),
                len(file["executed_branches"]) + len(file["missing_branches"]),
                len(file["missing_branches"]),
                f"{file['summary']['percent_covered']:.0f}%",
            )
    total = found["summary"]
    _line(
        reporter,
        "TOTAL",
        total["covered_lines"] + total["missing_lines"],
        total["missing_lines"],
        total["covered_branches"] + total["missing_branches"],
        total["missing_branches"],
        f"{total['percent_covered']:.0f}%",
    )


def _line(reporter: pytest.TerminalReporter, name: str, *values: Any) -> None:
    reporter.write_line(f"{name:56}" + "".join(f"{value!s:>10}" for value in values))
