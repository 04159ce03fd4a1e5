"""What this room registers elsewhere: the assessment as a subject of the workflow, and what a case leads to."""

from __future__ import annotations

from catalogue.readiness import frozen, proof, verifying
from catalogue.readiness.filling import SUBJECT
from catalogue.readiness.terms import DRAFT, LABELS, REJECTED, RETURNED
from tenants.words import N_
from workflows.subjects import SubjectType, register

__all__ = ["READINESS", "proof"]

READINESS = register(
    SubjectType(
        key=SUBJECT,
        label=N_("Kesiapan UPT"),
        field_labels=LABELS,
        before_decide=verifying.before_decide,
        on_approved=verifying.approved,
        on_returned=verifying.moved_to(RETURNED),
        on_rejected=verifying.moved_to(REJECTED),
        on_withdrawn=verifying.moved_to(DRAFT),
        on_reopened=verifying.reopened,
        condition_fields={"total": N_("Nilai rata-rata menurut UPT (perseratus)"), "year": N_("Tahun")},
        locked_stages=("verifikasi",),
        approved_word=N_("Terverifikasi"),
        changes=frozen.changes_between,
        summary=frozen.summary,
        workplace=lambda case: (N_("Buka penilaiannya"), f"/kesiapan/{case.subject_id}"),
    )
)
