"""What can go wrong while talking about a case."""

from __future__ import annotations

from tenants.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, Unsupported
from tenants.words import N_

NOWHERE = N_(
    "Tautan ini salah ketik, sudah dipakai, sudah lewat waktunya, atau dicabut oleh pengirimnya."
    " Hubungi kantor yang mengundang Anda bila masih perlu."
)


class CommentInvalid(Invalid):
    """Nothing was written, or too much; `fields` says which."""

    code = "komentar-tidak-sah"
    title = N_("Komentar belum dapat dikirim")


class NoSuchComment(NotFound):
    """There is no such comment, note or attachment within the scope."""

    code = "komentar-tidak-ditemukan"
    title = N_("Komentar tidak ditemukan")


class TooLateToStrike(Conflict):
    """A comment may be struck for a quarter of an hour, by whoever wrote it."""

    code = "komentar-tidak-dapat-ditarik"
    title = N_("Komentar tidak dapat ditarik lagi")


class InternalForKanwil(Forbidden):
    """A UPT's officer writes no internal notes."""

    code = "catatan-internal"
    title = N_("Catatan internal hanya untuk petugas Kanwil")


class FileTooLarge(TooLarge):
    """An attachment beyond what is allowed, packed or unpacked."""

    code = "lampiran-terlalu-besar"
    title = N_("Lampiran terlalu besar")


class FileRefused(Unsupported):
    """An attachment that by its content is none of the kinds, or carries something that runs."""

    code = "lampiran-ditolak"
    title = N_("Lampiran tidak diterima")


class FileBroken(Invalid):
    """An attachment of the right kind that can't be read."""

    code = "lampiran-rusak"
    title = N_("Lampiran rusak")


class OpinionInvalid(Invalid):
    """Whom, what or until when is missing or wrong; `fields` says which."""

    code = "pendapat-tidak-sah"
    title = N_("Permintaan pendapat belum lengkap")


class NoSuchOpinion(NotFound):
    """Nothing like it was asked of this officer."""

    code = "pendapat-tidak-ditemukan"
    title = N_("Permintaan pendapat tidak ditemukan")


class OpinionClosed(Conflict):
    """It was answered already, or its case is closed."""

    code = "pendapat-sudah-ditutup"
    title = N_("Permintaan pendapat ini sudah ditutup")


class InvitationInvalid(Invalid):
    """What is missing or wrong about an invitation; `fields` says which."""

    code = "undangan-tidak-sah"
    title = N_("Undangan belum lengkap")


class NoSuchInvitation(NotFound):
    """A link that leads nowhere, for whichever reason: the answer is always the same."""

    code = "tautan-tidak-berlaku"
    title = N_("Tautan ini tidak berlaku")

    def __init__(self) -> None:
        super().__init__(NOWHERE)
