"""The benchmarks. Each measures a use case or a page beside its floor: the least that anyone could do, in the same run.

`make bench` runs all of them, `make bench ONLY=decision` those whose name begins so. They print a table and keep what
they found in `latest.json`: `{name: {database, value, unit, floor, ratio, size}}`.
"""
