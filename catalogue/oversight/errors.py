"""What can go wrong with an inspection or its findings."""

from __future__ import annotations

from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.words import N_


class InspectionNotFound(NotFound):
    """There is no such inspection within the scope."""

    code = "pemeriksaan-tidak-ditemukan"
    title = N_("Pemeriksaan tidak ditemukan")


class FindingNotFound(NotFound):
    """There is no such finding within the scope."""

    code = "temuan-tidak-ditemukan"
    title = N_("Temuan tidak ditemukan")


class NotAnInspector(Forbidden):
    """The officer's role doesn't inspect."""

    code = "bukan-pemeriksa"
    title = N_("Pemeriksaan dilakukan pembina, pemantau, atau pengendali")


class InspectorInvolved(Forbidden):
    """Four eyes: the officer edited or submitted the revision that is inspected."""

    code = "empat-mata"
    title = N_("Perlu orang lain")


class InspectionIncomplete(Invalid):
    """Answers, findings, dates or reasons are missing or can't be accepted; `fields` says which."""

    code = "pemeriksaan-belum-lengkap"
    title = N_("Pemeriksaan belum lengkap")


class InspectionMoved(Conflict):
    """The inspection or the finding is not in a state that allows this, or somebody was faster."""

    code = "pemeriksaan-sudah-berubah"
    title = N_("Keadaan pemeriksaan sudah lain")
