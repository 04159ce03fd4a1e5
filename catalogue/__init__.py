"""What is made: products, their revisions and photos, and the public shop window.

An UPT drafts a product here and submits a revision; `workflows` takes it through its stages and calls
back what this room registered, and an approved revision is copied into the public tables in the same
transaction. `webapp`, `recaps` and `sales` may call this room; it calls `workflows` and `tenants` only.
"""
