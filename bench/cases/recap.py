"""A recap's PDF beside WeasyPrint alone on the same HTML; signing and verifying beside pyHanko alone.

Ours: compose the letter from frozen figures, hand it with its three attachments to the rendering process, get the PDF.
Alone: a process of WeasyPrint that is given the same HTML, pictures and fonts and writes the same kind of PDF.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from json import dumps, loads
from pathlib import Path
from typing import Any

from bench.ground import Ground, Result, interleaved
from recaps import pades, rendering
from recaps.letter import compose
from recaps.signer import EmbeddedSigner, Holder
from recaps.signers.trust import trusting
from tests.recaps import recap_samples as samples

ROUNDS = 7


def measure(ground: Ground) -> Iterator[Result]:
    """recap: seconds a recap (no database takes part, so it is measured once); recap_memory: its process's peak."""
    if ground.dialect != "sqlite":
        return
    figures = samples.figures()
    letter = compose(figures, samples.issue())
    attached = samples.attachments(figures)
    if ground.wants("recap"):
        with _Alone(letter) as alone:
            value, floor = interleaved(
                lambda: rendering.render(compose(figures, samples.issue()), samples.attachments(figures)),
                alone.render,
                rounds=ROUNDS,
                warm=1,
            )
        size = f"{len(letter.html) // 1000} KB of HTML, 3 attachments"
        yield Result("recap", "none", value, "s", floor, size)
        rendering.close()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        yield Result("recap_memory", "none", peak, "MB", None, "peak of the rendering process")
    if ground.wants("sign") or ground.wants("verify"):
        yield from _signing(ground, rendering.render(letter, attached))
        rendering.close()


def _signing(ground: Ground, pdf: bytes) -> Iterator[Result]:
    moment = samples.issue().signed_at
    signer = EmbeddedSigner(ground.folder / "keys", "bench-only-" + "x" * 32)
    holder = Holder(samples.issue().signer, samples.issue().office, "Kanwil Kalimantan Barat", "bench")
    signed = _sign(pdf, signer, holder, moment)()
    size = f"{len(pdf) // 1000} KB"
    if ground.wants("sign"):
        value, floor = interleaved(
            _sign(pdf, signer, holder, moment), _pyhanko_sign(pdf, signer, holder), rounds=9, warm=1
        )
        yield Result("sign", "none", value, "s", floor, size)
    if ground.wants("verify"):
        value, floor = interleaved(
            lambda: pades.check(signed, signer, now=moment), _pyhanko_verify(signed, signer), rounds=9, warm=1
        )
        yield Result("verify", "none", value, "s", floor, size)


def _sign(pdf: bytes, signer: EmbeddedSigner, holder: Holder, moment: Any) -> Callable[[], bytes]:
    return lambda: pades.sign(pdf, signer, holder, reason="Rekap", place="Pontianak", now=moment)


def _pyhanko_sign(pdf: bytes, signer: EmbeddedSigner, holder: Holder) -> Callable[[], bytes]:
    """pyHanko as its documentation has it: one visible PAdES signature with validation info, nothing of ours."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    moment = samples.issue().signed_at

    def sign() -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        fields.append_signature_field(writer, fields.SigFieldSpec("Alone", box=(10, 10, 200, 60)))
        meta = signers.PdfSignatureMetadata(
            field_name="Alone",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            embed_validation_info=True,
            validation_context=trusting(signer, moment),
        )
        with signer.pen(holder, now=moment) as pen:
            return bytes(signers.PdfSigner(meta, pen).sign_pdf(writer).getbuffer())

    return sign


def _pyhanko_verify(pdf: bytes, signer: EmbeddedSigner) -> Callable[[], object]:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature

    moment = samples.issue().signed_at

    def verify() -> object:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        context = trusting(signer, moment)
        return validate_pdf_signature(
            reader.embedded_regular_signatures[0], signer_validation_context=context
        ).intact

    return verify


class _Alone:
    """A process that knows WeasyPrint and the files of one letter, and nothing else."""

    def __init__(self, letter: Any) -> None:
        from recaps.render_worker import OWN

        files = {f"asset/{name}": data for name, data in letter.assets.items()}
        files |= {name: Path(path).read_bytes() for name, path in OWN.items()}
        self._first = {
            "html": letter.html,
            "files": {name: b64encode(data).decode() for name, data in files.items()},
        }

    def __enter__(self) -> _Alone:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.weasyprint_alone"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._say(self._first)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def render(self) -> None:
        """Render once more; the answer is only the length, so that no transport is measured."""
        assert self._say("again") > 10_000

    def _say(self, words: object) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(dumps(words).encode() + b"\n")
        self._process.stdin.flush()
        return int(loads(self._process.stdout.readline()))
