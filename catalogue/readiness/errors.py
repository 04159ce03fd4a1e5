"""What can go wrong with an assessment of readiness, its evidence, its verification or its gaps."""

from __future__ import annotations

from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.words import N_


class ReadinessNotFound(NotFound):
    """There is no such assessment within the scope."""

    code = "penilaian-tidak-ditemukan"
    title = N_("Penilaian kesiapan tidak ditemukan")


class EvidenceNotFound(NotFound):
    """There is no such file of evidence within the scope."""

    code = "bukti-tidak-ditemukan"
    title = N_("Berkas bukti tidak ditemukan")


class GapNotFound(NotFound):
    """There is no such gap within the scope."""

    code = "kesenjangan-tidak-ditemukan"
    title = N_("Kesenjangan tidak ditemukan")


class NotYourReadiness(Forbidden):
    """The officer's role or UPT doesn't fill this assessment."""

    code = "bukan-penilaian-anda"
    title = N_("Penilaian kesiapan diisi operator UPT-nya")


class ReadinessIncomplete(Invalid):
    """Scores, evidence, reasons or dates are missing or can't be accepted; `fields` says which."""

    code = "penilaian-belum-lengkap"
    title = N_("Penilaian belum lengkap")


class ReadinessMoved(Conflict):
    """The assessment or gap is not in a state that allows this, or somebody was faster."""

    code = "penilaian-sudah-berubah"
    title = N_("Keadaan penilaian sudah lain")


class QuestionnaireInvalid(Invalid):
    """A questionnaire that can't be used; `fields` names each place (``organisation_2.levels.3``)."""

    code = "kuesioner-tidak-sah"
    title = N_("Kuesioner ini belum dapat dipakai")


class QuestionnaireMoved(Conflict):
    """Somebody else changed or published the draft meanwhile."""

    code = "kuesioner-sudah-berubah"
    title = N_("Kuesioner baru saja diubah orang lain")
