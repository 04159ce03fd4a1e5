"""Campaigns (One Day One Prison's Product): days in which every UPT shows and sells what it makes, counted together.

A campaign is the country's or a Kanwil's. UPT join it, pledge, and enter what they sell; completed e-Katalog purchases
of its days count beside that, each package once. The counters are kept in the transaction of the sale, with a public
copy that the live page reads; closing freezes them. `recaps.campaigns` prints and signs what is frozen.
"""
