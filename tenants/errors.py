"""What can go wrong, in words a person can act on.

Every error of the house derives from `KaryaError`; one handler in webapp turns it into a page or into RFC 9457
problem details, so that no view catches one.
"""

from __future__ import annotations

from typing import Any, ClassVar

from tenants.said import kept
from tenants.words import N_


class KaryaError(Exception):
    """An answer that is not the one asked for.

    `message` is an Indonesian sentence that says what happened and what to do; `fields` maps a field's name to what is
    wrong with it; `detail` carries facts for a program. The words are `Said`, so that a page tells them in the reader's
    language: `N_("...")` where they are fixed, `say(N_("..."), ...)` where something is filled in.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "kesalahan"
    title: ClassVar[str] = N_("Terjadi kesalahan")

    def __init__(
        self,
        message: str | None = None,
        *,
        fields: dict[str, Any] | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        self.message = kept(message or self.title)
        self.fields = {
            name: kept(why) if isinstance(why, str) else why for name, why in (fields or {}).items()
        }
        self.detail = detail or {}
        super().__init__(self.message)


class Invalid(KaryaError):
    """What was sent can't be accepted; `fields` says where."""

    status = 422
    code = "isian-tidak-sah"
    title = N_("Ada isian yang perlu diperbaiki")


class NotFound(KaryaError):
    """There is no such thing, or it is not yours: the two are never told apart."""

    status = 404
    code = "tidak-ditemukan"
    title = N_("Tidak ditemukan")


class Forbidden(KaryaError):
    """The thing is within your tenant, the act is not your role's."""

    status = 403
    code = "bukan-wewenang"
    title = N_("Bukan wewenang Anda")


class Conflict(KaryaError):
    """Somebody was faster, or the thing's state does not allow it."""

    status = 409
    code = "sudah-berubah"
    title = N_("Keadaannya sudah berubah")


class TooLarge(KaryaError):
    status = 413
    code = "terlalu-besar"
    title = N_("Berkas terlalu besar")


class Unsupported(KaryaError):
    status = 415
    code = "jenis-tidak-didukung"
    title = N_("Jenis berkas tidak didukung")


class UnreadableFile(Invalid):
    """The file as a whole can't be read: empty, damaged, or without the columns that are needed."""

    code = "berkas-tidak-terbaca"
    title = N_("Berkas tidak dapat dibaca")


class FileTooLarge(TooLarge):
    """The file, or what a compressed file unfolds to, is beyond the bounds of an import."""


class NotASheet(Unsupported):
    """By its content the file is no sheet that can be read here."""

    title = N_("Bukan berkas CSV atau XLSX")


class TooMany(KaryaError):
    status = 429
    code = "terlalu-sering"
    title = N_("Terlalu sering mencoba")


class ScopeError(KaryaError):
    """A row of a tenant was about to be touched outside its scope. A defect of ours, never of the user."""

    status = 500
    code = "lingkup"
    title = N_("Permintaan ini tidak dapat dijalankan")


class NoScope(ScopeError):
    """There is no scope: nothing of any tenant may be read."""
