"""Readiness of the UPT by year, what UPT could make a month, and the institutions that ought to buy."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

FROZEN = Path(__file__).resolve().parent.parent / "frozen"
CAPACITY = """INSERT INTO published_capacity (kanwil_code, upt_slug, products, capacity_per_month)
  SELECT kanwil_code, upt_slug, count(*), sum(capacity_per_month) FROM published_product
  WHERE state = 'published' GROUP BY kanwil_code, upt_slug"""


def upgrade() -> None:
    tables()
    op.execute(CAPACITY)
    dialect = op.get_bind().dialect.name
    for statement in (
        (FROZEN / f"0027_readiness_{dialect}.sql").read_text(encoding="utf-8").split("\n-- next\n")
    ):
        op.execute(statement)


def tables() -> None:
    op.create_table(
        "buying_institution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("plain_name", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("names", tenants.base.JSONText(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_by_name", sa.String(length=200), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plain_name"),
    )
    op.create_table(
        "published_capacity",
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("upt_slug", sa.String(length=120), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.Column("capacity_per_month", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kanwil_code", "upt_slug"),
    )
    op.create_table(
        "readiness_questionnaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", tenants.base.JSONText(), nullable=False),
        sa.Column("edit_no", sa.Integer(), nullable=False),
        sa.Column("edited_by_name", sa.String(length=200), nullable=False),
        sa.Column("edited_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("published_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("published_by_name", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("version"),
    )
    op.create_table(
        "readiness",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision_no", sa.Integer(), nullable=False),
        sa.Column("questionnaire_version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("self_scores", tenants.base.JSONText(), nullable=False),
        sa.Column("verified_scores", tenants.base.JSONText(), nullable=True),
        sa.Column("replies", tenants.base.JSONText(), nullable=False),
        sa.Column("edited_by", tenants.base.JSONText(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("submitted_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("verified_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["case_file.tenant_id", "case_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "upt_id", "year"),
    )
    op.create_index("ix_readiness_year", "readiness", ["tenant_id", "year", "state", "id"], unique=False)
    op.create_table(
        "readiness_answer",
        sa.Column("readiness_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("changed_version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("verified_score", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.Integer(), nullable=True),
        sa.Column("verified_by_name", sa.String(length=200), nullable=True),
        sa.Column("verified_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "readiness_id"],
            ["readiness.tenant_id", "readiness.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "readiness_id", "question"),
    )
    op.create_table(
        "readiness_evidence",
        sa.Column("readiness_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("removed_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "readiness_id"],
            ["readiness.tenant_id", "readiness.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "key"),
    )
    op.create_index(
        "ix_readiness_evidence", "readiness_evidence", ["tenant_id", "readiness_id", "id"], unique=False
    )
    op.create_table(
        "readiness_gap",
        sa.Column("readiness_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=160), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "readiness_id"],
            ["readiness.tenant_id", "readiness.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_readiness_gap", "readiness_gap", ["tenant_id", "readiness_id", "id"], unique=False)
    op.create_index(
        "ix_readiness_gap_open",
        "readiness_gap",
        ["tenant_id", "due_on", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "readiness_score",
        sa.Column("readiness_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("questionnaire_version", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("marketing", sa.Integer(), nullable=False),
        sa.Column("cooperation", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("verified_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["case_file.tenant_id", "case_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "readiness_id"],
            ["readiness.tenant_id", "readiness.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "upt_id", "year"),
    )
    op.create_index("ix_readiness_score_year", "readiness_score", ["year", "tenant_id"], unique=False)


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.execute("DROP TRIGGER IF EXISTS published_capacity_kept ON published_product")
    else:
        for word in ("added", "changed", "removed"):
            op.execute(f"DROP TRIGGER IF EXISTS published_capacity_{word}")
    for table in (
        "readiness_score",
        "readiness_gap",
        "readiness_evidence",
        "readiness_answer",
        "readiness",
        "readiness_questionnaire",
        "published_capacity",
        "buying_institution",
    ):
        op.drop_table(table)  # indexes and the triggers on them go along
    if on_postgresql:
        for name in ("karya_published_capacity", "karya_questionnaire_kept", "karya_readiness_score_kept"):
            op.execute(f"DROP FUNCTION IF EXISTS {name}")
