"""What is bought: e-Katalog purchases, how they come in from export files, and the figures that follow from
them.

`parsing` and what it calls know no database; `imports` carries a file through preview to purchases,
`figures` keeps and reads the rollups, `queries` and `exports` show what was bought. Recaps and pages call
this room; it calls the workflow's audit and the tenants' base alone.
"""
