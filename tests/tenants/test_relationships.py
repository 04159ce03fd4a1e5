"""What a row leads to stays in the scope: lazy, joined, select-in and subquery loads, joins, and aliases of them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import (
    aliased,
    contains_eager,
    foreign,
    immediateload,
    joinedload,
    lazyload,
    relationship,
    remote,
    selectinload,
    subqueryload,
)

from tenants import database
from tenants.errors import ScopeError
from tenants.models import KanwilSettings, Officer, Upt
from tenants.scope import entered
from tests.tenants.rows import Ground

# Relationships that lead wherever the data would let them: to every UPT of the same kind, in the whole country.
if "kin" not in Upt.__mapper__.attrs:
    Upt.__mapper__.add_property(
        "kin",
        relationship(
            Upt,
            primaryjoin=foreign(remote(Upt.__table__.c.active)) == Upt.__table__.c.active,
            viewonly=True,
            uselist=True,
        ),
    )
    Upt.__mapper__.add_property(
        "people",
        relationship(
            Officer,
            primaryjoin=foreign(remote(Officer.__table__.c.active)) == Upt.__table__.c.active,
            viewonly=True,
            uselist=True,
        ),
    )
    KanwilSettings.__mapper__.add_property(
        "units",
        relationship(
            Upt,
            primaryjoin=foreign(remote(Upt.__table__.c.id)) > KanwilSettings.__table__.c.id * 0,
            viewonly=True,
        ),
    )
LOADS = {
    "lazy": lazyload,
    "joined": joinedload,
    "select-in": selectinload,
    "subquery": subqueryload,
    "immediate": immediateload,
}
U: Any = Upt
K: Any = KanwilSettings


@pytest.mark.parametrize("strategy", LOADS)
def test_a_relationship_stays_in_the_scope(ground: Ground, strategy: str) -> None:
    load = LOADS[strategy]
    for scope in ground.scopes():
        with entered(scope):
            session = database.session()
            mine = ground.seen(Upt, scope)
            options = {"execution_options": {"populate_existing": True}}
            for upt in session.scalars(select(Upt).options(load(U.kin)), **options).unique():
                assert {kin.id for kin in upt.kin} == mine  # type: ignore[attr-defined]
            deep = select(Upt).options(load(U.kin).options(load(U.kin)))
            for upt in session.scalars(deep, **options).unique():
                assert {far.id for kin in upt.kin for far in kin.kin} == mine  # type: ignore[attr-defined]
            settings = session.scalars(
                select(KanwilSettings).options(load(K.units)).limit(5), **options
            ).unique()
            assert [{upt.id for upt in one.units} for one in settings] == [mine]  # type: ignore[attr-defined]


@pytest.mark.parametrize("strategy", LOADS)
def test_a_relationship_to_officers_stays_in_the_scope(ground: Ground, strategy: str) -> None:
    for scope in ground.scopes():
        with entered(scope):
            session = database.session()
            found = session.scalars(
                select(Upt).options(LOADS[strategy](U.people)), execution_options={"populate_existing": True}
            ).unique()
            for upt in found:
                assert upt.people  # type: ignore[attr-defined]
                for officer in upt.people:  # type: ignore[attr-defined]
                    assert officer.tenant_id == scope.tenant_id
                    assert scope.upt_id is None or officer.upt_id in (None, scope.upt_id)


def test_joins_along_a_relationship_stay_in_the_scope(ground: Ground) -> None:
    for scope in ground.scopes():
        with entered(scope):
            session = database.session()
            mine = ground.seen(Upt, scope)
            kin = aliased(Upt)
            assert set(session.scalars(select(kin.id).select_from(Upt).join(U.kin.of_type(kin)))) == mine
            assert set(session.scalars(select(kin.id).select_from(Upt).outerjoin(U.kin.of_type(kin)))) == mine
            rows = session.scalars(
                select(Upt).join(U.kin.of_type(kin)).options(contains_eager(U.kin.of_type(kin))),
                execution_options={"populate_existing": True},
            ).unique()
            for upt in rows:
                assert {one.id for one in upt.kin} <= mine  # type: ignore[attr-defined]
            foreign_ids = [row.id for row in ground.others(Upt, scope)]
            some = select(KanwilSettings.id).where(K.units.any(Upt.id.in_(foreign_ids)))
            assert session.scalars(some).all() == []
            assert session.scalars(select(KanwilSettings.id).where(K.units.any(Upt.id.in_(mine)))).all()


def test_any_of_a_relationship_to_itself_is_refused(ground: Ground) -> None:
    """SQLAlchemy adds its criteria to the wrong side of that EXISTS; the tripwire sees it."""
    for scope in ground.scopes():
        with entered(scope):
            foreign_ids = [row.id for row in ground.others(Upt, scope)]
            asked = select(Upt.id).where(U.kin.any(Upt.id.in_(foreign_ids)))
            if ground.guarded:
                with pytest.raises(ScopeError):
                    database.session().execute(asked)
            else:
                assert database.session().scalars(asked).all() == []


def test_officers_are_the_kanwils_and_to_a_upt_its_own_beside_them(ground: Ground) -> None:
    from flask_appbuilder.security.sqla.models import User

    for scope in ground.scopes():
        with entered(scope):
            session = database.session()
            names = {
                f"operator.{code}" for code, id_ in ground.upt.items() if _sees(ground, scope, code, id_)
            }
            names |= {f"kadiv.{code}" for code, id_ in ground.kanwil.items() if id_ == scope.tenant_id}
            for kind in (Officer, User, aliased(Officer), aliased(User)):
                seen = set(session.scalars(select(kind.username)))  # type: ignore[attr-defined]
                assert seen == names, (kind, scope)
            assert {one.username for one in session.query(User)} == names
            assert session.get(Officer, _foreigner(ground, scope)) is None


def test_without_a_scope_officers_can_be_looked_up_to_sign_in(guarded: Ground) -> None:
    found = database.session().scalars(select(Officer.username)).all()
    assert {"dirjen", "kadiv.kalbar", "kadiv.banten"} <= set(found)


def _sees(ground: Ground, scope: Any, code: str, upt_id: int) -> bool:
    own = {row.id for row in ground.of(Upt) if row.tenant_id == scope.tenant_id}
    return upt_id in own and scope.upt_id in (None, upt_id)


def _foreigner(ground: Ground, scope: Any) -> int:
    from sqlalchemy import create_engine

    engine = create_engine(ground.settings.database_url)
    with engine.connect() as connection:
        table = Officer.__table__
        found = (
            connection.execute(select(table.c.id).where(table.c.tenant_id != scope.tenant_id))
            .scalars()
            .first()
        )
    engine.dispose()
    return int(found or 0)
