"""Labels as PDF: single ones in three sizes, and sheets for A4 label paper, printed by the rendering process in a job.

The same request gives the same bytes: a run freezes what its labels say when it is asked for.
"""
