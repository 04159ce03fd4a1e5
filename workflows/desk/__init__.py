"""The shared desk: who has taken which case, what is urgent, who is looking, and many verdicts at once.

Nothing here decides: a verdict goes through `workflows.decisions.decide`, which knows of holds. Pages and the API call;
claims and priority are links of the case's own audit chain and leave its version alone.
"""
