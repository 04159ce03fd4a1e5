"""Under which id an officer's certificate is kept: his file's name, his token's label, his NIK at a remote service.

``keys/officers.csv`` in the data folder says it, a line ``username,id`` each, written by the keeper of the machine: no
page can point an officer at another one's certificate. Who isn't listed is looked for under his user name.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

from recaps.errors import SignerUnavailable
from recaps.signer import Holder
from tenants.words import N_

NAME: Final = "officers.csv"
_SOUND: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,79}\Z")


def id_of(holder: Holder, keys: Path) -> str:
    """The id of the officer's certificate.

    Raises:
        SignerUnavailable: the list can't be read, or says something that is no id.
    """
    try:
        with (keys / NAME).open(encoding="utf-8-sig", newline="") as file:
            listed = {row[0].strip(): row[1].strip() for row in csv.reader(file) if len(row) >= 2}
    except FileNotFoundError:
        listed = {}
    except (OSError, ValueError, csv.Error) as error:
        raise SignerUnavailable(
            N_("Daftar sertifikat petugas (keys/officers.csv) tidak dapat dibaca.")
        ) from error
    found = listed.get(holder.username, holder.username)
    if not _SOUND.match(found):
        raise SignerUnavailable(N_("Sertifikat Anda belum didaftarkan; hubungi pengelola sistem."))
    return found
