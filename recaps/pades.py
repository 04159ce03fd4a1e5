"""PAdES signatures by pyHanko: the officer's certifying signature, the receipt that leaves it valid, and their check.

The first signature certifies the file (DocMDP: from then on only the prepared signature field may be
filled), the receipt fills that field. Both fields are made before the first signature, so that the
second one changes nothing but its own field. Without a time stamping service the level is B-B
(revocation lists travel inside all the same), with one B-LT.

`check` reads what a stranger uploads: it answers, whatever the bytes are.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from recaps import judging, stamps
from recaps.errors import SignerUnavailable
from recaps.judging import Signature, Trust
from recaps.signer import Holder, Signer
from recaps.signers.fitness import require_fit
from recaps.signers.trust import require_trusted, trusting
from tenants.words import N_

SIGNATURE_FIELD: Final = "TandaTangan"
RECEIPT_FIELD: Final = "TandaTerima"
_TRACES: Final = (b"/ByteRange", b"/ETSI.CAdES.detached")
_MIN_BOX: Final = (25.0, 12.0)

log = logging.getLogger("karya.recaps")
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # strangers' files make them loud


@dataclass(frozen=True)
class Checked:
    """What the bytes are: a PDF or not, readable or not, and its signatures in order."""

    is_pdf: bool
    readable: bool
    signatures: list[Signature] = field(default_factory=list)
    problem: str = ""
    archived: list[datetime] = field(default_factory=list)
    """When the archive stamped the whole file, oldest first; sound stamps of services that we trust alone."""
    hidden: bool = False
    """Whether a signature lies in the bytes that the file no longer leads to."""


def sign(
    pdf: bytes, signer: Signer, holder: Holder, *, reason: str, place: str, now: datetime,
    pin: str | None = None, tsa_url: str | None = None, receipt: bool = True,
) -> bytes:  # fmt: skip
    """The officer's signature on a freshly rendered document, in the box that it keeps for it. `receipt`: a second
    field is prepared for whoever receives it.

    Raises:
        SignerUnavailable, WrongPin, CertificateRefused: nothing was signed.
    """
    from pyhanko.pdf_utils.content import RawContent
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields
    from pyhanko.stamp import StaticStampStyle

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    boxes = _boxes(writer)
    wanted = [(SIGNATURE_FIELD, boxes.get("tte"), "Tanda tangan elektronik")]
    if receipt:
        wanted.append((RECEIPT_FIELD, boxes.get("receipt"), "Tanda terima elektronik"))
    for name, box, title in wanted:
        page, place_on_page = box or (0, None)
        fields.append_signature_field(
            writer,
            fields.SigFieldSpec(
                sig_field_name=name,
                on_page=page,
                box=place_on_page,
                readable_field_name=title,
                combine_annotation=True,
            ),
        )
    style = StaticStampStyle(background=RawContent(b""), border_width=0)
    return _sign(
        writer, SIGNATURE_FIELD, signer, holder, style,
        reason=reason, place=place, now=now, pin=pin, tsa_url=tsa_url, certify=True,
    )  # fmt: skip


def receipt_size(pdf: bytes) -> tuple[float, float]:
    """Width and height (points) of the box that the letter keeps for the receipt."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    box = _boxes(PdfFileReader(io.BytesIO(pdf))).get("receipt")
    return (box[1][2] - box[1][0], box[1][3] - box[1][1]) if box else (244.0, 62.0)


def countersign(
    pdf: bytes, signer: Signer, holder: Holder, *, reason: str, place: str, now: datetime,
    appearance: bytes | None = None, pin: str | None = None, tsa_url: str | None = None,
) -> bytes:  # fmt: skip
    """The receipt: a second signature in the field prepared for it; the first one stays valid.

    `appearance` is a one-page PDF of the box's size, shown in it.

    Raises:
        SignerUnavailable, WrongPin, CertificateRefused: nothing was signed.
    """
    from pyhanko.pdf_utils.content import RawContent
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
    from pyhanko.stamp import StaticStampStyle

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    with tempfile.TemporaryDirectory() as folder:
        if appearance:
            path = Path(folder) / "receipt.pdf"
            path.write_bytes(appearance)
            whole = SimpleBoxLayoutRule(
                x_align=AxisAlignment.ALIGN_MIN, y_align=AxisAlignment.ALIGN_MIN, margins=Margins.uniform(0)
            )
            style = StaticStampStyle.from_pdf_file(str(path), border_width=0, background_layout=whole)
        else:
            style = StaticStampStyle(background=RawContent(b""), border_width=0)
        return _sign(
            writer, RECEIPT_FIELD, signer, holder, style,
            reason=reason, place=place, now=now, pin=pin, tsa_url=tsa_url, certify=False,
        )  # fmt: skip


def _sign(
    writer: Any, name: str, signer: Signer, holder: Holder, style: Any, *,
    reason: str, place: str, now: datetime, pin: str | None, tsa_url: str | None, certify: bool,
) -> bytes:  # fmt: skip
    from pyhanko.sign import fields, signers
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference

    stamper, stamping = stamps.service(tsa_url) if tsa_url else (None, [])
    with signer.pen(holder, now=now, pin=pin) as pen:
        chain = [pen.signing_cert, *pen.cert_registry]
        require_fit(pen.signing_cert, holder, now=now)
        context = trusting(signer, now, chain=chain, stamping=stamping, ask=True)
        require_trusted(pen.signing_cert, chain, context, signer, now=now)
        metadata = signers.PdfSignatureMetadata(
            field_name=name,
            md_algorithm="sha256",
            name=holder.name,
            reason=reason,
            location=place,
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=certify,
            docmdp_permissions=fields.MDPPerm.FILL_FORMS,
            embed_validation_info=True,
            validation_context=context,
            dss_settings=DSSContentSettings(
                include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
            ),
        )
        target = io.BytesIO()
        work = signers.PdfSigner(metadata, signer=pen, stamp_style=style, timestamper=stamper)
        try:
            work.sign_pdf(writer, output=target)
        except stamps.failures() as error:
            raise stamps.unavailable() from error
        except SigningError as error:
            log.warning("not signed: %s", type(error).__name__)
            raise SignerUnavailable(N_("Tanda tangan tidak dapat dibubuhkan; coba lagi.")) from error
    return target.getvalue()


def _boxes(pdf: Any) -> dict[str, tuple[int, tuple[float, float, float, float]]]:
    """The places that the letter keeps for signatures, as `render_worker` wrote them: name -> (page, box)."""
    kept: dict[str, tuple[int, tuple[float, float, float, float]]] = {}
    try:
        boxes = pdf.root["/KaryaBoxes"]
    except KeyError:
        return kept
    for name in boxes:
        page, left, low, right, high = (float(value) for value in boxes[name])
        if right - left >= _MIN_BOX[0] and high - low >= _MIN_BOX[1]:
            kept[str(name).lstrip("/")] = (int(page), (left, low, right, high))
    return kept


# --- reading ---


def check(pdf: bytes, trust: Trust, *, now: datetime, proven: Sequence[datetime] = ()) -> Checked:
    """Every signature of a file, its certificate judged at `now`; of a file that we know, when it was `proven` to us:
    a moment for each signature in order.

    Never raises for what the bytes are: garbage, cut off, encrypted.
    """
    if b"%PDF-" not in pdf[:1024]:
        return Checked(is_pdf=False, readable=False, problem="bukan PDF")
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        if reader.encrypted:
            return Checked(is_pdf=True, readable=False, problem="PDF terkunci sandi")
        signatures = judging.judge_all(reader, pdf, trust, now, proven)
        archived = judging.stamped_at(reader, trust)
    except RecursionError:
        return Checked(is_pdf=True, readable=False, problem="susunan PDF rusak")
    except Exception as error:  # noqa: BLE001 - a stranger's bytes: whatever the parser says, the answer is "unreadable"
        log.info("unreadable upload: %s", type(error).__name__)
        return Checked(is_pdf=True, readable=False, problem="susunan PDF rusak")
    hidden = not signatures and any(trace in pdf for trace in _TRACES)
    return Checked(True, True, signatures, archived=archived, hidden=hidden)
