"""What can go wrong on the way to an approval."""

from __future__ import annotations

from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.words import N_


class NoSuchCase(NotFound):
    """There is no such case within the scope."""

    code = "kasus-tidak-ditemukan"
    title = N_("Kasus tidak ditemukan")


class NoSuchEnclosure(NotFound):
    """No decision of this case within the scope was answered with such a file."""

    code = "berkas-putusan-tidak-ditemukan"
    title = N_("Berkas tidak ditemukan")


class NoSuchDefinition(NotFound):
    """The Kanwil has published no workflow for this kind of subject."""

    code = "alur-tidak-ditemukan"
    title = N_("Alur kerja belum ada")


class DefinitionInvalid(Invalid):
    """A workflow document that can't be used; `fields` maps each place ("stages[0].role (baris 7)") to what
    is wrong."""

    code = "alur-tidak-sah"
    title = N_("Alur kerja ini belum dapat dipakai")


class NotYourStage(Forbidden):
    """The officer holds no role that decides the open stage."""

    code = "bukan-tahap-anda"
    title = N_("Tahap ini bukan giliran Anda")


class FourEyes(Forbidden):
    """The officer submitted or edited the revision, or decided an earlier stage of it."""

    code = "empat-mata"
    title = N_("Perlu orang lain")


class CaseMoved(Conflict):
    """The case is no longer where the officer saw it; `detail["decision"]` is the decision that stands."""

    code = "kasus-sudah-berpindah"
    title = N_("Kasus sudah diputuskan")


class CaseHeld(Conflict):
    """Somebody else has taken the case, or it was given to him; `detail` says who and until when."""

    code = "kasus-dipegang"
    title = N_("Kasus sedang dipegang petugas lain")


class AlreadySubmitted(Conflict):
    """The subject has a case that is still open."""

    code = "sudah-diajukan"
    title = N_("Sudah diajukan")


class VerdictIncomplete(Invalid):
    """Answers, comment or requests are missing or of the wrong kind; `fields` says which."""

    code = "putusan-belum-lengkap"
    title = N_("Putusan belum lengkap")


class CommentRequired(VerdictIncomplete):
    """A return or a rejection without a reason."""

    code = "alasan-wajib"
    title = N_("Alasan wajib diisi")
