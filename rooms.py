"""The rooms of the house, loaded together: every model is mapped, every subject, job and schedule registered."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

_MODELS = (
    "tenants.models",
    "tenants.jobs",
    "tenants.limits",
    "workflows.models",
    "workflows.webhooks.models",
    "workflows.talk.models",
    "workflows.post.models",
    "workflows.desk.models",
    "workflows.design.models",
    "catalogue.models",
    "catalogue.window.models",
    "catalogue.oversight.models",
    "catalogue.sheets.models",
    "sales.models",
    "sales.sight.models",
    "recaps.models",
    "recaps.minutes.models",
    "recaps.certificates.models",
    "recaps.rounds.models",
    "recaps.national.models",
    "recaps.delivery.models",
)
_REGISTERED = ("workflows", "catalogue", "sales", "recaps")


def load() -> None:
    """Import every room's models, then what it registers (`<room>.registration`). Does nothing the second time."""
    for name in (*_MODELS, *(f"{room}.registration" for room in _REGISTERED)):
        if find_spec(name.split(".")[0]) is not None and find_spec(name) is not None:
            import_module(name)


def ddl(dialect: str) -> list[str]:
    """Triggers and search indexes that the rooms' tables need beside their columns, for `sqlite` or `postgresql`."""
    statements: list[str] = []
    for room in _REGISTERED:
        if find_spec(room) is not None and find_spec(f"{room}.ddl") is not None:
            statements += import_module(f"{room}.ddl").statements(dialect)
    return statements
