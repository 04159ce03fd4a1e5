"""What differs between a file and the original, in words that a stranger understands."""

from __future__ import annotations

from recaps import printed
from recaps.judging import Signature
from recaps.pades import Checked
from tenants.said import say
from tenants.words import N_

SAME_TEXT = N_(
    "Teks halaman dan lampirannya terbaca sama dengan aslinya; yang berubah bagian lain dari berkas ini, "
    "misalnya tampilan, catatan, atau keterangannya."
)


def is_incomplete(original: bytes, data: bytes, checked: Checked) -> bool:
    """Whether the file is a broken copy: cut off at its end, or with a part that can no longer be read."""
    return original.startswith(data) or not checked.readable


def signed_version(data: bytes, signatures: list[Signature]) -> bytes | None:
    """The file as it was when the last signature that still holds was given; None where none does."""
    ends = [one.end for one in signatures if one.intact and one.trusted and one.entitled is not False]
    return data[: max(ends)] if ends and max(ends) < len(data) else None


def changes(
    original: bytes | None,
    data: bytes,
    content: printed.Content,
    checked: Checked,
    match: printed.Match | None,
) -> list[str]:
    """What differs, most telling first; at least one sentence."""
    said: list[str] = []
    if original is not None and is_incomplete(original, data, checked):
        said.append(
            say(
                N_(
                    "Berkas ini rusak atau tidak lengkap: sebagian isinya hilang atau tidak dapat "
                    "dibaca (asli %(count)s bita, ini %(count2)s bita)."
                ),
                count=len(original),
                count2=len(data),
            )
        )
        said.append(bytes_changed(original, data))
        return said
    if original is not None:
        said += printed.differences(printed.read(original), content) or [say(SAME_TEXT)]
        said.append(bytes_changed(original, data))
    elif match is not None and match.differing:
        said += [
            say(N_("Angka tercetak berbeda dari lampirannya: %(text)s."), text=text)
            for text in match.differing[:8]
        ]
    if not checked.readable:
        said.append(say(N_("Berkas ini tidak dapat dibuka: %(problem)s."), problem=checked.problem))
    if any(not one.intact for one in checked.signatures):
        said.append(say(N_("Bagian yang ditandatangani tidak lagi sama dengan saat ditandatangani.")))
    elif any(not one.allowed for one in checked.signatures):
        said.append(say(N_("Isi berkas ditambah atau diganti setelah ditandatangani.")))
    return said or [say(N_("Bita berkas ini tidak sama dengan berkas yang kami terbitkan."))]


def bytes_changed(original: bytes, data: bytes) -> str:
    """Where the bytes differ."""
    if data.startswith(original):
        return say(
            N_("%(count)s bita ditambahkan setelah akhir berkas asli."), count=len(data) - len(original)
        )
    if original.startswith(data):
        return say(N_("Berkas terpotong: %(count)s bita terakhir hilang."), count=len(original) - len(data))
    first = next(place for place, (a, b) in enumerate(zip(original, data, strict=False)) if a != b)
    if len(original) == len(data):
        count = sum(1 for a, b in zip(original, data, strict=True) if a != b)
        return say(
            N_("%(count)s bita berbeda dari berkas asli, yang pertama pada bita ke-%(first)s."),
            count=count,
            first=first + 1,
        )
    return say(
        N_("Berkas ini berbeda dari aslinya mulai bita ke-%(first)s (asli %(count)s, ini %(count2)s bita)."),
        first=first + 1,
        count=len(original),
        count2=len(data),
    )
