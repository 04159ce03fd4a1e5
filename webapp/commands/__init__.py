"""The command line. Each group is a module with a click group of its name; a command calls the same use case as a page.

Every command exits 0 when done, 1 when it found something wrong, 2 on wrong usage; those that report know ``--json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click
from sqlalchemy import select

import config
import rooms
from tenants import database
from tenants.errors import KaryaError
from tenants.models import Kanwil, Officer
from tenants.officers import Actor, actor_of, scope_of
from tenants.scope import Scope, entered

GROUPS = ("tenant", "officer", "workflow", "purchase", "recap", "audit", "jobs", "backup", "demo")
CONSOLE = Actor(
    id=0, name="Baris perintah", roles=frozenset(), tenant_id=None, upt_id=None, office="Baris perintah"
)


class House(click.Group):
    """Loads a group's module when it is asked for, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*GROUPS, "init", "serve"]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in GROUPS:
            return import_module(f"webapp.commands.{name}").group  # type: ignore[no-any-return]
        if name in ("init", "serve"):
            return getattr(import_module("webapp.commands.server"), name)  # type: ignore[no-any-return]
        return None


@click.group(cls=House, invoke_without_command=True, help="Karya. Tanpa perintah: melayani situsnya.")
@click.pass_context
def cli(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        ctx.invoke(import_module("webapp.commands.server").serve)


def main(args: list[str]) -> int:
    """Run one command line. Errors a person can act on are one line, never a traceback."""
    try:
        result = cli.main(args=args, prog_name="python run.py", standalone_mode=False)
    except click.exceptions.Exit as end:
        return int(end.exit_code)
    except click.Abort:
        return 1
    except click.ClickException as error:
        error.show()
        return int(error.exit_code)
    except config.ConfigError as error:
        click.echo(f"karya: {error}", err=True)
        return 2
    except KaryaError as error:
        click.echo(f"karya: {error.message}", err=True)
        for field, problem in error.fields.items():
            click.echo(f"  {field}: {problem}", err=True)
        return 1
    finally:
        if database.db is not None:
            database.db.dispose()
    return result if isinstance(result, int) else 0


def open_house() -> config.Settings:
    """Load the settings, the rooms and the database, for a command that touches rows."""
    settings = config.load()
    rooms.load()
    database.configure(settings)
    return settings


def kanwil_named(code: str) -> Kanwil:
    """The Kanwil of a code; a usage error where there is none."""
    with database.public() as session:
        found = session.scalar(select(Kanwil).where(Kanwil.code == code.lower()))
    if found is None:
        raise click.BadParameter(f"tidak ada Kanwil dengan kode {code!r}", param_hint="--tenant")
    return found


def all_kanwil() -> list[Kanwil]:
    """Every Kanwil, by code."""
    with database.public() as session:
        return list(session.scalars(select(Kanwil).order_by(Kanwil.code)))


@contextmanager
def inside(code: str) -> Iterator[Kanwil]:
    """The scope of the Kanwil with this code."""
    kanwil = kanwil_named(code)
    with entered(Scope(kanwil.id)):
        yield kanwil


@contextmanager
def acting(username: str) -> Iterator[Actor]:
    """The scope and the person of an officer, for a command that acts in his name."""
    with database.db.sessions() as session:
        officer = session.scalar(select(Officer).where(Officer.username == username, Officer.active))
        if officer is None:
            raise click.BadParameter(f"tidak ada petugas aktif {username!r}", param_hint="--as")
        by, scope = actor_of(officer), scope_of(officer)
    database.db.release()
    with entered(scope):
        yield by


def say(body: Any, *, as_json: bool, text: str) -> None:
    """Print a report: as JSON for programs, else the text for people."""
    click.echo(json.dumps(body, ensure_ascii=False, indent=2, default=str) if as_json else text)


json_option = click.option("--json", "as_json", is_flag=True, help="Jawab sebagai JSON.")
