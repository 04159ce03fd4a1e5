"""Recomputing a case file without a database: what the export and the minutes carry must prove itself."""

from __future__ import annotations

import hashlib
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tenants.said import say
from tenants.words import N_
from workflows.chains import Problem, genesis
from workflows.merkle import merkle_root
from workflows.proof.casefile import NOT_A_CASE, CaseFile, NotACaseFile, rows_of
from workflows.proof.rules import case_rows, document_sha, links
from workflows.proof.sections import check_sections


def check(value: CaseFile) -> list[Problem]:
    """Everything that does not fit in a case file: hashes, links, decisions, states, workflows, heads and root.

    An honest file tells that nobody changed it since its head was what it is; hold the head against one that is
    kept elsewhere: the minutes, a signed recap, the register.

    Raises:
        NotACaseFile: its rows are not in the form of a case file.
    """
    rows = rows_of(value)
    try:
        zone = ZoneInfo(str(value["kanwil"]["timezone"]))
        told = [(str(chain), int(seq), str(head)) for chain, seq, head in value["heads"]]
        root = str(value["root"])
    except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError) as error:
        raise NotACaseFile(NOT_A_CASE) from error
    found: list[Problem] = []
    before: int | None = None
    for case in rows.cases:
        if case.previous_case_id != before:
            before_it = say(N_("Kasus sebelum ini tidak ada dalam berkas."))
            found.append(Problem(case.chain, "case_file", case.id, before_it))
        stands_on = {genesis(case.chain)}
        if before is not None:
            stands_on = {event.hash for event in rows.events[before]}
        found += links(case.chain, rows.events[case.id], stands_on)
        for event in rows.events[case.id]:
            if (event.tenant_id, event.chain) != (case.tenant_id, case.chain):
                found.append(
                    Problem(case.chain, "audit_event", event.id, say(N_("Peristiwa dari rantai lain.")))
                )
        for decision in rows.decisions[case.id]:
            if (decision.tenant_id, decision.case_id) != (case.tenant_id, case.id):
                found.append(
                    Problem(case.chain, "decision", decision.id, say(N_("Putusan dari kasus lain.")))
                )
        found += case_rows(
            case,
            rows.events[case.id],
            rows.decisions[case.id],
            rows.definitions.get(case.definition_id),
            zone,
        )
        before = case.id
    for row in rows.definitions.values():
        if document_sha(row.document) != row.sha256:
            found.append(
                Problem(
                    "kanwil",
                    "definition_version",
                    row.id,
                    say(N_("Dokumen alur kerja tidak sesuai sidiknya.")),
                )
            )
    heads = [
        (case.chain, rows.events[case.id][-1].seq, rows.events[case.id][-1].hash)
        for case in rows.cases
        if rows.events[case.id]
    ]
    if heads != told:
        found.append(
            Problem(rows.cases[-1].chain, "heads", None, say(N_("Ujung rantai dalam berkas berbeda.")))
        )
    if merkle_root(heads) != root:
        found.append(
            Problem(rows.cases[-1].chain, "root", None, say(N_("Akar Merkle dalam berkas berbeda.")))
        )
    try:
        every = [event for case in rows.cases for event in rows.events[case.id]]
        found += check_sections(value.get("sections"), every)
    except (KeyError, TypeError, AttributeError) as error:
        raise NotACaseFile(NOT_A_CASE) from error
    return list(dict.fromkeys(found))


def digest_of(data: bytes) -> str:
    """SHA-256 (hex) of a case file's bytes, as the minutes print it."""
    return hashlib.sha256(data).hexdigest()


__all__ = ["NotACaseFile", "check", "digest_of"]
