"""Pengawasan: is a published product still what was approved?

Here live inspections (planned by the calendar, or spot checks after a complaint), their results, and the findings that
an UPT must mend by a date. Views, API and the clock call it; it calls `catalogue.publication` to suspend, and nothing
calls back. Source: SE PAS-08.OT.02.02 Tahun 2024 (pengawasan after publication).
"""
