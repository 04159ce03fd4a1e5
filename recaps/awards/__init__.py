"""What a person gets on paper: the certificate of a training, signed by the head of the UPT, and the work record that a
Pembimbing Kemasyarakatan attaches to a Litmas.

A certificate is kept sealed in the UPT's reach; anyone learns at ``/verifikasi`` that it is genuine, from when, and for
which skill, and nothing else. A work record is printed for a purpose that is written down, and kept nowhere.
"""
