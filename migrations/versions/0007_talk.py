"""What is said about a case: comments, internal notes, their files, opinions and invitations of experts."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FROZEN = Path(__file__).resolve().parent.parent / "frozen"


def upgrade() -> None:
    tables()
    dialect = op.get_bind().dialect.name
    for statement in (FROZEN / f"0007_talk_{dialect}.sql").read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(statement)


def tables() -> None:
    op.create_table(
        "guest_link",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256"),
    )
    op.create_table(
        "case_comment",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("author_office", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mentions", tenants.base.JSONText(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("said_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("struck_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("upt_id", sa.Integer(), nullable=True),
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
    )
    op.create_index(
        "ix_case_comment_case", "case_comment", ["tenant_id", "case_id", "said_at", "id"], unique=False
    )
    op.create_table(
        "case_note",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("author_office", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mentions", tenants.base.JSONText(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("said_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("struck_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["case_file.tenant_id", "case_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_case_note_case", "case_note", ["tenant_id", "case_id", "said_at", "id"], unique=False)
    op.create_table(
        "case_invitation",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("office", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("invited_by_name", sa.String(length=200), nullable=False),
        sa.Column("invited_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("revoked_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("used_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("used_key", sa.String(length=64), nullable=True),
        sa.Column("note_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["case_file.tenant_id", "case_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "note_id"],
            ["case_note.tenant_id", "case_note.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "token_sha256"),
    )
    op.create_index(
        "ix_case_invitation_case", "case_invitation", ["tenant_id", "case_id", "id"], unique=False
    )
    op.create_table(
        "case_opinion",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("asker_name", sa.String(length=200), nullable=False),
        sa.Column("asked_id", sa.Integer(), nullable=False),
        sa.Column("asked_name", sa.String(length=200), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("asked_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("answered_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("note_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["case_file.tenant_id", "case_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "note_id"],
            ["case_note.tenant_id", "case_note.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index(
        "ix_case_opinion_asked", "case_opinion", ["tenant_id", "asked_id", "answered_at", "id"], unique=False
    )
    op.create_index("ix_case_opinion_case", "case_opinion", ["tenant_id", "case_id", "id"], unique=False)
    op.create_table(
        "comment_file",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["case_file.tenant_id", "case_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "comment_id"],
            ["case_comment.tenant_id", "case_comment.id"],
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
    op.create_index("ix_comment_file_case", "comment_file", ["tenant_id", "case_id", "id"], unique=False)
    op.create_table(
        "note_file",
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["case_file.tenant_id", "case_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "note_id"],
            ["case_note.tenant_id", "case_note.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "key"),
    )
    op.create_index("ix_note_file_case", "note_file", ["tenant_id", "case_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_note_file_case", table_name="note_file")
    op.drop_table("note_file")
    op.drop_index("ix_comment_file_case", table_name="comment_file")
    op.drop_table("comment_file")
    op.drop_index("ix_case_opinion_case", table_name="case_opinion")
    op.drop_index("ix_case_opinion_asked", table_name="case_opinion")
    op.drop_table("case_opinion")
    op.drop_index("ix_case_invitation_case", table_name="case_invitation")
    op.drop_table("case_invitation")
    op.drop_index("ix_case_note_case", table_name="case_note")
    op.drop_table("case_note")
    op.drop_index("ix_case_comment_case", table_name="case_comment")
    op.drop_table("case_comment")
    op.drop_table("guest_link")
