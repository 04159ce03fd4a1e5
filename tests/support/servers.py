"""A real Karya in a process of its own, on a free port of the loopback address."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from config import Settings

HOUSE = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """`python run.py serve` with these settings. `kill` is kill -9; `start` starts it again on the same port."""

    settings: Settings
    port: int = 0
    extra: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What the process has written so far."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    @property
    def _log_path(self) -> Path:
        return self.settings.data / "server.log"

    def environment(self) -> dict[str, str]:
        """What the process is told: nothing of the caller's own KARYA_ settings."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("KARYA_", "COV_"))}
        return kept | {
            "KARYA_DATA": str(self.settings.data),
            "KARYA_DATABASE_URL": self.settings.database_url,
            "KARYA_SECRET_KEY": self.settings.secret_key,
            "KARYA_DEMO": "1",
            "KARYA_SIGN_IN_LIMIT": "1000 per minute",
            "KARYA_PUBLIC_SECONDS": "0",  # a story looks again at once
            "PORT": str(self.port),
            **self.extra,
        }

    def run(self, *command: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a command of `run.py` beside the server, on the same data."""
        return subprocess.run(
            [sys.executable, "run.py", *command],
            cwd=HOUSE,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )

    def start(self, *, within_seconds: float = 60) -> Server:
        """Start and wait until `/readyz` answers.

        Raises:
            RuntimeError: the process ended or did not answer in time; its log is in the message.
        """
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "run.py", "serve"],
                cwd=HOUSE,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + within_seconds
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:  # noqa: S310
                    if answer.status == 200:
                        return self
            except OSError:
                time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"the server did not start:\n{self.log[-4000:]}")

    def child(self, module: str) -> int | None:
        """The process that the server runs `python -m module` in, if it does."""
        if self._process is None:
            return None
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if (
                    folder.name.isdigit()
                    and f"-m\0{module}\0".encode() in (folder / "cmdline").read_bytes()
                    and os.getpgid(int(folder.name)) == self._process.pid
                ):
                    return int(folder.name)
        return None

    def kill(self) -> None:
        """kill -9 of the server and its workers."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait; after 25 seconds insist."""
        self._signal(signal.SIGTERM)
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=25)
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        if number == signal.SIGKILL:
            self._process.wait()
