"""What can go wrong with a label, in words a person can act on."""

from __future__ import annotations

from tenants.errors import Conflict
from tenants.words import N_


class DesignMoved(Conflict):
    title = N_("Desain label ini sudah diubah orang lain")
