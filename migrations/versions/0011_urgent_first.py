"""The urgent first: the inbox's indexes hold them apart from the rest, and seats know whether their case is urgent.
Notices keep what their words are made of; those from before are shown as they were written.
"""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ORDERED = (
    # what the urgent are held apart in: the columns before and after it
    ("ix_case_file_role_due", "case_file", ["stage_role"], ["due_at", "id"]),
    ("ix_case_file_role_facet_due", "case_file", ["stage_role", "facet"], ["due_at", "id"]),
    ("ix_case_file_role_again_due", "case_file", ["stage_role", "again"], ["due_at", "id"]),
    ("ix_case_file_stage_due", "case_file", ["stage_key"], ["due_at", "id"]),
    ("ix_case_file_role_submitted", "case_file", ["stage_role"], ["submitted_at", "id"]),
    ("ix_case_file_state_submitted", "case_file", ["state"], ["submitted_at", "id"]),
    ("ix_case_file_upt_due", "case_file", ["upt_id", "state"], ["due_at", "id"]),
    ("ix_case_seat_role_due", "case_seat", ["stage_role"], ["due_at", "case_id"]),
    ("ix_case_seat_role_submitted", "case_seat", ["stage_role"], ["submitted_at", "case_id"]),
)
WHOLE_KANWIL = "ix_case_file_state_urgent_due"
ALONE = (("ix_case_file_urgent_role", "stage_role"), ("ix_case_file_urgent_state", "state"))
URGENT = {"sqlite_where": sa.text("urgent = 1"), "postgresql_where": sa.text("urgent")}


def again(urgent: list[str]) -> None:
    """Every index anew, with or without the column."""
    for name, table, before, after in ORDERED:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, ["tenant_id", *before, *urgent, *after], unique=False)


def upgrade() -> None:
    op.add_column("notice", sa.Column("said", tenants.base.JSONText(), nullable=True))
    op.add_column("case_seat", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE case_seat SET urgent = (SELECT c.urgent FROM case_file c WHERE c.id = case_seat.case_id)"
    )
    for name, _ in ALONE:
        op.drop_index(name, table_name="case_file")
    again(["urgent"])
    columns = ["tenant_id", "state", "urgent", "due_at", "id"]
    op.create_index(WHOLE_KANWIL, "case_file", columns, unique=False)


def downgrade() -> None:
    op.drop_index(WHOLE_KANWIL, table_name="case_file")
    again([])
    for name, column in ALONE:
        op.create_index(name, "case_file", ["tenant_id", column, "due_at", "id"], unique=False, **URGENT)
    with op.batch_alter_table("case_seat") as batch:
        batch.drop_column("urgent")
    op.drop_column("notice", "said")
