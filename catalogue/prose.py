"""A description's simple Markdown, shown as HTML that can hold no script, no style and no foreign picture."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "h3", "h4", "blockquote", "hr", "code", "a"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False, "breaks": True})
_MARKDOWN.disable(["image", "html_block", "html_inline"])


@lru_cache(maxsize=512)
def rendered(text: str) -> str:
    """`text` (Markdown without HTML) as safe HTML; headings begin at h3, links carry rel=nofollow."""
    html = _MARKDOWN.render(text)
    html = re.sub(r"<(/?)h[12]>", r"<\1h3>", html)
    html = re.sub(r"<(/?)h[56]>", r"<\1h4>", html)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"https", "http", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )


def summary(text: str, *, longest: int = 155) -> str:
    """The first words of `text` without Markdown marks, for a search engine's summary."""
    flat = re.sub(r"\s+", " ", re.sub(r"[*_`#>\[\]]|\(https?://[^)]*\)", "", text)).strip()
    if len(flat) <= longest:
        return flat
    return flat[: longest - 1].rsplit(" ", 1)[0] + "…"
