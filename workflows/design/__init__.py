"""Designing a workflow: drafts, publication, the national default with its locks, the diagram, the simulation.

A Kanwil edits a draft as a form or as YAML; a draft may be wrong, only publication asks that it is not. Whatever way a
definition is published, `rules` says whether it may; cases under way stay with the version they began with.
"""
