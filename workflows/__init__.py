"""How anything is approved: definitions, cases, decisions, deadlines, the inbox and the audit chain.

A subject (a product, a recap) registers itself in `subjects`; this room knows what a stage, a verdict and a
deadline are, and not what is being approved. Every room above may call `submission`, `decisions`, `queries`
and `audit`.
"""
