"""The floor of a recap: a process of WeasyPrint that writes the same HTML as the same kind of PDF, again and again.

Standard input: a line `{html, files{name: base64}}`, then a line for each further rendering; the answer is a number.
"""

import json
import sys
from base64 import b64decode

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

given = json.loads(sys.stdin.readline())
files = {name: b64decode(data) for name, data in given["files"].items()}


class Files(URLFetcher):
    """The letter's own files, from memory."""

    def fetch(self, url, headers=None):
        name = url.removeprefix("karya:")
        kind = {"css": "text/css", "svg": "image/svg+xml", "woff2": "font/woff2", "png": "image/png"}
        return URLFetcherResponse(
            url, files[name], {"Content-Type": kind.get(name.rsplit(".", 1)[-1], "image/png")}
        )


print(0, flush=True)
for _ in sys.stdin:
    page = HTML(string=given["html"], base_url="karya:", url_fetcher=Files())
    print(len(page.write_pdf(pdf_variant="pdf/a-3u", pdf_tags=True)), flush=True)
