"""One place that turns errors into answers: a page for people, RFC 9457 problem details for programs."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, json, redirect, render_template, request
from flask_babel import gettext as _
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_wtf.csrf import CSRFError
from jwt.exceptions import PyJWTError
from werkzeug.exceptions import HTTPException

from tenants import database
from tenants.errors import KaryaError
from tenants.said import kept
from tenants.words import N_
from webapp import shell
from webapp.shell import spoken
from webapp.ways_out import Way, ways_out, whose

log = logging.getLogger("karya.web")
TYPES = "https://karya.contoh.id/masalah/"
_TITLES = {
    400: N_("Permintaan tidak dapat dibaca"),
    401: N_("Masuk dulu"),
    403: N_("Bukan wewenang Anda"),
    404: N_("Tidak ditemukan"),
    405: N_("Cara ini tidak berlaku di alamat itu"),
    410: N_("Sudah ditarik"),
    413: N_("Berkas terlalu besar"),
    415: N_("Jenis isi tidak didukung"),
    429: N_("Terlalu sering mencoba"),
    500: N_("Terjadi kesalahan di pihak kami"),
}


def register(app: Flask) -> None:
    """Answer every error of the app."""
    app.register_error_handler(KaryaError, _karya)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(JWTExtendedException, _token)
    app.register_error_handler(PyJWTError, _token)
    app.register_error_handler(Exception, _defect)


def problem(status: int, code: str, title: str, detail: str, **more: Any) -> Response:
    """RFC 9457 problem details."""
    body = {"type": TYPES + code, "title": title, "status": status, "detail": detail, **more}
    return Response(json.dumps(body), status, content_type="application/problem+json")


def wants_problem() -> bool:
    """Whether a program asks."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def _answer(status: int, code: str, title: str, message: str, error: KaryaError | None = None) -> Any:
    if wants_problem():
        more: dict[str, Any] = {}
        if error is not None and error.fields:
            more["errors"] = {name: _told(why) for name, why in error.fields.items()}
        if error is not None and error.detail:
            more |= {
                key: value for key, value in error.detail.items() if key not in ("type", "status", "title")
            }
        return problem(status, code, title, message, **more)
    said = {"status": status, "title": title, "message": message, "fields": error.fields if error else {}}
    try:
        if status >= 500:
            database.start_anew()
        body = render_template("error.html", **said, ways=ways_out(status))
    except Exception:  # the frame of a page asks the database, which may be what is broken
        log.exception("no frame for the error on %s", request.endpoint)
        shell.without_database()
        body = render_template("error.html", **said, ways=[Way(_("Ke beranda"), "/", "house")])
    return body, status, {"Cache-Control": "no-store"}


def _karya(error: KaryaError) -> Any:
    if error.status >= 500:
        log.exception("defect: %s on %s", error.code, request.endpoint)
        return _answer(
            error.status,
            error.code,
            spoken(kept(error.title)),
            _("Kesalahan ini sudah dicatat. Coba lagi sebentar lagi."),
        )
    title, message = spoken(kept(error.title)), spoken(error.message)
    if error.message == error.title and error.detail.get("roles"):
        message = whose(error.detail["roles"])
    return _answer(error.status, error.code, title, message, error)


def _told(why: Any) -> Any:
    """What is wrong with a field, in the language of this request."""
    return [spoken(one) for one in why] if isinstance(why, list | tuple) else spoken(why)


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if status in (301, 302, 303, 307, 308):
        return error
    if status == 405 and request.method == "GET" and not wants_problem():
        page = _page_above()
        if page:
            return redirect(page, 303)
    title = _(_TITLES.get(status, HTTPStatus(status).phrase))
    messages = {
        404: _("Alamat ini tidak ada, atau bukan bagian dari lingkup Anda."),
        405: _("Kembali ke halaman sebelumnya dan pakai tombol yang ada di sana."),
        413: _("Kirim berkas yang lebih kecil, paling banyak 90 MB sekali kirim."),
    }
    answer = _answer(status, f"http-{status}", title, messages.get(status) or (error.description or title))
    if status == 405 and getattr(error, "valid_methods", None):
        made = answer if isinstance(answer, Response) else Response(*answer)
        made.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
        return made
    return answer


def _page_above() -> str:
    """The page whose form posts to this address, or nothing.

    A form that came back with an error leaves its own address in the browser: reloading it or going back to it is a
    GET, and should show the page again.
    """
    above = request.path.rstrip("/").rpartition("/")[0]
    adapter = current_app.create_url_adapter(request)
    while above and adapter is not None:
        if adapter.test(above, "GET"):
            return above
        above = above.rpartition("/")[0]
    return ""


def _csrf(error: CSRFError) -> Any:
    return _answer(
        400,
        "formulir-kedaluwarsa",
        _("Formulir ini sudah kedaluwarsa"),
        _("Muat ulang halaman lalu kirim sekali lagi; isian Anda belum tersimpan."),
    )


def no_token(*_given: Any) -> Response:
    """The API's answer to a missing, expired, wrong or withdrawn token."""
    answer = problem(
        401, "masuk-dulu", _(_TITLES[401]), _("Sertakan token yang masih berlaku: Authorization: Bearer …")
    )
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _token(error: Exception) -> Any:
    return no_token()


def _defect(error: Exception) -> Any:
    log.exception("defect on %s", request.endpoint)
    return _answer(
        500, "kesalahan", _(_TITLES[500]), _("Kesalahan ini sudah dicatat. Coba lagi sebentar lagi.")
    )
