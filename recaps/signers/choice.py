"""Which signer an installation has."""

from __future__ import annotations

from functools import lru_cache

from config import Settings
from recaps.signer import EmbeddedSigner, Signer
from recaps.signers.office_files import OfficeFiles
from recaps.signers.remote import RemoteSigner
from recaps.signers.tokens import Tokens


@lru_cache(maxsize=4)
def chosen(settings: Settings) -> Signer:
    """As ``KARYA_SIGNER`` says. What the embedded keys signed before another was chosen stays traceable."""
    keys = settings.data / "keys"
    embedded = EmbeddedSigner(keys, settings.secret_key)
    if settings.signer == "embedded":
        return embedded
    earlier = embedded.authority()
    if settings.signer == "pkcs12":
        return OfficeFiles(settings.signer_folder or keys / "officers", keys, earlier=earlier)
    if settings.signer == "pkcs11":
        label = settings.pkcs11_label
        return Tokens(str(settings.pkcs11_module), settings.pkcs11_token, label, keys, earlier=earlier)
    account = settings.remote_user, settings.remote_password
    return RemoteSigner(str(settings.remote_url), *account, keys, earlier=earlier)
