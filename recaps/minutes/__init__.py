"""Minutes ("berita acara"): the whole way of a product to its approval, rejection or withdrawal as a signed document.

The case's chain is frozen as `kasus.json`, printed, and signed by the Kadiv or the Kepala Kantor Wilayah in a job; the
file is kept by content and anyone verifies it at ``/verifikasi``. It holds what the UPT may read, and goes to the UPT
too. What other rooms add to a case file (`workflows.proof.sections`) is inside as well.
"""
