"""What `make run` asks before it starts: is the folder writable, the port free, the database up to date?

Run by a bare Python, before .venv exists: the standard library only. Each command prints one line and exits 1
when something stands in the way.
"""

import errno
import hashlib
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("KARYA_DATA") or HOUSE / "var")
STAMP = DATA / ".initialised"
ROOMS = ("migrations", "tenants", "workflows", "catalogue", "sales", "recaps", "webapp", "data")


def stop(message: str) -> None:
    """Say in one line what stands in the way, and end with status 1."""
    print(f"karya: {message}", file=sys.stderr)
    sys.exit(1)


def port() -> int:
    """The port to serve on, from PORT; 8080 when unset."""
    text = os.environ.get("PORT") or "8080"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        stop(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def check_port() -> None:
    """Stop when nobody could listen on the port."""
    number = port()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                stop(f"port {number} is taken. Choose another one: PORT={free_port()} make run")
            if error.errno == errno.EACCES:
                stop(
                    f"port {number} needs more rights than you have. Choose a higher one: PORT=8080 make run"
                )
            stop(f"cannot listen on 127.0.0.1:{number}: {error.strerror}.")


def free_port() -> int:
    """A port that nobody listens on now, near the usual one when there is one."""
    for number in [*range(8081, 8100), 0]:
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", number))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    return 8081


def check_writable(folder: Path) -> None:
    """Stop when no file can be made in a folder; make the folder when it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        way_out = "KARYA_DATA=/another/folder make run" if folder == DATA else "copy the project elsewhere"
        stop(f"cannot write to {folder} ({error.strerror}). Make it writable, or: {way_out}")


def check() -> None:
    """Everything that `make run` wants to know first."""
    check_port()
    if not (HOUSE / ".venv" / ".karya-installed").exists():
        check_writable(HOUSE)
    check_writable(DATA)


def state() -> str:
    """A digest of what `run.py init` depends on: the code, the reference data, the database's address."""
    digest = hashlib.sha256(os.environ.get("KARYA_DATABASE_URL", "").encode())
    files = [HOUSE / "config.py", HOUSE / "run.py", HOUSE / "requirements.txt"]
    for room in ROOMS:
        for pattern in ("*.py", "*.yaml", "*.csv"):
            files += sorted((HOUSE / room).rglob(pattern))
    for file in files:
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_loaded() -> bool:
    """Whether `run.py init` has been through with this very code, and its SQLite file is still there.

    A server's database may have been changed behind our back, so with one the answer is always no.
    """
    if os.environ.get("KARYA_DATABASE_URL"):
        return False
    database = DATA / "karya.sqlite"
    return database.exists() and STAMP.exists() and STAMP.read_text() == state()


def announce(server: int) -> None:
    """Wait until the server answers, then print its address and the accounts; end with it."""
    number = port()
    while True:
        try:
            socket.create_connection(("127.0.0.1", number), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
        try:
            os.kill(server, 0)
        except OSError:
            return
    print(
        f"""
  Karya           http://127.0.0.1:{number}

  Demonstration   password of every account: karya-demo-2024
    UPT           operator.lapas-iia-pontianak   kepala.lapas-iia-pontianak
    Kanwil        pembina.kalbar   pemantau.kalbar   pengendali.kalbar
                  kadiv.kalbar     kakanwil.kalbar   admin.kalbar
    Centre        dirjen           admin.pusat       auditor

  Other offices: put their code from tenants/data/kanwil.csv or upt.csv after the dot. Ctrl+C stops.
""",
        flush=True,
    )


def main() -> None:
    """Carry out the command that the first argument names."""
    command = sys.argv[1]
    if command == "check":
        check()
    elif command == "loaded":
        sys.exit(0 if is_loaded() else 1)
    elif command == "remember":
        STAMP.write_text(state())
    elif command == "announce":
        announce(int(sys.argv[2]))
    elif command == "free-port":
        print(free_port())
    else:
        stop(f"preflight.py knows check, loaded, remember, announce and free-port, not {command!r}.")


if __name__ == "__main__":
    main()
