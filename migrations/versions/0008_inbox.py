"""The shared desk: holds, saved views, who looks, runs of many verdicts; the inbox by submission and priority."""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

URGENT = {"sqlite_where": sa.text("urgent = 1"), "postgresql_where": sa.text("urgent")}
INDEXES = (
    ("ix_case_file_stage_due", "case_file", ["tenant_id", "stage_key", "due_at", "id"], {}),
    ("ix_case_file_role_submitted", "case_file", ["tenant_id", "stage_role", "submitted_at", "id"], {}),
    ("ix_case_file_state_submitted", "case_file", ["tenant_id", "state", "submitted_at", "id"], {}),
    ("ix_case_file_urgent_role", "case_file", ["tenant_id", "stage_role", "due_at", "id"], URGENT),
    ("ix_case_file_urgent_state", "case_file", ["tenant_id", "state", "due_at", "id"], URGENT),
    ("ix_case_seat_role_submitted", "case_seat", ["tenant_id", "stage_role", "submitted_at", "case_id"], {}),
    ("ix_case_hold_officer", "case_hold", ["tenant_id", "officer_id", "id"], {}),
    ("ix_case_viewer_seen", "case_viewer", ["tenant_id", "seen_at"], {}),
    ("ix_bulk_run_officer", "bulk_run", ["tenant_id", "officer_id", "id"], {}),
)


def instant(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, tenants.base.Instant(timezone=True), nullable=nullable)


def whole(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def words(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=False)


def owned(name: str, *parts: sa.schema.SchemaItem, upt: bool = False, case: bool = False) -> None:
    """A tenant-owned table, with the keys that hold it within its tenant."""
    keys = [sa.Column("id", sa.Integer(), autoincrement=True, nullable=False), whole("tenant_id")]
    keys.append(sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]))
    if upt:
        keys.append(whole("upt_id", nullable=True))
        keys.append(sa.ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"]))
    if case:
        keys.append(whole("case_id"))
        keys.append(
            sa.ForeignKeyConstraint(["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"])
        )
    unique = sa.UniqueConstraint("tenant_id", "id")
    op.create_table(name, *keys, *parts, sa.PrimaryKeyConstraint("id"), unique)


def upgrade() -> None:
    op.add_column("case_seat", instant("submitted_at", nullable=True))
    op.execute(
        "UPDATE case_seat SET submitted_at ="
        " (SELECT c.submitted_at FROM case_file c WHERE c.id = case_seat.case_id)"
    )
    with op.batch_alter_table("case_seat") as batch:
        batch.alter_column("submitted_at", existing_type=tenants.base.Instant(timezone=True), nullable=False)
    owned(
        "case_hold",
        words("stage_key", 50),
        whole("step_no"),
        words("kind", 10),
        whole("officer_id"),
        words("officer_name", 200),
        instant("until_at", nullable=True),
        instant("created_at"),
        sa.UniqueConstraint("tenant_id", "case_id", "stage_key"),
        upt=True,
        case=True,
    )
    owned(
        "saved_view",
        whole("officer_id"),
        words("name", 60),
        words("query", 400),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        instant("created_at"),
        sa.UniqueConstraint("tenant_id", "officer_id", "name"),
    )
    owned(
        "case_viewer",
        whole("officer_id"),
        words("officer_name", 200),
        words("office", 160),
        instant("seen_at"),
        sa.UniqueConstraint("tenant_id", "case_id", "officer_id"),
        case=True,
    )
    owned(
        "bulk_run",
        whole("officer_id"),
        words("state", 10),
        whole("total"),
        sa.Column("asked", tenants.base.JSONText(), nullable=False),
        sa.Column("results", tenants.base.JSONText(), nullable=False),
        instant("created_at"),
        instant("ended_at", nullable=True),
        upt=True,
    )
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, unique=False, **where)


def downgrade() -> None:
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for table in ("bulk_run", "case_viewer", "saved_view", "case_hold"):
        op.drop_table(table)
    with op.batch_alter_table("case_seat") as batch:
        batch.drop_column("submitted_at")
