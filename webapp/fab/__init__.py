"""Flask-AppBuilder's CRUD pages for master data that no rule hangs on: a Kanwil's closures, other names of its UPT.

Whatever they write goes through `interface.AuditedInterface`: one transaction with its audit event.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Add the CRUD pages; FAB's menu lists them, our settings page links them."""
    from webapp.fab.views import ClosureView, UptAliasView

    appbuilder.add_view(ClosureView, "ClosureView", label=_l("Hari tutup"))
    appbuilder.add_view(UptAliasView, "UptAliasView", label=_l("Nama lain UPT"))
