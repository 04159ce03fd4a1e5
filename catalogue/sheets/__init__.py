"""Product drafts from a sheet: the template that a UPT fills at its desk, what is wrong with each row, and the import.

A file is known by its content: brought in twice, by whomever of the UPT, it is the same import, and a row of it
becomes a draft once. The rules are those of the editor (`catalogue.content`, `catalogue.checks`).
"""
