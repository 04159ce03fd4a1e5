"""Recaps: what the Direktur Jenderal receives.

The figures of a period are frozen, written as a letter, rendered, signed by the Kepala Kantor Wilayah, delivered and
acknowledged; anyone can verify the file. Views, API, jobs and commands call the use cases here; nothing
below imports them.
"""
