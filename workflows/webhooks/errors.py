"""What can go wrong with a webhook, in words a person can act on."""

from __future__ import annotations

from tenants.errors import Conflict, Invalid, NotFound
from tenants.words import N_


class WebhookNotFound(NotFound):
    """There is no such webhook or delivery within the scope."""

    code = "webhook-tidak-ditemukan"
    title = N_("Webhook tidak ditemukan")


class AddressRefused(Invalid):
    """The address can't be posted to; the message says why."""

    code = "alamat-ditolak"
    title = N_("Alamat ini tidak dapat dipakai")


class TooManyWebhooks(Conflict):
    """The Kanwil has as many webhooks as it may."""

    code = "webhook-terlalu-banyak"
    title = N_("Webhook sudah terlalu banyak")


class WebhookOff(Conflict):
    """A webhook that is switched off sends nothing."""

    code = "webhook-dimatikan"
    title = N_("Webhook ini sedang dimatikan")


class SecretLost(Conflict):
    """The secret was sealed with another KARYA_SECRET_KEY and can't be opened any more."""

    code = "rahasia-hilang"
    title = N_("Rahasia webhook tidak dapat dibuka; buat rahasia baru")
