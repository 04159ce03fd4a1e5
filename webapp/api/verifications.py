"""``/api/v1/verifications``: is this file ours and untouched? Open to anyone, limited by address; nothing is kept."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from recaps import verification
from tenants.errors import Invalid
from webapp.api import KaryaApi, answer
from webapp.views.verification import count_try, uploaded


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(VerificationApi)


class VerificationApi(KaryaApi):
    """Verification of signed recaps."""

    resource_name = "verifications"

    @expose("/", methods=["POST"])
    def post(self) -> Response:
        """Verify a file
        ---
        post:
          summary: Who signed the file, whether it changed, whether figures and history match
          security: []
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema:
                  type: object
                  required: [file]
                  properties:
                    file: {type: string, format: binary}
          responses:
            200:
              description: >-
                verdict (sound, altered, unsigned, not_ours, revoked, replaced, not_entitled, expired,
                certificate_revoked, mismatch, unlisted); signatures (signer, level, at, trust, revocation, after,
                entitled); figures_match, history_match, changes
            413: {description: The file is too large}
            422: {description: No file}
            429: {description: Too many tries}
        """
        data = uploaded()
        if not data and "file" not in request.files:
            raise Invalid(
                "Kirim berkasnya sebagai bagian multipart bernama file.", fields={"file": "Pilih berkas."}
            )
        count_try()
        return answer(verification.verify_file(data).as_dict())

    @expose("/<code>", methods=["GET"])
    def get(self, code: str) -> Response:
        """Verify a code
        ---
        get:
          summary: The document that was signed under this code
          security: []
          parameters:
            - {in: path, name: code, required: true, schema: {type: string}}
          responses:
            200: {description: "verdict, signatures, figures_match, history_match, changes"}
            404: {description: No document has this code}
            429: {description: Too many tries}
        """
        count_try()
        return answer(verification.verify_code(code).as_dict())
