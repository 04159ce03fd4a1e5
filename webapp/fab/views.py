"""The CRUD pages: closures of a Kanwil, other names of its UPT."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, request, url_for
from flask_appbuilder import ModelView
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from wtforms import DateField
from wtforms.validators import InputRequired, Length, ValidationError

from sales import aliases
from sales.models import UptAlias
from tenants.clock import now
from tenants.database import session
from tenants.errors import Forbidden, KaryaError, NotFound
from webapp.access import actor, to_sign_in
from webapp.fab.interface import AuditedInterface
from webapp.shell import shown_day, spoken
from workflows.calendars import forget_calendars
from workflows.models import Closure


class MasterView(ModelView):
    """FAB's list, show, add, edit and delete; a stranger signs in, the wrong role gets 403, what isn't there 404."""

    include_route_methods = {"list", "show", "add", "edit", "delete"}
    page_size = 25
    list_template = "settings/master.html"

    def post_add_redirect(self) -> Any:
        return redirect(url_for(f"{self.endpoint}.list"), 303)

    post_edit_redirect = post_delete_redirect = post_add_redirect

    def create_blueprint(self, *args: Any, **kwargs: Any) -> Any:
        blueprint = super().create_blueprint(*args, **kwargs)
        blueprint.before_request(self._gate)
        return blueprint

    def _gate(self) -> Any:
        if not current_user.is_authenticated:
            return to_sign_in()
        method = (request.endpoint or "").rpartition(".")[2]
        permission = f"can_{self.method_permission_name.get(method, method)}"
        if not current_app.appbuilder.sm.has_access(permission, self.class_permission_name):  # type: ignore[attr-defined]
            raise Forbidden()
        pk = (request.view_args or {}).get("pk")
        if pk is not None and not (pk.isdigit() and len(pk) < 10):
            raise NotFound()
        return None


def free_day(form: Any, field: Any) -> None:
    """Refuse a day that is already there, beside the field; two forms at once are stopped by the table."""
    if field.data is None:
        return
    found = session().scalar(select(Closure.id).where(Closure.day == field.data))
    if found is not None and str(found) != (request.view_args or {}).get("pk"):
        raise ValidationError(_("Hari ini sudah tercatat."))


def free_name(form: Any, field: Any) -> None:
    """Refuse a name that already means an UPT, beside the field."""
    other = aliases.book().find(" ".join((field.data or "").split()))
    if other is not None:
        raise ValidationError(_("Nama ini sudah berarti %(upt)s.", upt=other.upt_name))


def at_most(letters: int) -> Length:
    return Length(max=letters, message=_l("Paling banyak %(most)s huruf.", most=letters))


class ClosureInterface(AuditedInterface):
    """Deadlines follow the calendar, so that the kept ones are read anew."""

    chain_name = "closure"

    def changed(self) -> None:
        forget_calendars()


class ClosureView(MasterView):
    """``/closureview/list/``: days on which this Kanwil alone does not work."""

    datamodel = ClosureInterface(Closure)
    list_columns = ["day", "reason"]
    show_columns = add_columns = edit_columns = ["day", "reason"]
    search_columns = ["reason"]
    order_columns = ["day"]
    base_order = ("day", "desc")
    label_columns = {"day": _l("Tanggal"), "reason": _l("Alasan")}
    formatters_columns = {"day": shown_day}
    list_title = _l("Hari tutup")
    show_title = _l("Hari tutup")
    add_title = _l("Catat hari tutup")
    edit_title = _l("Ubah hari tutup")
    add_form_extra_fields = edit_form_extra_fields = {
        "day": DateField(_l("Tanggal"), validators=[InputRequired(), free_day], render_kw={"class": "input"}),
    }
    validators_columns = {"reason": [InputRequired(), at_most(200)]}


class AliasInterface(AuditedInterface):
    """A new name is kept by sales' own use case, which recognises the purchases that bear it."""

    chain_name = "alias"

    def add(self, item: Any, commit: bool = True) -> None:
        try:
            aliases.add(item.name or "", item.upt.id, by=actor(), now=now())
        except KaryaError as error:
            raise ValueError(
                " ".join(spoken(text) for text in error.fields.values()) or spoken(error.message)
            ) from None


class UptAliasView(MasterView):
    """``/uptaliasview/list/``: other names under which exports write a UPT. A wrong one is removed, not rewritten."""

    datamodel = AliasInterface(UptAlias)
    include_route_methods = {"list", "show", "add", "delete"}
    list_columns = ["name", "upt"]
    show_columns = add_columns = ["name", "upt"]
    search_columns = ["name"]
    order_columns = ["name"]
    base_order = ("name", "asc")
    label_columns = {"name": _l("Nama dalam ekspor"), "upt": _l("UPT")}
    list_title = _l("Nama lain UPT")
    show_title = _l("Nama lain UPT")
    add_title = _l("Tambah nama lain")
    validators_columns = {"name": [InputRequired(), at_most(300), free_name], "upt": [InputRequired()]}
