"""What roles are called on the screen, in the reader's language; letters print `ROLE_LABELS` as they are."""

from __future__ import annotations

from flask_babel import gettext as _


def role_words() -> dict[str, str]:
    """Role -> its name, in the order of `ROLE_LABELS`."""
    return {
        "operator_upt": _("Operator UPT"),
        "kepala_upt": _("Kepala UPT"),
        "pembina": _("Pembina"),
        "pemantau": _("Pemantau"),
        "pengendali": _("Pengendali"),
        "kadiv": _("Kepala Divisi Pemasyarakatan"),
        "kakanwil": _("Kepala Kantor Wilayah"),
        "admin_kanwil": _("Admin Kanwil"),
        "dirjen": _("Direktur Jenderal Pemasyarakatan"),
        "admin_pusat": _("Admin Pusat"),
        "auditor": _("Auditor"),
    }
