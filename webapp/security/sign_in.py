"""The pages for signing in and out and for one's own password."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request, session, url_for
from flask_appbuilder import BaseView
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.security import check_password_hash

from tenants.clock import now
from tenants.errors import KaryaError
from webapp.access import actor, requires
from workflows.administration import own_password


class SignInView(AuthDBView):
    """``/login/`` and ``/logout/``."""

    login_template = "sign_in.html"

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> Any:
        target = request.values.get("next", "")
        if current_user.is_authenticated:
            return redirect(get_safe_redirect(target) if target else url_for("HomeView.home"))
        username, problem, status = "", None, 200
        if request.method == "POST":
            username = request.form.get("username", "").strip()
            try:
                officer = self.appbuilder.sm.auth_user_db(username, request.form.get("password", ""))
                problem = _("Nama pengguna atau kata sandi salah.") if officer is None else None
                status = 401
            except KaryaError as error:
                officer, problem, status = None, error.message, error.status
            if officer is not None:
                chosen = session.get("locale")
                session.clear()
                if chosen and not officer.language:
                    session["locale"] = chosen
                login_user(officer, remember=False)
                session["v"] = officer.session_version or 0
                session.permanent = True
                return redirect(get_safe_redirect(target) if target else url_for("HomeView.home"))
        body = self.render_template(
            self.login_template,
            username=username,
            problem=problem,
            next_url=target,
            appbuilder=self.appbuilder,
        )
        return body, status, {"Cache-Control": "no-store"}

    @expose("/logout/", methods=["POST", "GET"])
    def logout(self) -> Any:
        if request.method == "GET" and current_user.is_authenticated:
            return redirect(url_for("HomeView.home"))
        logout_user()
        session.clear()
        return redirect("/")


class PasswordView(BaseView):
    """``/kata-sandi``: changing one's own password ends every other session."""

    route_base = "/kata-sandi"
    default_view = "change"

    @expose("/", methods=["GET", "POST"])
    @requires("read_home")
    def change(self) -> Any:
        problems: dict[str, Any] = {}
        if request.method == "POST":
            current = request.form.get("current", "")
            if not check_password_hash(g.karya_officer.password, current):
                problems["current"] = _("Kata sandi saat ini tidak cocok.")
            elif request.form.get("password", "") != request.form.get("repeat", ""):
                problems["repeat"] = _("Kedua kata sandi baru tidak sama.")
            else:
                try:
                    session["v"] = own_password(request.form.get("password", ""), by=actor(), now=now())
                except KaryaError as error:
                    problems = error.fields or {"password": error.message}
                else:
                    flash(_("Kata sandi diganti. Sesi di perangkat lain berakhir."), "success")
                    return redirect(url_for("HomeView.home"))
        return self.render_template("password.html", problems=problems), 422 if problems else 200
