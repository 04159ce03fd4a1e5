"""An officer's language: what he chose is kept with him, so that his mails are written in it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ab_user", sa.Column("language", sa.String(5), nullable=True))


def downgrade() -> None:
    # Both databases drop a column in place; a batch would copy the table and, on SQLite, cascade over what names it.
    op.execute("ALTER TABLE ab_user DROP COLUMN language")
