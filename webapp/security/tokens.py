"""``/api/v1/security``: bearer tokens for programs, with the sign-in's limits and problem details."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_jwt_extended import create_access_token, create_refresh_token, get_jwt_identity, jwt_required

from tenants.errors import Invalid
from webapp.errors import problem


class TokenApi(SecurityApi):
    """FAB's address and answer; a wrong password is 401, the try after the last one 429, both as problem details."""

    allow_browser_login = False

    @expose("/login", methods=["POST"])
    def login(self) -> Any:
        """Sign in
        ---
        post:
          summary: A bearer token for an officer's name and password
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [username, password]
                  properties:
                    username: {type: string, example: pembina.kalbar}
                    password: {type: string}
                    provider: {type: string, enum: [db], default: db}
                    refresh: {type: boolean, default: false}
          responses:
            200:
              description: An access token, valid for an hour, and a refresh token where asked
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
                      refresh_token: {type: string}
            401: {description: Name or password is wrong}
            422: {description: Something is missing}
            429: {description: Tried too often}
        """
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise Invalid(_("Isi permintaan harus berupa objek JSON."))
        named = {key: body.get(key) for key in ("username", "password")}
        missing = {
            key: _("Wajib diisi.") for key, value in named.items() if not isinstance(value, str) or not value
        }
        if body.get("provider", "db") != "db":
            missing["provider"] = _("Hanya db.")
        if missing:
            raise Invalid(fields=missing)
        officer = current_app.appbuilder.sm.auth_user_db(named["username"], named["password"])  # type: ignore[attr-defined]
        if officer is None:
            return problem(
                401, "masuk-ditolak", _("Tidak dapat masuk"), _("Nama pengguna atau kata sandi salah.")
            )
        answer = {"access_token": create_access_token(identity=str(officer.id), fresh=True)}
        if body.get("refresh") is True:
            answer["refresh_token"] = create_refresh_token(identity=str(officer.id))
        return self.response(200, **answer)

    @expose("/refresh", methods=["POST"])
    @jwt_required(refresh=True)
    def refresh(self) -> Any:
        """Refresh
        ---
        post:
          summary: A new access token for a refresh token
          responses:
            200:
              description: An access token
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
            401: {description: The refresh token is no longer valid}
          security:
            - jwt_refresh: []
        """
        return self.response(200, access_token=create_access_token(identity=get_jwt_identity(), fresh=False))


TokenApi.__name__ = "SecurityApi"
