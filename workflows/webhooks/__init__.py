"""Telling other systems what happened: a Kanwil registers an address, and events are posted to it, signed.

A delivery is a row made by a sweep over the audit, so that a decision pays nothing for it and no event can be
forgotten; it is sent by a job, tried again with growing pauses, and kept as a dead letter when nobody answers. The
room knows events by their name; what a product or a recap is, it does not know. `webapp` may call `registering`,
`replaying` and `queries`.
"""
