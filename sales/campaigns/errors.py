"""What can go wrong with a campaign, in words a person can act on."""

from __future__ import annotations

from tenants.errors import Conflict, Forbidden, NotFound
from tenants.words import N_


class NoSuchCampaign(NotFound):
    title = N_("Kampanye tidak ditemukan")


class NoSuchSale(NotFound):
    title = N_("Penjualan tidak ditemukan")


class NotYourCampaign(Forbidden):
    title = N_("Kampanye ini bukan milik kantor Anda")


class CampaignMoved(Conflict):
    """The campaign's state, or its day, does not allow the act."""

    code = "keadaan-kampanye"
    title = N_("Kampanye ini tidak dalam keadaan yang memungkinkan tindakan itu")


class CampaignClosed(CampaignMoved):
    """The figures are frozen; nothing is entered or corrected any more."""

    code = "kampanye-ditutup"
    title = N_("Kampanye ini sudah ditutup")


class SaleMoved(Conflict):
    """Somebody changed the sale since it was read."""

    code = "penjualan-berubah"
    title = N_("Penjualan ini sudah berubah sejak Anda membukanya")
