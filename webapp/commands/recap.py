"""``recap``: listing and checking signed recaps, offline too."""

from __future__ import annotations

from pathlib import Path

import click

from recaps.verdicts import Verification
from webapp.commands import inside, json_option, open_house, say

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
AFTER = {
    "nothing": "tidak ada yang ditambahkan",
    "allowed": "hanya tanda tangan atau stempel waktu berikutnya",
    "forbidden": "perubahan yang tidak diizinkan",
}
TRUST = {
    "trusted": "dipercaya",
    "expired": "kedaluwarsa",
    "not_yet": "belum berlaku",
    "revoked": "dicabut",
    "stranger": "tidak dikenal",
    "unproven": "dikenal, tetapi tanda tangannya tidak cocok",
    "unreadable": "tidak dapat diperiksa",
}
REVOCATION = {"good": "tidak dicabut", "revoked": "dicabut", "unknown": "tidak ada daftarnya"}


@click.group(help="Rekap bertanda tangan.")
def group() -> None:
    pass


@group.command("list", help="Rekap satu Kanwil.")
@click.option("--tenant", required=True)
@json_option
def list_(tenant: str, as_json: bool) -> None:
    open_house()
    from sqlalchemy import select

    from recaps.models import Recap
    from tenants.database import session

    with inside(tenant):
        rows = [
            {"id": r.id, "period": r.period, "state": r.state, "number": r.number}
            for r in session().scalars(select(Recap).order_by(Recap.id))
        ]
    text = (
        "\n".join(f"{r['id']:5} {r['period']:8} {r['state']:14} {r['number'] or '-'}" for r in rows)
        or "Belum ada."
    )
    say(rows, as_json=as_json, text=text)


@group.command(
    help="Sertifikat (PEM) yang menjadi pangkal tanda tangan di sini, untuk memeriksa di tempat lain."
)
def anchors() -> None:
    open_house()
    from cryptography.hazmat.primitives.serialization import Encoding

    from recaps.signing import signer

    for one in signer().anchors():
        click.echo(one.public_bytes(Encoding.PEM).decode(), nl=False)


@group.command(
    help="Memeriksa sebuah PDF: tanda tangan, perubahan, angka, riwayat. Dengan --anchors: dari berkas itu saja, tanpa "
    "basis data dan jaringan. Keluar 1 bila tidak utuh."
)
@click.argument("source", type=FILE)
@click.option(
    "--anchors", multiple=True, type=FILE, help="Sertifikat yang dipercaya (PEM atau DER); boleh berulang."
)
@click.option(
    "--crl", "lists", multiple=True, type=FILE, help="Daftar pencabutan (PEM atau DER); boleh berulang."
)
@json_option
def verify(source: Path, anchors: tuple[Path, ...], lists: tuple[Path, ...], as_json: bool) -> int:
    if lists and not anchors:
        raise click.UsageError("--crl memerlukan --anchors")
    result = _offline(source, anchors, lists) if anchors else _registered(source)
    say(result.as_dict(), as_json=as_json, text="\n".join(_lines(result)))
    return 0 if result.verdict == "sound" else 1


def _registered(source: Path) -> Verification:
    open_house()
    from recaps import verification

    return verification.verify_file(source.read_bytes())


def _offline(source: Path, anchors: tuple[Path, ...], lists: tuple[Path, ...]) -> Verification:
    import rooms

    rooms.load()
    from recaps import offline
    from tenants import clock

    try:
        trust = offline.given(list(anchors), list(lists))
    except ValueError as error:
        raise click.BadParameter(f"{error} bukan sertifikat atau daftar pencabutan") from error
    return offline.verify_offline(source.read_bytes(), trust, now=clock.now())


def _lines(found: Verification) -> list[str]:
    """The answer, then each signature, then what it rests on."""
    lines = [f"{found.sentence} ({found.verdict})", *(f"  {change}" for change in found.changes)]
    record = found.record
    if record is not None and record.revoked_at is not None:
        lines.append(f"Dicabut     {record.revoked_at.isoformat()} oleh {record.revoked_by}")
        lines.append(f"  alasan    {record.revoked_reason}")
    if record is not None and record.replaced_by is not None:
        lines.append(f"Digantikan  {record.replaced_by}")
    for number, one in enumerate(found.signatures, 1):
        lines.append(f"Tanda tangan {number}: {one.signer or 'tidak terbaca'}, {one.office or '-'}")
        at = one.at.isoformat() if one.at else "-"
        lines.append(
            f"  waktu       {at}{' (stempel waktu)' if one.stamped else ' (menurut penanda tangan)'}"
        )
        lines.append(f"  tingkat     {one.level or '-'}")
        lines.append(
            f"  keutuhan    {'utuh' if one.intact else 'tidak utuh'}; sesudahnya: {AFTER[one.after]}"
        )
        lines.append(f"  sertifikat  {TRUST[one.trust]}; pencabutan: {REVOCATION[one.revocation]}")
        if one.entitled is False:
            lines.append("  wewenang    tidak berwenang menandatangani di sini")
    if found.figures_total:
        lines.append(f"Angka tercetak = lampiran: {found.figures_matched} dari {found.figures_total} sama")
    if found.history_match is not None:
        lines.append(f"Riwayat: {found.chains} rantai {'cocok' if found.history_match else 'TIDAK cocok'}")
    if found.offline:
        lines.append(
            "Hanya berkas ini yang diperiksa; pencabutan atau ralat suratnya terlihat di /verifikasi."
        )
    return lines
