"""What stands in the way of a start is said in one line, and nothing is left half done."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("KARYA_", "MAKE", "MFLAGS"))
    }
    return subprocess.run(
        command,
        cwd=HOUSE,
        env=kept | environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a refused start prints."""
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("karya: ")
    return lines[0]


def test_a_taken_port_is_named_with_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal(run("make", "run", PORT=str(port)))
    assert f"port {port} is taken" in line
    assert re.search(r"PORT=\d+ make run$", line)


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "8080.5", "٨٠"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    assert "PORT must be a number from 1 to 65535" in refusal(run("make", "run", PORT=port))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = refusal(run("make", "run", PORT="65530", KARYA_DATA=str(tmp_path / "file" / "var")))
    assert f"cannot write to {tmp_path}/file/var" in line


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.18" && exit 0\nexit 1\n')
    old.chmod(0o755)
    line = refusal(run("make", "run", PYTHON=str(old)))
    assert "Python 3.11 or newer is needed" in line
    assert "Python 3.9.18" in line


def test_no_start_without_a_secret_outside_the_demonstration(tmp_path: Path) -> None:
    done = run(sys.executable, "run.py", "serve", KARYA_DATA=str(tmp_path))
    assert done.returncode == 2
    assert "KARYA_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_help_lists_every_target() -> None:
    targets = re.findall(r"^\.PHONY: (.*)$", (HOUSE / "Makefile").read_text(), re.MULTILINE)[0].split()
    printed = run("make").stdout
    assert [name for name in targets if f"make {name} " not in printed] == []


def test_the_lock_pins_every_requirement_with_its_hashes() -> None:
    wanted = {
        re.split(r"[\[=<>~; ]", line, maxsplit=1)[0].lower()
        for line in (HOUSE / "requirements.in").read_text().splitlines()
        if line and not line.startswith("#")
    }
    pins: dict[str, bool] = {}
    for block in re.split(r"\n(?=\S)", (HOUSE / "requirements.txt").read_text()):
        name = re.match(r"([a-z0-9._-]+)(\[[^]]*\])?==\S+", block)
        if name:
            pins[name.group(1)] = "--hash=sha256:" in block
    assert wanted <= set(pins)
    assert all(pins.values())
