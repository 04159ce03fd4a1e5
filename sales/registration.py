"""What this room registers: the jobs that read and write imports."""

from sales import national as _national  # noqa: F401
from sales import reading as _reading  # noqa: F401
