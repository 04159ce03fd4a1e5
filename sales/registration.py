"""What this room registers: the jobs that read, write and take back imports."""

from sales import national as _national  # noqa: F401
from sales import reading as _reading  # noqa: F401
from sales import undoing as _undoing  # noqa: F401
