"""A hold takes one seat: a stage that several officers decide may be held by as many, and its seat says how many votes
it wants. Seats that are open at the upgrade count as one vote where the inbox offers the next case, until they are
decided.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STAGE = ["tenant_id", "case_id", "stage_key"]
NAMED = {"uq": "%(table_name)s_%(column_0_N_name)s_key"}


def unique_on(columns: list[str], instead_of: list[str]) -> None:
    """Another unique key of the holds; PostgreSQL named the first one itself, SQLite not at all."""
    with op.batch_alter_table("case_hold", naming_convention=NAMED) as batch:
        batch.drop_constraint(f"case_hold_{'_'.join(instead_of)}_key", type_="unique")
        batch.create_unique_constraint(f"case_hold_{'_'.join(columns)}_key", columns)


def upgrade() -> None:
    op.add_column("case_seat", sa.Column("votes", sa.Integer(), nullable=False, server_default="1"))
    unique_on([*STAGE, "officer_id"], instead_of=STAGE)


def downgrade() -> None:
    first = "SELECT MIN(id) FROM case_hold GROUP BY tenant_id, case_id, stage_key"
    op.execute(f"DELETE FROM case_hold WHERE id NOT IN ({first})")
    unique_on(STAGE, instead_of=[*STAGE, "officer_id"])
    with op.batch_alter_table("case_seat") as batch:
        batch.drop_column("votes")
