"""Flask-AppBuilder's own start, without the pages and addresses that Karya does not want."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app
from flask_appbuilder import AppBuilder
from flask_appbuilder import base as fab
from flask_appbuilder.views import UtilView, expose

from webapp.access import requires


class BackView(UtilView):
    """``/back``: the "Kembali" of FAB's forms, along the addresses this officer came from."""

    class_permission_name = "UtilView"

    @expose("/back")
    @requires("read_home")
    def back(self) -> Any:
        return super().back()


BackView.__name__ = "UtilView"  # FAB's templates ask for `UtilView.back`


class KaryaAppBuilder(AppBuilder):
    """FAB with our sign-in and master data alone: no language view, no menu API, no security screens, no assets of
    Bootstrap, and no permission rows written at start (`sync.sync_permissions` writes them)."""

    def _add_global_static(self) -> None:
        current_app.register_blueprint(Blueprint("appbuilder", fab.__name__, template_folder="templates"))

    def _add_admin_views(self) -> None:
        self._indexview = self.add_view_no_menu(self.indexview)
        self.add_view_no_menu(BackView)
        self.sm.register_views()

    def add_permissions(self, update_perms: bool = False) -> None:
        return None

    def _add_permission(self, baseview: Any, update_perms: bool = False) -> None:
        return None

    def _add_permissions_menu(self, name: str, update_perms: bool = False) -> None:
        return None

    def _add_menu_permissions(self, update_perms: bool = False) -> None:
        return None
