"""The national default of each subject: what the centre published last, else the file that Karya brings along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.design.models import NationalDefinition
from workflows.documents import from_document, parse
from workflows.stages import Definition
from workflows.subjects import registered

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True)
class Default:
    """A national default and its locks. `version` 0 is the file's."""

    version: int
    definition: Definition
    locked: tuple[str, ...]
    note: str = ""
    published_at: datetime | None = None

    @property
    def document(self) -> dict[str, Any]:
        return self.definition.document


def default_text(subject_type: str) -> str:
    """The YAML of the default that Karya brings along."""
    return (DATA / f"{subject_type}.yaml").read_text(encoding="utf-8")


def national_default(session: Session, subject_type: str) -> Default | None:
    """The default in force; None for a subject that has none. One statement."""
    row = session.scalars(
        select(NationalDefinition)
        .where(NationalDefinition.subject_type == subject_type)
        .order_by(NationalDefinition.version.desc())
        .limit(1)
    ).first()
    if row is not None:
        definition = from_document(row.document)
        return Default(row.version, definition, tuple(row.locked), row.note, row.published_at)
    if not (DATA / f"{subject_type}.yaml").is_file():
        return None
    locked = next((one.locked_stages for one in registered() if one.key == subject_type), ())
    return Default(0, parse(default_text(subject_type)), locked)
