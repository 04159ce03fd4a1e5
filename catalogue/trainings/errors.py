"""What can go wrong with a training."""

from __future__ import annotations

from tenants.errors import Conflict, Invalid, NotFound
from tenants.words import N_


class NoSuchTraining(NotFound):
    """There is no such training within the scope."""

    code = "pelatihan-tidak-ditemukan"
    title = N_("Pelatihan tidak ditemukan")


class NoSuchSession(NotFound):
    """There is no such session within the scope."""

    code = "pertemuan-tidak-ditemukan"
    title = N_("Pertemuan tidak ditemukan")


class TrainingInvalid(Invalid):
    """A field is missing or wrong; `fields` says which."""

    code = "pelatihan-tidak-sah"
    title = N_("Data pelatihan perlu diperbaiki")


class TrainingMoved(Conflict):
    """Somebody changed it meanwhile, or its state does not allow this."""

    code = "pelatihan-sudah-berubah"
    title = N_("Pelatihan ini sudah berubah")
