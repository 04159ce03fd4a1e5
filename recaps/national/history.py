"""The history that a recap of the country carries: the head of its own chain, and each signed recap inside it.

A recap inside is one head (``rekap:<kanwil>``, its number among recaps, the SHA-256 of its file); the Merkle root over
all of them stands in the figures, so that the signature covers every file inside by name.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from recaps.models import VerificationFile
from recaps.national import events
from tenants import database
from workflows.merkle import Head

OWN = "nasional:"
INSIDE = "rekap:"


def held(heads: Sequence[Head]) -> bool:
    """Whether the centre's chain still has its head, and every recap inside is a file that we gave out. Two
    statements."""
    own = [one for one in heads if one[0].startswith(OWN)]
    inside = {digest for chain, _, digest in heads if chain.startswith(INSIDE)}
    if len(own) != 1 or len(own) + sum(one[0].startswith(INSIDE) for one in heads) != len(heads):
        return False
    with database.national("verifikasi riwayat nasional") as reader:
        known = reader.scalar(
            select(func.count()).select_from(VerificationFile).where(VerificationFile.sha256.in_(inside))
        )
        return known == len(inside) and events.holds(reader, own[0][0], own[0])
