"""`messages.py TEMPLATE`: bring the English catalogue up to date with the collected texts and compile every language.

The header is written without dates, so that a catalogue changes only where a text does. What has no translation yet
is named; the page shows it in Indonesian.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TRANSLATIONS = Path(__file__).resolve().parent.parent / "webapp" / "translations"
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Karya\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


def main() -> None:
    """Update `en` from the template, then write every catalogue and its compiled form."""
    with Path(sys.argv[1]).open("rb") as source:
        template = read_po(source)
    for path in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")):
        language = path.parts[-3]
        with path.open("rb") as source:
            catalogue = read_po(source, locale=language)
        if language == "en":  # `id` holds the words of the libraries, which no template of ours collects
            catalogue.update(template, no_fuzzy_matching=True)
            write(path, language, catalogue)
        catalogue.creation_date = catalogue.revision_date = EPOCH
        with path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)
        empty = [message.id for message in catalogue if message.id and not message.string]
        print(f"{language}: {len(catalogue)} texts, {len(empty)} without translation")
        for text in empty:
            print(f"  {text!r}")


def write(path: Path, language: str, catalogue: object) -> None:
    """A catalogue with our header."""
    body = io.BytesIO()
    write_po(body, catalogue, width=0, omit_header=True, ignore_obsolete=True, sort_output=True)
    header = HEADER.format(language=language, plural=catalogue.plural_forms)
    path.write_text(header + body.getvalue().decode().lstrip(), encoding="utf-8")


if __name__ == "__main__":
    main()
