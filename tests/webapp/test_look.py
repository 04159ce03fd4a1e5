"""The look keeps its promises: icons that exist, nothing inline, colours one can read, a first page that is light."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import jinja2
import pytest

WEBAPP = Path(__file__).resolve().parents[2] / "webapp"
STATIC = WEBAPP / "static"
TEMPLATES = sorted((WEBAPP / "templates").rglob("*.html"))
SPRITE = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "vendor" / "icons.svg").read_text()))
PAIRS = (
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("soft", "paper"),
    ("soft", "surface"),
    ("soft", "sunken"),
    ("link", "paper"),
    ("link", "surface"),
    ("link", "nila-tint"),
    ("kunyit-ink", "kunyit-tint"),
    ("kunyit-ink", "surface"),
    ("daun-ink", "daun-tint"),
    ("daun-ink", "surface"),
    ("bata-ink", "bata-tint"),
    ("bata-ink", "surface"),
    ("bata-ink", "del"),
    ("ink", "ins"),
    ("on-action", "action"),
    ("on-action", "approve"),
    ("on-action", "bata"),
    ("on-kunyit", "kunyit"),
    ("rail-soft", "rail"),
    ("rail-faint", "rail"),
)


def _tokens(dark: bool) -> dict[str, str]:
    text = (STATIC / "css" / "tokens.css").read_text()
    light, _, night = text.partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+):\s*([^;]+);", light))
    if dark:
        found |= dict(re.findall(r"--([\w-]+):\s*([^;]+);", night))
    return found


def _luminance(tokens: dict[str, str], name: str) -> float:
    value = tokens[name]
    while value.startswith("var("):
        value = tokens[value[6:-1]]
    digits = value.lstrip("#")
    if len(digits) == 3:
        digits = "".join(d * 2 for d in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read_on_its_ground(text: str, ground: str, dark: bool) -> None:
    tokens = _tokens(dark)
    bright, dim = sorted((_luminance(tokens, text), _luminance(tokens, ground)), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= 4.5


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(WEBAPP).as_posix())
def test_a_template_names_icons_that_exist_and_holds_nothing_inline(template: Path) -> None:
    text = template.read_text()
    named = set(re.findall(r"\bicon\('([a-z0-9-]+)'", text)) | set(
        re.findall(r"icon_name='([a-z0-9-]+)'", text)
    )
    assert named <= SPRITE
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|javascript:", text)
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or "nonce" in script or 'type="application/' in script


def test_the_rail_and_the_views_name_icons_that_exist() -> None:
    shell = (WEBAPP / "shell.py").read_text()
    named = set(re.findall(r'"[a-z_]+", _\("[^"]+"\),\s*"([a-z0-9-]+)"', shell))
    assert named
    assert named <= SPRITE


def test_what_the_first_public_page_loads_of_ours_stays_light() -> None:
    names = ("tokens", "base", "forms", "print", "public")
    files = [STATIC / "css" / f"{name}.css" for name in names] + [
        STATIC / "js" / "menu.js",
        STATIC / "js" / "shared.js",
        STATIC / "vendor" / "icons.svg",
    ]
    weight = sum(len(gzip.compress(file.read_bytes())) for file in files)
    weight += (STATIC / "vendor" / "plus-jakarta-sans.woff2").stat().st_size
    assert weight < 75_000


def test_no_stylesheet_or_module_of_ours_fetches_from_elsewhere() -> None:
    for file in [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")]:
        assert not re.search(r"https?://(?!www\.w3\.org)", file.read_text()), file.name


def _macros(name: str) -> jinja2.environment.TemplateModule:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEBAPP / "templates"), autoescape=True, extensions=["jinja2.ext.i18n"]
    )
    env.install_gettext_callables(lambda s: s, lambda a, b, n: a if n == 1 else b, newstyle=True)  # type: ignore[attr-defined]
    env.filters |= {"spoken": lambda said: said, "again": lambda said: said}
    env.globals["url_for"] = lambda endpoint, filename="": f"/{endpoint}/{filename}"
    return env.get_template(f"parts/{name}.html").module


def test_a_product_without_a_photo_always_wears_the_face_of_its_upt() -> None:
    face = _macros("product").face  # type: ignore[attr-defined]
    faces = {
        slug: str(face(slug)) for slug in ("lapas-iia-pontianak", "rutan-iib-sambas", "lpka-ii-sungai-raya")
    }
    assert faces == {slug: str(face(slug)) for slug in faces}
    assert all("face--" in text and "tone-" in text for text in faces.values())


def test_a_field_is_tied_to_what_is_wrong_with_it() -> None:
    html = str(_macros("forms").field("price_rupiah", "Harga", "<b>", error="Isi dengan angka."))  # type: ignore[attr-defined]
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="f-price_rupiah-error"' in html
    assert 'value="&lt;b&gt;"' in html


def test_a_price_outside_the_band_is_drawn_as_such() -> None:
    band = _macros("price_band").price_band  # type: ignore[attr-defined]
    assert "band__asked--out" in str(band(130_000, 98_500, 73_900, 123_100))
    assert "band__asked--out" not in str(band(95_000, 98_500, 73_900, 123_100, 130_000))


def test_money_is_written_as_indonesia_writes_it() -> None:
    money = _macros("ui").money  # type: ignore[attr-defined]
    assert str(money(47_850_000)).strip() == "Rp47.850.000"
    assert str(money(None)).strip() == "–"
