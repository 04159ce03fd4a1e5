"""The child process that renders: WeasyPrint, our own files, and nothing else.

Started by `rendering` as ``python -m recaps.render_worker``; reads one request a line (JSON) on its
standard input and answers each with one line. It lives for some documents and is then replaced, so that
what WeasyPrint keeps in memory goes with it; it ends by itself when its parent is gone (its input closes).
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

HERE = Path(__file__).parent
OWN = {
    **{path.name: path for path in sorted((HERE / "templates").glob("*.css"))},
    "konsep.svg": HERE / "templates" / "konsep.svg",
    **{f"fonts/{path.name}": path for path in sorted((HERE / "fonts").glob("*.woff2"))},
}


def main() -> int:
    """Answer requests until the input closes."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever a library prints must not fall between two answers
    for line in source:
        request = json.loads(line)
        try:
            answer: dict[str, Any] = {"pdf": base64.b64encode(render_request(request)).decode()}
        except Exception as error:  # noqa: BLE001 - the parent raises it; this process must answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        answer["memory_kb"] = memory_kb()
        _write(target, answer)
    return 0


def memory_kb() -> int:
    """The most memory this program has held. Not `ru_maxrss`: Linux hands that on from the process that started this
    one, so that beside a large parent every child would look too large from its first letter on."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def render_request(request: dict[str, Any]) -> bytes:
    """Render one request: ``{html, assets{name: base64}, attachments[{name, description, relationship, mime, data}],
    identifier, created}``."""
    import pydyf  # type: ignore[import-untyped]
    from weasyprint import HTML, Attachment
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    assets = {name: base64.b64decode(data) for name, data in request["assets"].items()}

    class OwnFiles(URLFetcher):
        """Our own files by name, and this document's pictures; every other address stops the rendering."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            name = url.removeprefix("karya:")
            if name == url:
                raise FatalURLFetchingError(f"the letter may not fetch {url[:80]}")
            if name.startswith("asset/") and name[6:] in assets:
                return URLFetcherResponse(url, assets[name[6:]], {"Content-Type": _kind(name)})
            if name in OWN:
                return URLFetcherResponse(url, OWN[name].read_bytes(), {"Content-Type": _kind(name)})
            raise FatalURLFetchingError(f"no such file of ours: {name[:80]}")

    created = datetime.fromisoformat(request["created"])
    fetcher = OwnFiles()
    attachments = [
        Attachment(
            file_obj=io.BytesIO(base64.b64decode(item["data"])),
            name=item["name"],
            description=item["description"],
            relationship=item["relationship"],
            created=created,
            modified=created,
            url_fetcher=fetcher,
        )
        for item in sorted(request["attachments"], key=lambda item: str(item["name"]))
    ]
    try:
        document = HTML(string=request["html"], base_url="karya:", url_fetcher=fetcher).render(
            pdf_variant="pdf/a-3u", pdf_tags=True
        )
    except FatalURLFetchingError as error:  # a BaseException: it would end this process
        raise ValueError(str(error)) from error
    boxes = _boxes(document)
    identifier = hashlib.sha256(request["identifier"].encode()).hexdigest()[:32]

    def finish(_: Any, pdf: Any) -> None:
        # Where the signatures go, for whoever signs: [page, x0, y0, x1, y1] in points from the lower left corner.
        # Objects stay out of object streams: whoever checks a signature reads each of them, and unpacking the stream
        # for every one takes pyHanko seconds. Pages, fonts and attachments are compressed all the same.
        write = pdf.write
        pdf.write = lambda output, version, name, compress: write(output, version, name, False)
        pdf.catalog["KaryaBoxes"] = pydyf.Dictionary(
            {name: pydyf.Array(place) for name, place in boxes.items()}
        )
        # The identifier's own place is the end of the file; here it also stands at its head and on every page, so
        # that a copy which was cut off or damaged is still recognised as one of ours.
        for one in pdf.objects:
            if isinstance(one, pydyf.Dictionary) and one.get("Type") in ("/Pages", "/Page"):
                one["KaryaDocument"] = pydyf.String(identifier)

    target = io.BytesIO()
    document.write_pdf(
        target,
        finisher=finish,
        pdf_variant="pdf/a-3u",
        pdf_tags=True,
        pdf_identifier=identifier,
        attachments=attachments,
        custom_metadata=False,
    )
    return target.getvalue()


def _boxes(document: Any) -> dict[str, list[float]]:
    """The places of the elements with the ids `tte` and `receipt`."""
    found: dict[str, list[float]] = {}
    for number, page in enumerate(document.pages):
        for box in _walk(page._page_box):
            name = box.element.get("id") if box.element is not None and hasattr(box.element, "get") else None
            if name in ("tte", "receipt") and name not in found:
                left, top = box.border_box_x(), box.border_box_y()
                right, bottom = left + box.border_width(), top + box.border_height()
                found[name] = [
                    number,
                    *(
                        round(value * 0.75, 2)
                        for value in (left, page.height - bottom, right, page.height - top)
                    ),
                ]
    return found


def _walk(box: Any) -> Any:
    yield box
    for child in getattr(box, "children", ()):
        yield from _walk(child)


def _kind(name: str) -> str:
    kinds = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2"}
    return kinds.get(Path(name).suffix, "application/octet-stream")


def _write(target: BinaryIO, answer: dict[str, Any]) -> None:
    target.write(json.dumps(answer).encode() + b"\n")
    target.flush()


if __name__ == "__main__":
    sys.exit(main())
