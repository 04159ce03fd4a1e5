"""Partners and their agreements; persons in custody kept apart, their trainings, consents and certificates.

The tables of persons belong to a UPT alone: the Kanwil's and the centre's reach find no row in them.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None

FROZEN = Path(__file__).resolve().parent.parent / "frozen"


def upgrade() -> None:
    partners()
    people()
    trainings()
    awards()
    op.add_column(
        "kanwil_settings", sa.Column("person_years", sa.Integer(), server_default="5", nullable=False)
    )
    op.add_column("published_product", sa.Column("partner", sa.String(length=200), nullable=True))
    dialect = op.get_bind().dialect.name
    for statement in (FROZEN / f"0025_people_{dialect}.sql").read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(statement)


def partners() -> None:
    op.create_table(
        "partner",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("contact", sa.String(length=160), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("agreed_from", sa.Date(), nullable=True),
        sa.Column("agreed_until", sa.Date(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "name"),
    )
    op.create_index("ix_partner_until", "partner", ["tenant_id", "agreed_until", "id"], unique=False)
    op.create_table(
        "partner_agreement",
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=120), nullable=True),
        sa.Column("file_kind", sa.String(length=8), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_why", sa.String(length=500), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=130), nullable=False),
        sa.Column("recorded_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partner.tenant_id", "partner.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "partner_id", "number"),
    )
    op.create_index("ix_agreement_until", "partner_agreement", ["tenant_id", "until_on", "id"], unique=False)
    op.create_table(
        "agreement_reminder",
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("told_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "agreement_id"],
            ["partner_agreement.tenant_id", "partner_agreement.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "agreement_id", "until_on", "step"),
        sa.UniqueConstraint("tenant_id", "id"),
    )


def people() -> None:
    op.create_table(
        "person",
        sa.Column("key_sealed", sa.Text(), nullable=True),
        sa.Column("name_sealed", sa.Text(), nullable=True),
        sa.Column("number_sealed", sa.Text(), nullable=True),
        sa.Column("number_index", sa.String(length=64), nullable=True),
        sa.Column("words", tenants.base.JSONText(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("warned_on", sa.Date(), nullable=True),
        sa.Column("erased_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("erased_why", sa.String(length=12), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
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
        sa.UniqueConstraint("tenant_id", "upt_id", "number_index"),
    )
    op.create_index("ix_person_since", "person", ["tenant_id", "upt_id", "since_on", "id"], unique=False)
    op.create_index("ix_person_upt", "person", ["tenant_id", "upt_id", "id"], unique=False)
    op.create_table(
        "maker_consent",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("credit_sealed", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name_sealed", sa.Text(), nullable=False),
        sa.Column("file_kind", sa.String(length=8), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=130), nullable=False),
        sa.Column("recorded_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("withdrawn_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("withdrawn_by_name", sa.String(length=130), nullable=True),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
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
    op.create_index("ix_consent_person", "maker_consent", ["tenant_id", "person_id", "id"], unique=False)
    op.create_table(
        "person_access",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("officer_name", sa.String(length=130), nullable=False),
        sa.Column("office", sa.String(length=160), nullable=False),
        sa.Column("at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("purpose_sealed", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
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
        "ix_person_access_person", "person_access", ["tenant_id", "person_id", "id"], unique=False
    )
    op.create_index("ix_person_access_upt", "person_access", ["tenant_id", "upt_id", "id"], unique=False)
    op.create_table(
        "participation",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("activity", sa.String(length=150), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=130), nullable=False),
        sa.Column("recorded_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["product.tenant_id", "product.id"],
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
        "ix_participation_person", "participation", ["tenant_id", "person_id", "from_on", "id"], unique=False
    )
    op.create_table(
        "product_credit",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("consent_id", sa.Integer(), nullable=False),
        sa.Column("name_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["product.tenant_id", "product.id"],
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
        sa.UniqueConstraint("tenant_id", "product_id", "consent_id"),
    )
    op.create_index("ix_product_credit_consent", "product_credit", ["tenant_id", "consent_id"], unique=False)


def trainings() -> None:
    op.create_table(
        "training",
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("skill", sa.String(length=60), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("instructor", sa.String(length=150), nullable=False),
        sa.Column("place", sa.String(length=150), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("least_share", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("session_hours", sa.Integer(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("attended_hours", sa.Integer(), nullable=False),
        sa.Column("certificates", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "partner_id"],
            ["partner.tenant_id", "partner.id"],
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
    op.create_index("ix_training_from", "training", ["tenant_id", "from_on", "id"], unique=False)
    op.create_index("ix_training_partner", "training", ["tenant_id", "partner_id", "id"], unique=False)
    op.create_index("ix_training_upt", "training", ["tenant_id", "upt_id", "from_on", "id"], unique=False)
    op.create_table(
        "trainee",
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("added_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "training_id"],
            ["training.tenant_id", "training.id"],
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
        sa.UniqueConstraint("tenant_id", "training_id", "person_id"),
    )
    op.create_index("ix_trainee_person", "trainee", ["tenant_id", "person_id", "id"], unique=False)
    op.create_table(
        "training_session",
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "training_id"],
            ["training.tenant_id", "training.id"],
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
        "ix_training_session", "training_session", ["tenant_id", "training_id", "held_on", "id"], unique=False
    )
    op.create_table(
        "attendance",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "session_id"],
            ["training_session.tenant_id", "training_session.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "trainee_id"],
            ["trainee.tenant_id", "trainee.id"],
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
        sa.UniqueConstraint("tenant_id", "session_id", "trainee_id"),
    )
    op.create_index("ix_attendance_trainee", "attendance", ["tenant_id", "trainee_id"], unique=False)


def awards() -> None:
    op.create_table(
        "award_sequence",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
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
    op.create_table(
        "award",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=60), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("number", sa.String(length=120), nullable=True),
        sa.Column("code", sa.String(length=24), nullable=True),
        sa.Column("signed_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("signer_name", sa.String(length=200), nullable=True),
        sa.Column("signer_office", sa.String(length=200), nullable=True),
        sa.Column("issued_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("revoked_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("revoked_by_name", sa.String(length=130), nullable=True),
        sa.Column("revoked_why_sealed", sa.Text(), nullable=True),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "training_id"],
            ["training.tenant_id", "training.id"],
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
        sa.UniqueConstraint("tenant_id", "upt_id", "number"),
    )
    op.create_index("ix_award_person", "award", ["tenant_id", "person_id", "id"], unique=False)
    op.create_index("ix_award_training", "award", ["tenant_id", "training_id", "id"], unique=False)
    op.create_index(
        "uq_award_standing",
        "award",
        ["tenant_id", "training_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_column("published_product", "partner")
    op.drop_column("kanwil_settings", "person_years")
    for table in (
        "award",
        "award_sequence",
        "attendance",
        "trainee",
        "training_session",
        "training",
        "participation",
        "product_credit",
        "maker_consent",
        "person_access",
        "person",
        "agreement_reminder",
        "partner_agreement",
        "partner",
    ):
        op.drop_table(table)  # its triggers and indexes go with it
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS karya_person_access_kept")
