"""The tables of the first house, with their triggers and search indexes."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FROZEN = Path(__file__).resolve().parent.parent / "frozen"


def upgrade() -> None:
    tables()
    dialect = op.get_bind().dialect.name
    for statement in (FROZEN / f"0001_{dialect}.sql").read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(statement)


def tables() -> None:
    op.create_table(
        "ab_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=150), nullable=True),
        sa.Column("description", sa.String(length=512), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "ab_permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "ab_register_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("registration_date", sa.DateTime(), nullable=True),
        sa.Column("registration_hash", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "ab_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "ab_view_menu",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "kanwil",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_kemenkumham", sa.String(length=200), nullable=False),
        sa.Column("name_ditjenpas", sa.String(length=200), nullable=False),
        sa.Column("province", sa.String(length=80), nullable=False),
        sa.Column("capital", sa.String(length=80), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "national_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("lines_read", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("total_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("parts", tenants.base.JSONText(), nullable=False),
        sa.Column("lines", tenants.base.JSONText(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=160), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("finished_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "published_photo",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("product_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "product_id"),
    )
    op.create_index("ix_published_photo_product", "published_photo", ["product_id"], unique=False)
    op.create_table(
        "published_product",
        sa.Column("product_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("goods_group", sa.String(length=20), nullable=False),
        sa.Column("market_level", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("capacity_per_month", sa.Integer(), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=False),
        sa.Column("materials", sa.String(length=500), nullable=True),
        sa.Column("weight_gram", sa.Integer(), nullable=True),
        sa.Column("size", sa.String(length=100), nullable=True),
        sa.Column("papers", tenants.base.JSONText(), nullable=False),
        sa.Column("makers", tenants.base.JSONText(), nullable=False),
        sa.Column("photos", tenants.base.JSONText(), nullable=False),
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("kanwil_name", sa.String(length=120), nullable=False),
        sa.Column("upt_slug", sa.String(length=120), nullable=False),
        sa.Column("upt_name", sa.String(length=200), nullable=False),
        sa.Column("ekatalog_url", sa.String(length=300), nullable=True),
        sa.Column("revision_no", sa.Integer(), nullable=False),
        sa.Column("published_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product_id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_index(
        "ix_published_category", "published_product", ["state", "category", "product_id"], unique=False
    )
    op.create_index(
        "ix_published_kanwil", "published_product", ["state", "kanwil_code", "product_id"], unique=False
    )
    op.create_index("ix_published_state", "published_product", ["state", "product_id"], unique=False)
    op.create_index(
        "ix_published_upt", "published_product", ["state", "upt_slug", "product_id"], unique=False
    )
    op.create_table(
        "published_tally",
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("upt_slug", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("kanwil_name", sa.String(length=120), nullable=False),
        sa.Column("upt_name", sa.String(length=200), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kanwil_code", "upt_slug", "category"),
    )
    op.create_table(
        "published_verification",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("identifier", sa.String(length=32), nullable=False),
        sa.Column("recap_id", sa.Integer(), nullable=False),
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("kanwil_name", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=160), nullable=False),
        sa.Column("figures_sha256", sa.String(length=64), nullable=False),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.Column("office", sa.String(length=200), nullable=False),
        sa.Column("signed_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("acknowledged_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=200), nullable=True),
        sa.Column("replaced_by", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("identifier"),
    )
    op.create_table(
        "published_verification_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", tenants.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index(
        "ix_published_verification_file_code", "published_verification_file", ["code"], unique=False
    )
    op.create_table(
        "rate_window",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("began_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_rate_window_began_at"), "rate_window", ["began_at"], unique=False)
    op.create_table(
        "request_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=True),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("officer_id", "operation", "key"),
    )
    op.create_table(
        "worker_slot",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("beat_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("taken_over", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "ab_group_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["ab_group.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("group_id", "role_id"),
    )
    op.create_index("idx_group_id", "ab_group_role", ["group_id"], unique=False)
    op.create_index("idx_group_role_id", "ab_group_role", ["role_id"], unique=False)
    op.create_table(
        "ab_permission_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.Column("view_menu_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"],
            ["ab_permission.id"],
        ),
        sa.ForeignKeyConstraint(
            ["view_menu_id"],
            ["ab_view_menu.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("permission_id", "view_menu_id"),
    )
    op.create_index("idx_permission_id", "ab_permission_view", ["permission_id"], unique=False)
    op.create_index("idx_view_menu_id", "ab_permission_view", ["view_menu_id"], unique=False)
    op.create_table(
        "audit_chain",
        sa.Column("chain", sa.String(length=60), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "chain"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_table(
        "buyer_figure",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("buyer_key", sa.String(length=310), nullable=False),
        sa.Column("buyer_kind", sa.String(length=12), nullable=False),
        sa.Column("packages", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "month", "buyer_key"),
    )
    op.create_index(
        "ix_buyer_figure_month", "buyer_figure", ["month", "tenant_id", "buyer_kind"], unique=False
    )
    op.create_table(
        "closure",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "day"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_table(
        "definition_version",
        sa.Column("subject_type", sa.String(length=50), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", tenants.base.JSONText(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "subject_type", "version"),
    )
    op.create_table(
        "directory_upt",
        sa.Column("upt_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=120), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("kanwil_id", sa.Integer(), nullable=False),
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("kanwil_name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["kanwil_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("upt_id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_index("ix_directory_upt_kanwil", "directory_upt", ["kanwil_id"], unique=False)
    op.create_index("ix_directory_upt_name", "directory_upt", ["name"], unique=False)
    op.create_table(
        "kanwil_settings",
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("emblem_sha256", sa.String(length=64), nullable=True),
        sa.Column("number_pattern", sa.String(length=120), nullable=False),
        sa.Column("price_band", sa.Integer(), nullable=False),
        sa.Column("copies", tenants.base.JSONText(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_table(
        "letter_sequence",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "year"),
    )
    op.create_table(
        "pnbp_rule",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "year"),
    )
    op.create_table(
        "purchase_import",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("chosen", tenants.base.JSONText(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("lines_read", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("total_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("totals", tenants.base.JSONText(), nullable=False),
        sa.Column("months", tenants.base.JSONText(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("national_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_by_name", sa.String(length=160), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("finished_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["national_id"],
            ["national_import.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index(
        "ix_purchase_import_recent", "purchase_import", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "reach_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("kanwil_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", tenants.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["kanwil_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "upt",
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("unit_class", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=120), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug"),
        sa.UniqueConstraint("tenant_id", "code"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_table(
        "ab_permission_view_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_view_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["permission_view_id"], ["ab_permission_view.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("permission_view_id", "role_id"),
    )
    op.create_index("idx_permission_view_id", "ab_permission_view_role", ["permission_view_id"], unique=False)
    op.create_index("idx_role_id", "ab_permission_view_role", ["role_id"], unique=False)
    op.create_table(
        "ab_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("last_login", sa.DateTime(), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("fail_login_count", sa.Integer(), nullable=True),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("changed_on", sa.DateTime(), nullable=True),
        sa.Column("created_by_fk", sa.Integer(), nullable=True),
        sa.Column("changed_by_fk", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("upt_id", sa.Integer(), nullable=True),
        sa.Column("office", sa.String(length=160), nullable=True),
        sa.Column("rank", sa.String(length=80), nullable=True),
        sa.Column("nip", sa.String(length=18), nullable=True),
        sa.Column("locked_until", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("session_version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_fk"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["created_by_fk"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"], name="fk_ab_user_upt"),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("username"),
    )
    op.create_index("ix_ab_user_tenant", "ab_user", ["tenant_id", "upt_id"], unique=False)
    op.create_table(
        "audit_event",
        sa.Column("chain", sa.String(length=60), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=True),
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
        sa.UniqueConstraint("tenant_id", "chain", "seq"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_audit_event_at", "audit_event", ["tenant_id", "at", "chain", "seq"], unique=False)
    op.create_table(
        "case_file",
        sa.Column("subject_type", sa.String(length=50), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("revision_no", sa.Integer(), nullable=False),
        sa.Column("previous_case_id", sa.Integer(), nullable=True),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("stage_key", sa.String(length=50), nullable=True),
        sa.Column("stage_role", sa.String(length=50), nullable=True),
        sa.Column("stage_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("escalated_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("facet", sa.String(length=50), nullable=True),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("fields", tenants.base.JSONText(), nullable=False),
        sa.Column("answers", tenants.base.JSONText(), nullable=False),
        sa.Column("editor_ids", tenants.base.JSONText(), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=False),
        sa.Column("submitted_by_name", sa.String(length=200), nullable=False),
        sa.Column("submitted_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("closed_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("chain_seq", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.String(length=64), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "definition_id"],
            ["definition_version.tenant_id", "definition_version.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "previous_case_id"],
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
        "ix_case_file_role_again_due",
        "case_file",
        ["tenant_id", "stage_role", "again", "due_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_case_file_role_due", "case_file", ["tenant_id", "stage_role", "due_at", "id"], unique=False
    )
    op.create_index(
        "ix_case_file_role_facet_due",
        "case_file",
        ["tenant_id", "stage_role", "facet", "due_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_case_file_state_due", "case_file", ["tenant_id", "state", "due_at", "id"], unique=False
    )
    op.create_index(
        "ix_case_file_subject", "case_file", ["tenant_id", "subject_type", "subject_id", "id"], unique=False
    )
    op.create_index(
        "ix_case_file_upt_due", "case_file", ["tenant_id", "upt_id", "state", "due_at", "id"], unique=False
    )
    op.create_index(
        "uq_case_file_one_open",
        "case_file",
        ["tenant_id", "subject_type", "subject_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "import_line",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("issues", tenants.base.JSONText(), nullable=False),
        sa.Column("raw", tenants.base.JSONText(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["purchase_import.tenant_id", "purchase_import.id"],
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_import_line", "import_line", ["tenant_id", "import_id", "line", "id"], unique=False)
    op.create_table(
        "month_figure",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("category", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("buyer_kind", sa.String(length=12), nullable=False),
        sa.Column("packages", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_rupiah", sa.BigInteger(), nullable=False),
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
        sa.UniqueConstraint("tenant_id", "month", "upt_id", "category", "status", "buyer_kind"),
    )
    op.create_index("ix_month_figure_month", "month_figure", ["month", "tenant_id", "status"], unique=False)
    op.create_table(
        "notice",
        sa.Column("to_officer_id", sa.Integer(), nullable=True),
        sa.Column("to_role", sa.String(length=50), nullable=True),
        sa.Column("to_upt_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("read_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("mailed_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_notice_officer", "notice", ["tenant_id", "to_officer_id", "id"], unique=False)
    op.create_index("ix_notice_role", "notice", ["tenant_id", "to_role", "id"], unique=False)
    op.create_index("ix_notice_unmailed", "notice", ["tenant_id", "mailed_at", "id"], unique=False)
    op.create_table(
        "obstacle",
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=160), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=True),
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
    )
    op.create_index("ix_obstacle_state", "obstacle", ["tenant_id", "state", "id"], unique=False)
    op.create_table(
        "purchase",
        sa.Column("package_id", sa.String(length=64), nullable=False),
        sa.Column("commodity", sa.String(length=300), nullable=False),
        sa.Column("product_name", sa.String(length=300), nullable=False),
        sa.Column("provider_name", sa.String(length=300), nullable=False),
        sa.Column("buyer_unit", sa.String(length=300), nullable=False),
        sa.Column("buyer_institution", sa.String(length=300), nullable=False),
        sa.Column("buyer_kind", sa.String(length=12), nullable=False),
        sa.Column("buyer_upt_id", sa.Integer(), nullable=True),
        sa.Column("purchased_on", sa.Date(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("shipping_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("total_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["purchase_import.tenant_id", "purchase_import.id"],
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
        sa.UniqueConstraint("tenant_id", "package_id"),
    )
    op.create_index(
        "ix_purchase_month", "purchase", ["tenant_id", "month", "status", "purchased_on", "id"], unique=False
    )
    op.create_index("ix_purchase_recent", "purchase", ["tenant_id", "purchased_on", "id"], unique=False)
    op.create_index(
        "ix_purchase_upt_recent", "purchase", ["tenant_id", "upt_id", "purchased_on", "id"], unique=False
    )
    op.create_table(
        "target",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("omzet_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("pnbp_rupiah", sa.BigInteger(), nullable=False),
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
        "upt_alias",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("plain_name", sa.String(length=300), nullable=False),
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
        sa.UniqueConstraint("tenant_id", "plain_name"),
    )
    op.create_table(
        "ab_api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("key_hash", sa.String(length=256), nullable=False),
        sa.Column("lookup_hash", sa.String(length=256), nullable=True),
        sa.Column("key_prefix", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("expires_on", sa.DateTime(), nullable=True),
        sa.Column("revoked_on", sa.DateTime(), nullable=True),
        sa.Column("last_used_on", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lookup_hash"),
        sa.UniqueConstraint("uuid"),
    )
    op.create_index("idx_api_key_lookup_hash", "ab_api_key", ["lookup_hash"], unique=True)
    op.create_index("idx_api_key_prefix", "ab_api_key", ["key_prefix"], unique=False)
    op.create_index("idx_api_key_user_id", "ab_api_key", ["user_id"], unique=False)
    op.create_table(
        "ab_user_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["ab_group.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "group_id"),
    )
    op.create_index("idx_user_group_id", "ab_user_group", ["group_id"], unique=False)
    op.create_index("idx_user_id", "ab_user_group", ["user_id"], unique=False)
    op.create_table(
        "ab_user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "role_id"),
    )
    op.create_table(
        "decision",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("stage_no", sa.Integer(), nullable=False),
        sa.Column("stage_key", sa.String(length=50), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("officer_name", sa.String(length=200), nullable=False),
        sa.Column("acting_as", sa.String(length=120), nullable=False),
        sa.Column("checklist", tenants.base.JSONText(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("requests", tenants.base.JSONText(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("decided_at", tenants.base.Instant(timezone=True), nullable=False),
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
        sa.UniqueConstraint("tenant_id", "case_id", "officer_id", "key"),
        sa.UniqueConstraint("tenant_id", "case_id", "stage_no"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index(
        "ix_decision_officer", "decision", ["tenant_id", "officer_id", "decided_at"], unique=False
    )
    op.create_table(
        "product",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("public_state", sa.String(length=20), nullable=True),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("cover", tenants.base.JSONText(), nullable=True),
        sa.Column("revision_no", sa.Integer(), nullable=False),
        sa.Column("published_revision_no", sa.Integer(), nullable=True),
        sa.Column("published_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ekatalog_id", sa.String(length=60), nullable=True),
        sa.Column("ekatalog_url", sa.String(length=300), nullable=True),
        sa.Column("ekatalog_registered_on", sa.Date(), nullable=True),
        sa.Column("ekatalog_delisted_on", sa.Date(), nullable=True),
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
        sa.UniqueConstraint("slug"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index(
        "ix_product_public", "product", ["tenant_id", "public_state", "published_at"], unique=False
    )
    op.create_index("ix_product_state", "product", ["tenant_id", "state", "id"], unique=False)
    op.create_index("ix_product_upt", "product", ["tenant_id", "upt_id", "id"], unique=False)
    op.create_index("ix_product_upt_state", "product", ["tenant_id", "upt_id", "state", "id"], unique=False)
    op.create_table(
        "purchase_version",
        sa.Column("purchase_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", tenants.base.JSONText(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("replaced_by_import_id", sa.Integer(), nullable=True),
        sa.Column("replaced_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_id"],
            ["purchase.tenant_id", "purchase.id"],
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
        sa.UniqueConstraint("tenant_id", "purchase_id", "version"),
    )
    op.create_table(
        "recap",
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_until", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revision_no", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("drafted_by", sa.Integer(), nullable=False),
        sa.Column("drafted_by_name", sa.String(length=200), nullable=False),
        sa.Column("drafted_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("frozen_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("figures_sha256", sa.String(length=64), nullable=True),
        sa.Column("purchases_sha256", sa.String(length=64), nullable=True),
        sa.Column("history_sha256", sa.String(length=64), nullable=True),
        sa.Column("preview_sha256", sa.String(length=64), nullable=True),
        sa.Column("summary", tenants.base.JSONText(), nullable=False),
        sa.Column("submitted_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("signing_by", sa.Integer(), nullable=True),
        sa.Column("signing_since", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("number", sa.String(length=160), nullable=True),
        sa.Column("code", sa.String(length=24), nullable=True),
        sa.Column("signed_sha256", sa.String(length=64), nullable=True),
        sa.Column("signed_by", sa.Integer(), nullable=True),
        sa.Column("signer_name", sa.String(length=200), nullable=True),
        sa.Column("signer_office", sa.String(length=200), nullable=True),
        sa.Column("signed_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("delivered_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("receiving_since", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("acknowledged_sha256", sa.String(length=64), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("acknowledged_name", sa.String(length=200), nullable=True),
        sa.Column("acknowledged_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["case_file.tenant_id", "case_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "replaces_id"],
            ["recap.tenant_id", "recap.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "number"),
    )
    op.create_index("ix_recap_period", "recap", ["tenant_id", "period_from", "id"], unique=False)
    op.create_index("ix_recap_state", "recap", ["state", "delivered_at", "id"], unique=False)
    op.create_index(
        "uq_recap_one_underway",
        "recap",
        ["tenant_id", "period"],
        unique=True,
        sqlite_where=sa.text("signed_at IS NULL"),
        postgresql_where=sa.text("signed_at IS NULL"),
    )
    op.create_table(
        "product_photo",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("thumbs", tenants.base.JSONText(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
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
    )
    op.create_index("ix_product_photo", "product_photo", ["tenant_id", "product_id"], unique=False)
    op.create_table(
        "product_revision",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("content", tenants.base.JSONText(), nullable=False),
        sa.Column("answers", tenants.base.JSONText(), nullable=False),
        sa.Column("edited_by", tenants.base.JSONText(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("submitted_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
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
        sa.UniqueConstraint("tenant_id", "product_id", "no"),
    )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        op.execute("DROP TABLE published_search")
    drop_tables()
    if dialect == "postgresql":
        for function in ("karya_append_only", "karya_revision_kept", "karya_published"):
            op.execute(f"DROP FUNCTION {function}()")


def drop_tables() -> None:
    op.drop_table("product_revision")
    op.drop_index("ix_product_photo", table_name="product_photo")
    op.drop_table("product_photo")
    op.drop_index(
        "uq_recap_one_underway",
        table_name="recap",
        sqlite_where=sa.text("signed_at IS NULL"),
        postgresql_where=sa.text("signed_at IS NULL"),
    )
    op.drop_index("ix_recap_state", table_name="recap")
    op.drop_index("ix_recap_period", table_name="recap")
    op.drop_table("recap")
    op.drop_table("purchase_version")
    op.drop_index("ix_product_upt_state", table_name="product")
    op.drop_index("ix_product_upt", table_name="product")
    op.drop_index("ix_product_state", table_name="product")
    op.drop_index("ix_product_public", table_name="product")
    op.drop_table("product")
    op.drop_index("ix_decision_officer", table_name="decision")
    op.drop_table("decision")
    op.drop_table("ab_user_role")
    op.drop_index("idx_user_id", table_name="ab_user_group")
    op.drop_index("idx_user_group_id", table_name="ab_user_group")
    op.drop_table("ab_user_group")
    op.drop_index("idx_api_key_user_id", table_name="ab_api_key")
    op.drop_index("idx_api_key_prefix", table_name="ab_api_key")
    op.drop_index("idx_api_key_lookup_hash", table_name="ab_api_key")
    op.drop_table("ab_api_key")
    op.drop_table("upt_alias")
    op.drop_table("target")
    op.drop_index("ix_purchase_upt_recent", table_name="purchase")
    op.drop_index("ix_purchase_recent", table_name="purchase")
    op.drop_index("ix_purchase_month", table_name="purchase")
    op.drop_table("purchase")
    op.drop_index("ix_obstacle_state", table_name="obstacle")
    op.drop_table("obstacle")
    op.drop_index("ix_notice_unmailed", table_name="notice")
    op.drop_index("ix_notice_role", table_name="notice")
    op.drop_index("ix_notice_officer", table_name="notice")
    op.drop_table("notice")
    op.drop_index("ix_month_figure_month", table_name="month_figure")
    op.drop_table("month_figure")
    op.drop_index("ix_import_line", table_name="import_line")
    op.drop_table("import_line")
    op.drop_index(
        "uq_case_file_one_open",
        table_name="case_file",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_case_file_upt_due", table_name="case_file")
    op.drop_index("ix_case_file_subject", table_name="case_file")
    op.drop_index("ix_case_file_state_due", table_name="case_file")
    op.drop_index("ix_case_file_role_facet_due", table_name="case_file")
    op.drop_index("ix_case_file_role_due", table_name="case_file")
    op.drop_index("ix_case_file_role_again_due", table_name="case_file")
    op.drop_table("case_file")
    op.drop_index("ix_audit_event_at", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_index("ix_ab_user_tenant", table_name="ab_user")
    op.drop_table("ab_user")
    op.drop_index("idx_role_id", table_name="ab_permission_view_role")
    op.drop_index("idx_permission_view_id", table_name="ab_permission_view_role")
    op.drop_table("ab_permission_view_role")
    op.drop_table("upt")
    op.drop_table("reach_log")
    op.drop_index("ix_purchase_import_recent", table_name="purchase_import")
    op.drop_table("purchase_import")
    op.drop_table("pnbp_rule")
    op.drop_table("letter_sequence")
    op.drop_table("kanwil_settings")
    op.drop_index("ix_directory_upt_name", table_name="directory_upt")
    op.drop_index("ix_directory_upt_kanwil", table_name="directory_upt")
    op.drop_table("directory_upt")
    op.drop_table("definition_version")
    op.drop_table("closure")
    op.drop_index("ix_buyer_figure_month", table_name="buyer_figure")
    op.drop_table("buyer_figure")
    op.drop_table("audit_chain")
    op.drop_index("idx_view_menu_id", table_name="ab_permission_view")
    op.drop_index("idx_permission_id", table_name="ab_permission_view")
    op.drop_table("ab_permission_view")
    op.drop_index("idx_group_role_id", table_name="ab_group_role")
    op.drop_index("idx_group_id", table_name="ab_group_role")
    op.drop_table("ab_group_role")
    op.drop_table("worker_slot")
    op.drop_table("request_key")
    op.drop_index(op.f("ix_rate_window_began_at"), table_name="rate_window")
    op.drop_table("rate_window")
    op.drop_index("ix_published_verification_file_code", table_name="published_verification_file")
    op.drop_table("published_verification_file")
    op.drop_table("published_verification")
    op.drop_table("published_tally")
    op.drop_index("ix_published_upt", table_name="published_product")
    op.drop_index("ix_published_state", table_name="published_product")
    op.drop_index("ix_published_kanwil", table_name="published_product")
    op.drop_index("ix_published_category", table_name="published_product")
    op.drop_table("published_product")
    op.drop_index("ix_published_photo_product", table_name="published_photo")
    op.drop_table("published_photo")
    op.drop_table("national_import")
    op.drop_table("kanwil")
    op.drop_table("holiday")
    op.drop_table("ab_view_menu")
    op.drop_table("ab_role")
    op.drop_table("ab_register_user")
    op.drop_table("ab_permission")
    op.drop_table("ab_group")
