"""Steps with several seats, priority, reminders, the choice of notices; letters that lend a role."""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def columns() -> list[tuple[str, sa.Column]]:
    return [
        ("case_file", sa.Column("step_no", sa.Integer(), nullable=False, server_default="1")),
        ("case_file", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false())),
        ("case_file", sa.Column("remind_at", tenants.base.Instant(timezone=True), nullable=True)),
        ("decision", sa.Column("on_behalf_of", sa.Integer(), nullable=True)),
        ("decision", sa.Column("letter_number", sa.String(length=120), nullable=True)),
    ]


def upgrade() -> None:
    for table, column in columns():
        op.add_column(table, column)
    op.create_table(
        "case_seat",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("step_no", sa.Integer(), nullable=False),
        sa.Column("stage_key", sa.String(length=50), nullable=False),
        sa.Column("stage_role", sa.String(length=50), nullable=True),
        sa.Column("due_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("remind_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("escalated_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"]),
        sa.ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "case_id", "step_no", "stage_key"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index(
        "ix_case_seat_role_due", "case_seat", ["tenant_id", "stage_role", "due_at", "case_id"], unique=False
    )
    op.create_index("ix_case_seat_remind", "case_seat", ["tenant_id", "remind_at", "id"], unique=False)
    op.create_index("ix_case_file_remind", "case_file", ["tenant_id", "remind_at", "id"], unique=False)
    op.create_table(
        "notice_choice",
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("mail", sa.String(length=10), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "officer_id", "kind"),
    )
    op.create_table(
        "notice_digest",
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until_notice_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "officer_id", "day"),
    )
    op.create_table(
        "substitution",
        sa.Column("upt_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=50), nullable=False),
        sa.Column("kind", sa.String(length=3), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=True),
        sa.Column("principal_name", sa.String(length=200), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=False),
        sa.Column("substitute_name", sa.String(length=200), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("letter_number", sa.String(length=120), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("revoked_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index(
        "ix_substitution_substitute", "substitution", ["tenant_id", "substitute_id", "until_on"], unique=False
    )
    op.create_index("ix_substitution_until", "substitution", ["tenant_id", "until_on", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_substitution_until", table_name="substitution")
    op.drop_index("ix_substitution_substitute", table_name="substitution")
    op.drop_table("substitution")
    op.drop_table("notice_digest")
    op.drop_table("notice_choice")
    op.drop_index("ix_case_file_remind", table_name="case_file")
    op.drop_index("ix_case_seat_remind", table_name="case_seat")
    op.drop_index("ix_case_seat_role_due", table_name="case_seat")
    op.drop_table("case_seat")
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
