"""A letter to PDF/A-3u, tagged, with its attachments: the same letter gives the same bytes.

WeasyPrint runs in child processes, as many as ``KARYA_RENDERERS`` says and one document at a time each; a child is
replaced after `DOCUMENTS` documents or above `MEMORY_KB`, so that a web or worker process never grows by it. Nothing
is fetched but our own files (see `render_worker`). Rendering belongs in a job, never in a request: a page costs about
a tenth of a second.
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import queue
import select
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from recaps.figures_json import FILE_NAME, HISTORY_NAME, PURCHASES_NAME
from recaps.letter import Letter
from tenants import database

DOCUMENTS: Final = 40
MEMORY_KB: Final = 400_000
SECONDS: Final = 180.0


class RenderingFailed(RuntimeError):
    """The child could not render the letter; the message is WeasyPrint's."""


@dataclass(frozen=True)
class Attached:
    """A file that travels inside the PDF. `relationship` as in ISO 32000-2, 7.11.3."""

    name: str
    data: bytes
    description: str
    relationship: str = "Data"


def recap_attachments(figures: bytes, purchases: bytes, history: bytes) -> list[Attached]:
    """The three files inside every recap."""
    return [
        Attached(FILE_NAME, figures, "Angka yang dicetak dalam surat ini"),
        Attached(PURCHASES_NAME, purchases, "Pembelian e-Katalog pada periode ini", "Source"),
        Attached(HISTORY_NAME, history, "Kepala rantai keputusan pada periode ini", "Supplement"),
    ]


def render(letter: Letter, attachments: list[Attached], *, seconds: float = SECONDS) -> bytes:
    """The PDF of a letter.

    Raises:
        RenderingFailed: WeasyPrint refused, took longer than `seconds`, or its process died twice.
    """
    request = {
        "html": letter.html,
        "assets": {name: _text(data) for name, data in letter.assets.items()},
        "attachments": [
            {
                "name": a.name,
                "description": a.description,
                "relationship": a.relationship,
                "data": _text(a.data),
            }
            for a in attachments
        ],
        "identifier": letter.identifier,
        "created": letter.created.isoformat(),
    }
    return _children.ask(request, seconds)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


class _Child:
    """A child of this process; started when first needed, one request at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._rendered = 0
        self._owner = 0

    def ask(self, request: dict[str, Any], seconds: float) -> bytes:
        line = json.dumps(request).encode() + b"\n"
        with self._lock:
            for last in (False, True):
                try:
                    answer = self._exchange(line, seconds)
                    break
                except RenderingFailed:
                    self._stop()  # what it still had to say must not answer the next request
                    raise
                except (OSError, EOFError, ValueError) as error:
                    self._stop()
                    if last:
                        raise RenderingFailed(f"the rendering process died: {error}") from error
            if answer["memory_kb"] > MEMORY_KB or self._rendered >= DOCUMENTS:
                self._stop()
        if "error" in answer:
            raise RenderingFailed(str(answer["error"]))
        return base64.b64decode(answer["pdf"])

    def _exchange(self, line: bytes, seconds: float) -> dict[str, Any]:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise EOFError("it has no pipes")
        process.stdin.write(line)
        process.stdin.flush()
        answer = json.loads(_read_line(process.stdout, seconds))
        if not isinstance(answer, dict):
            raise ValueError("no answer")
        self._rendered += 1
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # after a fork the parent's child is not ours to speak to
            self._process, self._owner = None, os.getpid()
        if self._process is None or self._process.poll() is not None:
            self._rendered = 0
            self._process = subprocess.Popen(
                [sys.executable, "-m", "recaps.render_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=Path(__file__).parent.parent,
                # No setting of ours (keys, database) reaches the child; the clock of the PDF is the letter's own.
                env={k: v for k, v in os.environ.items() if not k.startswith("KARYA_")}
                | {"SOURCE_DATE_EPOCH": "0"},
            )
        return self._process

    def _stop(self) -> None:
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    _close(pipe)
        self._process = None

    def close(self) -> None:
        """End the child. The next request starts another."""
        with self._lock:
            self._stop()


class _Children:
    """The children of this process: one more is started when all are at work, up to the setting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[_Child] = []
        self._free: queue.LifoQueue[_Child] = queue.LifoQueue()

    def ask(self, request: dict[str, Any], seconds: float) -> bytes:
        child = self._one()
        try:
            return child.ask(request, seconds)
        finally:
            self._free.put(child)

    def _one(self) -> _Child:
        try:
            return self._free.get_nowait()  # the one used last, so that a lone document needs a lone child
        except queue.Empty:
            pass
        with self._lock:
            if len(self._made) < _at_once():
                self._made.append(_Child())
                return self._made[-1]
        return self._free.get()

    def processes(self) -> list[subprocess.Popen[bytes]]:
        """Those that run."""
        return [child._process for child in self._made if child._process is not None]

    def close(self) -> None:
        """End them. The next request starts another."""
        for child in self._made:
            child.close()


def _at_once() -> int:
    return database.db.settings.renderers if database.db is not None else 1


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:  # what was still to be written to a dead child
        return


def _read_line(pipe: IO[bytes], seconds: float) -> bytes:
    """One line within `seconds`."""
    chunks: list[bytes] = []
    handle = pipe.fileno()
    while True:
        ready, _, _ = select.select([handle], [], [], seconds)
        if not ready:
            raise RenderingFailed(f"rendering took longer than {seconds:.0f} s")
        chunk = os.read(handle, 1 << 20)
        if not chunk:
            raise EOFError("its output closed")
        chunks.append(chunk)
        if chunk.endswith(b"\n"):
            return b"".join(chunks)


_children = _Children()
close = _children.close
atexit.register(close)
