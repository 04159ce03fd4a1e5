"""Drafts of definitions and their simulations; the national default with its locks; who published a version."""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def edited() -> list[sa.Column]:
    return [
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edited_by", sa.Integer(), nullable=False),
        sa.Column("edited_by_name", sa.String(length=200), nullable=False),
        sa.Column("edited_at", tenants.base.Instant(timezone=True), nullable=False),
    ]


def owned() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
    ]


def upgrade() -> None:
    op.add_column("definition_version", sa.Column("published_by_name", sa.String(length=200), nullable=True))
    op.create_table(
        "definition_draft",
        sa.Column("subject_type", sa.String(length=50), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *edited(),
        *owned(),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "subject_type"),
    )
    op.create_table(
        "definition_simulation",
        sa.Column("subject_type", sa.String(length=50), nullable=False),
        sa.Column("document", tenants.base.JSONText(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("result", tenants.base.JSONText(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("finished_at", tenants.base.Instant(timezone=True), nullable=True),
        *owned(),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index(
        "ix_definition_simulation_subject",
        "definition_simulation",
        ["tenant_id", "subject_type", "id"],
        unique=False,
    )
    op.create_table(
        "national_definition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_type", sa.String(length=50), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", tenants.base.JSONText(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("locked", tenants.base.JSONText(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("published_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=False),
        sa.Column("published_by_name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject_type", "version"),
    )
    op.create_table(
        "national_draft",
        sa.Column("subject_type", sa.String(length=50), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locked", tenants.base.JSONText(), nullable=False),
        *edited(),
        sa.PrimaryKeyConstraint("subject_type"),
    )


def downgrade() -> None:
    op.drop_table("national_draft")
    op.drop_table("national_definition")
    op.drop_index("ix_definition_simulation_subject", table_name="definition_simulation")
    op.drop_table("definition_simulation")
    op.drop_table("definition_draft")
    op.drop_column("definition_version", "published_by_name")
