"""FAB's way to the database, made to keep our two promises: one transaction a change, one audit event with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, ClassVar

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from tenants.clock import now
from tenants.database import transaction
from tenants.errors import NotFound
from webapp.access import actor
from workflows import audit


class AuditedInterface(SQLAInterface):
    """`chain_name` is the first part of the audit's action: ``closure`` -> ``closure.added``."""

    chain_name: ClassVar[str] = ""

    def add(self, item: Any, commit: bool = True) -> None:
        with _told_apart(), transaction() as db:
            db.add(item)
            db.flush()
            self.changed()
            self._note("added", item)

    def edit(self, item: Any, commit: bool = True) -> None:
        """FAB has already written the form onto a row of the session: take that back, change it in one transaction."""
        state = inspect(item)
        wanted = {one.key: getattr(item, one.key) for one in state.attrs if one.history.has_changes()}
        self.session.rollback()
        with _told_apart(), transaction() as db:
            row = self._row(db, item)
            for key, value in wanted.items():
                setattr(row, key, value)
            db.flush()
            self.changed()
            self._note("changed", row)

    def delete(self, item: Any, commit: bool = True) -> None:
        with transaction() as db:
            row = self._row(db, item)
            self._note("removed", row)
            db.delete(row)
            db.flush()
            self.changed()

    def delete_all(self, items: list[Any]) -> None:
        with transaction():
            for item in filter(None, items):
                self.delete(item)

    def changed(self) -> None:
        """Called inside the transaction of every change."""

    def _row(self, db: Any, item: Any) -> Any:
        identity = inspect(item).identity
        row = db.scalars(select(self.obj).where(self.obj.id == identity[0])).first()
        if row is None:
            raise NotFound()
        return row

    def _note(self, verb: str, row: Any) -> None:
        skipped = {"id", "tenant_id"}
        columns = [one.key for one in inspect(self.obj).column_attrs if one.key not in skipped]
        facts = {key: _plain(getattr(row, key)) for key in columns}
        audit.record(
            audit.KANWIL, f"{self.chain_name}.{verb}", {"id": row.id, **facts}, by=actor(), now=now()
        )


@contextmanager
def _told_apart() -> Iterator[None]:
    """FAB shows whatever an error says: of two forms sent at once the second one learns it in words, not in SQL."""
    try:
        yield
    except IntegrityError as error:
        raise ValueError(_("Isian yang sama baru saja dicatat.")) from error


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value
