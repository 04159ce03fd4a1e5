"""Labels on goods: what a label of a published product says, in which size, and a Kanwil's own design within limits.

Everything printed comes from the product's public copy, so that a label says what its page says. `recaps.labels` prints
them.
"""
