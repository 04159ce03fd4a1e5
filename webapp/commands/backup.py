"""``backup``: the database and the files of the data folder in one archive, and back."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path

import click

import config
from tenants.clock import now

FOLDERS = ("files", "keys", "mail")


@click.group(help="Cadangan basis data dan berkas.")
def group() -> None:
    pass


@group.command(help="Membuat cadangan; situs boleh tetap berjalan.")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def create(target: Path) -> int:
    settings = config.load()
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / ("karya.sqlite" if settings.dialect == "sqlite" else "karya.dump")
        _dump(settings, dump)
        manifest = {"made_at": now().isoformat(), "dialect": settings.dialect, "sha256": _sha(dump)}
        (Path(folder) / "manifest.json").write_text(json.dumps(manifest, indent=2))
        with tarfile.open(target, "w:gz") as archive:
            archive.add(dump, dump.name)
            archive.add(Path(folder) / "manifest.json", "manifest.json")
            for name in FOLDERS:
                if (settings.data / name).is_dir():
                    archive.add(settings.data / name, name)
    target.chmod(0o600)
    click.echo(f"Cadangan ditulis ke {target}.")
    return 0


@group.command(help="Memeriksa sebuah cadangan tanpa memulihkannya.")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(source: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        _unpack(source, Path(folder))
        problem = _problem(Path(folder))
    click.echo(problem or "Cadangan utuh.")
    return 1 if problem else 0


@group.command(
    help="Memulihkan ke folder data yang kosong (dan basis data yang kosong). Situs harus berhenti."
)
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(source: Path) -> int:
    settings = config.load()
    database_file = Path(settings.url.database or "") if settings.dialect == "sqlite" else None
    if database_file is not None and database_file.exists():
        click.echo(f"karya: {database_file} sudah ada; pulihkan ke folder data yang kosong.", err=True)
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _unpack(source, folder)
        problem = _problem(folder)
        if problem:
            click.echo(f"karya: {problem}", err=True)
            return 1
        settings.data.mkdir(parents=True, exist_ok=True)
        for part in FOLDERS:
            if (folder / part).is_dir():
                shutil.copytree(folder / part, settings.data / part, dirs_exist_ok=True)
        if database_file is not None:
            shutil.copy2(folder / "karya.sqlite", database_file)
        else:
            _run(
                [
                    "pg_restore",
                    "--no-owner",
                    "--exit-on-error",
                    "-d",
                    _libpq(settings),
                    str(folder / "karya.dump"),
                ]
            )
    click.echo("Dipulihkan. Jalankan `python run.py init`, lalu mulai situsnya.")
    return 0


def _dump(settings: config.Settings, target: Path) -> None:
    if settings.dialect == "sqlite":
        with sqlite3.connect(str(settings.url.database)) as source, sqlite3.connect(target) as copy:
            source.backup(copy)
        return
    _run(["pg_dump", "--format=custom", "--no-owner", "-f", str(target), _libpq(settings)])


def _libpq(settings: config.Settings) -> str:
    url = config.make_url(settings.owner_url or settings.database_url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{command[0]}: {done.stderr.strip()[:500]}")


def _unpack(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise click.ClickException(f"{source} bukan cadangan yang utuh: {error}") from None


def _problem(folder: Path) -> str | None:
    """What is wrong with an unpacked backup, or None: its database and each file against their hashes."""
    if not (folder / "manifest.json").is_file():
        return "Cadangan ini tidak memuat manifest.json."
    manifest = json.loads((folder / "manifest.json").read_text())
    dump = folder / ("karya.sqlite" if manifest["dialect"] == "sqlite" else "karya.dump")
    if not dump.is_file() or _sha(dump) != manifest["sha256"]:
        return "Isi basis data dalam cadangan tidak cocok dengan manifestnya."
    for path in sorted((folder / "files").rglob("*")) if (folder / "files").is_dir() else ():
        if path.is_file() and _sha(path) != path.name:
            return f"Berkas {path.name} dalam cadangan rusak."
    return None


def _sha(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
