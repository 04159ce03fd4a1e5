"""Who: Kanwil (the tenants), their UPT, the officers, and the scope inside which everything happens.

This is the lowest room of the house: it knows nothing of cases, products or recaps, and every other room may call it.
Nothing reads or writes a tenant's row without a scope; `scope`, `guard`, `rls` and `database` hold that together.
"""
