"""What the report of the approval counts by, noted on decisions and cases, and the indexes it is counted from.

Decisions and cases that ended before this revision carry no days and stay out of the report's medians.

"""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CASE_INDEXES = (
    (
        "ix_case_file_waiting",
        ["tenant_id", "subject_type", "stage_key", "due_at", "id", "upt_id", "stage_role"],
        "stage_key IS NOT NULL",
    ),
    (
        "ix_case_file_ended",
        [
            *("tenant_id", "subject_type", "closed_at", "id", "state", "upt_id"),
            *("office_days", "office_calendar_days"),
        ],
        "closed_at IS NOT NULL",
    ),
    (
        "ix_case_file_revised",
        ["tenant_id", "subject_type", "submitted_at", "upt_id", "upt_days", "upt_calendar_days"],
        "upt_days IS NOT NULL",
    ),
)
_CASE_DAYS = ("office_days", "office_calendar_days", "upt_days", "upt_calendar_days")


def upgrade() -> None:
    for name in _CASE_DAYS:
        op.add_column("case_file", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("decision", sa.Column("subject_type", sa.String(length=50), nullable=True))
    op.add_column("decision", sa.Column("due_at", tenants.base.Instant(timezone=True), nullable=True))
    op.add_column("decision", sa.Column("waited_days", sa.Integer(), nullable=True))
    op.add_column("decision", sa.Column("asked", sa.String(length=500), nullable=True))
    for name, columns, where in _CASE_INDEXES:
        op.create_index(
            name, "case_file", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_index(
        "ix_decision_sight",
        "decision",
        [
            *("tenant_id", "subject_type", "decided_at", "id", "stage_key", "outcome", "upt_id"),
            *("officer_id", "due_at", "waited_days"),
        ],
    )
    op.create_index(
        "ix_decision_asked",
        "decision",
        ["tenant_id", "subject_type", "decided_at", "id", "stage_key", "upt_id", "asked"],
        sqlite_where=sa.text("asked IS NOT NULL"),
        postgresql_where=sa.text("asked IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_decision_asked", table_name="decision")
    op.drop_index("ix_decision_sight", table_name="decision")
    for name, _columns, _where in reversed(_CASE_INDEXES):
        op.drop_index(name, table_name="case_file")
    for name in ("asked", "waited_days", "due_at", "subject_type"):
        op.drop_column("decision", name)
    for name in reversed(_CASE_DAYS):
        op.drop_column("case_file", name)
