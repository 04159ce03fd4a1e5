"""What a returned case asked, frozen into the next one, and which of it a decision ticks off.

Cases that were submitted before this revision carry no list, so nothing of theirs has to be ticked.
"""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("asked", tenants.base.JSONText(), nullable=True))
    op.add_column("decision", sa.Column("settled", tenants.base.JSONText(), nullable=True))


def downgrade() -> None:
    op.drop_column("decision", "settled")
    op.drop_column("case_file", "asked")
