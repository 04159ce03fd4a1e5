"""The ways to sign beside the embedded keys: files of the office, tokens, a remote service; and what every certificate
has to be.

`recaps.signing` chooses one by ``KARYA_SIGNER`` and `recaps.pades` signs with it; nobody else comes here. A PIN is an
argument from the request to the pen and lies nowhere on its way: in no table, no payload, no log.
"""
