"""Time stamps by RFC 3161: the service that ``KARYA_TSA_URL`` names says when a signature was made, and, for the
archive, that a whole file was there.
"""

from __future__ import annotations

import asyncio
import io
from datetime import datetime
from typing import Any, Final

from recaps.errors import SignerUnavailable
from recaps.signer import Signer
from recaps.signers.trust import trusting
from tenants.said import say
from tenants.words import N_

SECONDS: Final = 20


def failures() -> tuple[type[Exception], ...]:
    """What is raised of a service that can't be reached, answers nonsense or refuses."""
    from pyhanko.sign.timestamps import TimestampRequestError

    return (TimestampRequestError, OSError)


def service(url: str) -> tuple[Any, list[Any]]:
    """The service, and the certificates (asn1crypto) that it signs with, as a first stamp shows them.

    Raises:
        SignerUnavailable: it does not answer.
    """
    from pyhanko.sign.timestamps import HTTPTimeStamper

    stamper = HTTPTimeStamper(url, timeout=SECONDS)
    try:
        token = asyncio.run(stamper.async_dummy_response("sha256"))
        return stamper, [one.chosen for one in token["content"]["certificates"]]
    except failures() as error:
        raise unavailable() from error
    except (ValueError, KeyError, TypeError) as error:
        raise unavailable() from error


def unavailable() -> SignerUnavailable:
    return SignerUnavailable(
        say(N_("Layanan stempel waktu tidak menjawab. Belum ada yang ditandatangani; coba lagi nanti."))
    )


def archive(pdf: bytes, signer: Signer, *, url: str, now: datetime) -> tuple[bytes, datetime]:
    """The file with a time stamp over all of it behind what it held (PAdES B-LTA), and when the service's certificate
    ends. The bytes before stay as they are.

    Raises:
        SignerUnavailable: the service does not answer, or isn't one that we trust.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.signers import PdfTimeStamper
    from pyhanko_certvalidator.errors import ValidationError

    stamper, certificates = service(url)
    context = trusting(signer, now, stamping=certificates, ask=True)
    target = io.BytesIO()
    try:
        PdfTimeStamper(stamper).update_archival_timestamp_chain(
            PdfFileReader(io.BytesIO(pdf)), context, in_place=False, output=target
        )
    except failures() as error:
        raise unavailable() from error
    except ValidationError as error:
        raise SignerUnavailable(N_("Layanan stempel waktu tidak termasuk yang dipercaya di sini.")) from error
    leaf = next((one for one in certificates if _stamps(one)), certificates[0])
    return target.getvalue(), leaf.not_valid_after


def _stamps(certificate: Any) -> bool:
    usage = certificate.extended_key_usage_value
    return usage is not None and "time_stamping" in usage.native
