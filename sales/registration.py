"""What this room registers: the jobs that read, write and take back imports, and what counts for the needs board."""

from sales import national as _national  # noqa: F401
from sales import reading as _reading  # noqa: F401
from sales import undoing as _undoing  # noqa: F401
from sales.supply import linking as _linking  # noqa: F401
