"""Campaigns on paper: the closing report and each UPT's certificate of participation, as signed PDFs.

Both are printed from a campaign's frozen figures alone, carry them inside, and are verified by anyone at
``/verifikasi``. A Kanwil signs what is its own; the report of the country is the Direktur Jenderal's.
"""
