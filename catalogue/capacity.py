"""How much each UPT could make a month: the capacities of its published products, added up as they come and go.

A trigger keeps the sums, as it does `published_tally`, so that a dashboard reads a row an UPT however many products
there are. What is suspended or withdrawn makes nothing.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tenants.base import Base


class PublishedCapacity(Base):
    """The products of an UPT on the shelf and what they make a month together, in pieces."""

    __tablename__ = "published_capacity"

    kanwil_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    upt_slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    products: Mapped[int] = mapped_column(Integer)
    capacity_per_month: Mapped[int] = mapped_column(BigInteger)


_SQLITE_ADD = """INSERT INTO published_capacity (kanwil_code, upt_slug, products, capacity_per_month)
  SELECT NEW.kanwil_code, NEW.upt_slug, 1, NEW.capacity_per_month WHERE NEW.state = 'published'
  ON CONFLICT (kanwil_code, upt_slug) DO UPDATE SET products = products + 1,
    capacity_per_month = capacity_per_month + excluded.capacity_per_month"""
_SQLITE_TAKE = """UPDATE published_capacity SET products = products - 1,
  capacity_per_month = capacity_per_month - OLD.capacity_per_month
  WHERE OLD.state = 'published' AND kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug"""
TRIGGERS = ("published_capacity_added", "published_capacity_changed", "published_capacity_removed")


def of_upts(session: Session, kanwil_code: str | None = None) -> dict[tuple[str, str], tuple[int, int]]:
    """(Kanwil's code, UPT's slug) -> products on the shelf and what they make a month. One statement; of one Kanwil
    where it is named, else of the country."""
    asked = select(PublishedCapacity)
    if kanwil_code is not None:
        asked = asked.where(PublishedCapacity.kanwil_code == kanwil_code)
    return {
        (row.kanwil_code, row.upt_slug): (row.products, row.capacity_per_month)
        for row in session.scalars(asked)
    }


def statements(dialect: str) -> list[str]:
    """The triggers for `sqlite` or `postgresql`, safe to run again."""
    if dialect == "sqlite":
        added, changed, removed = TRIGGERS
        return [
            f"CREATE TRIGGER IF NOT EXISTS {added} AFTER INSERT ON published_product BEGIN {_SQLITE_ADD}; END",
            f"CREATE TRIGGER IF NOT EXISTS {changed} AFTER UPDATE ON published_product "
            f"BEGIN {_SQLITE_TAKE}; {_SQLITE_ADD}; END",
            f"CREATE TRIGGER IF NOT EXISTS {removed} AFTER DELETE ON published_product BEGIN {_SQLITE_TAKE}; END",
        ]
    return [
        """CREATE OR REPLACE FUNCTION karya_published_capacity() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' AND OLD.state = 'published' THEN
    UPDATE published_capacity SET products = products - 1,
      capacity_per_month = capacity_per_month - OLD.capacity_per_month
      WHERE kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state = 'published' THEN
    INSERT INTO published_capacity AS c (kanwil_code, upt_slug, products, capacity_per_month)
      VALUES (NEW.kanwil_code, NEW.upt_slug, 1, NEW.capacity_per_month)
      ON CONFLICT (kanwil_code, upt_slug) DO UPDATE SET products = c.products + 1,
        capacity_per_month = c.capacity_per_month + excluded.capacity_per_month;
  END IF;
  RETURN NULL;
END $$""",
        "DROP TRIGGER IF EXISTS published_capacity_kept ON published_product",
        "CREATE TRIGGER published_capacity_kept AFTER INSERT OR UPDATE OR DELETE ON published_product "
        "FOR EACH ROW EXECUTE FUNCTION karya_published_capacity()",
    ]
