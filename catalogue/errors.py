"""What can go wrong with a product or its photos, in words that an officer can act on."""

from __future__ import annotations

from tenants.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, Unsupported
from tenants.words import N_


class ProductNotFound(NotFound):
    """The product doesn't exist for this scope; somebody else's looks the same."""

    code = "produk-tidak-ditemukan"
    title = N_("Produk tidak ditemukan")


class PhotoNotFound(NotFound):
    """The photo doesn't exist for this scope or isn't published."""

    code = "foto-tidak-ditemukan"
    title = N_("Foto tidak ditemukan")


class NotYourProduct(Forbidden):
    """The officer's role may not do this with a product."""

    code = "bukan-peran"
    title = N_("Peran Anda tidak dapat melakukan ini")


class ContentInvalid(Invalid):
    """Some fields of a product can't be read or don't hold; `fields` names each one."""

    code = "produk-belum-benar"
    title = N_("Isian produk belum benar")


class ReasonRequired(Invalid):
    """A suspension, a restoration and a withdrawal each need a reason."""

    code = "alasan-wajib"
    title = N_("Alasan wajib diisi")


class ProductMoved(Conflict):
    """The product is not in a state that allows this, or somebody changed it meanwhile."""

    code = "produk-berubah"
    title = N_("Produk sudah berubah")


class TooManyPhotos(Conflict):
    """A product carries at most eight photos."""

    code = "foto-terlalu-banyak"
    title = N_("Foto sudah delapan")


class PhotoRefused(Invalid):
    """The file isn't a photo that can be taken; the message names the file and the reason."""

    code = "foto-ditolak"
    title = N_("Foto ditolak")


class PhotoEmpty(PhotoRefused):
    """The file has no bytes."""

    code = "foto-kosong"


class PhotoBroken(PhotoRefused):
    """The file begins like a photo and can't be read to its end."""

    code = "foto-rusak"


class PhotoTooManyPixels(PhotoRefused):
    """The photo's header announces more pixels than are decoded here."""

    code = "foto-terlalu-luas"


class PhotoTooHeavy(TooLarge):
    """The file is larger than eight megabytes."""

    code = "foto-terlalu-berat"
    title = N_("Foto terlalu besar")


class PhotoNotAnImage(Unsupported):
    """The content is no JPEG, PNG or WebP, whatever the file is called."""

    code = "bukan-foto"
    title = N_("Berkas ini bukan foto")
