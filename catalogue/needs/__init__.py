"""The needs board: an UPT says what it needs, others offer, an accepted offer is an agreement.

Here live needs, offers as their makers and their receivers keep them, the letters between UPT and the proposals of
products that fit. Views, API, clock and `sales.supply` (which ties an agreement to the purchase that fulfils it) call
it. Nothing of a Kanwil is read by another: only the board's copies and the letters cross (ADR 18).
Source: Banten's supply and demand, UPT buying from UPT as an ecosystem (5 March 2024).
"""
