"""The same visitors as the pages' tests have."""

from tests.webapp.conftest import officer, visitor

__all__ = ["officer", "visitor"]
