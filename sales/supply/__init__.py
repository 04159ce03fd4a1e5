"""What an agreement of the needs board becomes: packages of the e-Katalog that fulfil it.

The UPT that offered, or the one that buys, names a package; once it stands as completed in the provider's register of
purchases its amount counts, and the buyer's side is told by a letter. Views, API and the clock call it; it calls
`catalogue.needs` and reads `sales`.
"""
