"""The proof of an approval: a case's chain as one JSON value, and recomputing it, from the database or from a file.

`rules` are pure: they are given rows and name what does not fit. `casefile` reads a chain of cases into the value that
travels (API, PDF attachment), `offline` checks such a value without a database. Rooms above add what they know through
`registry` (a subject's own rows, the anchors outside the chains) and `sections` (more to tell of a case).
"""
