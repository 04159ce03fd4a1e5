"""The sight of the approval: how long it takes, what waits, what comes back and why, who decides how much.

`durations` notes on each decision and each case, in the statements that write them anyway, what the report counts by;
`queries` counts a period of it in a bounded number of statements, for one Kanwil or for the country; `listing` gives
the cases behind a number. Nothing here changes a case.
"""
