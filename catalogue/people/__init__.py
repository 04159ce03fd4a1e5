"""Persons in custody who work and learn, kept apart: their tables belong to their UPT alone.

Names and registration numbers lie here sealed with a key for each person (`sealing`); whoever is shown one is written
down (`access`); what a person agreed to in writing is kept and withdrawn here (`consents`); after its time a record is
erased (`retention`), and its key with it. Views of the UPT and the rooms above call it; nothing of it leaves the UPT
but counts, and the names of those who agreed to be credited (ADR 19).
"""
