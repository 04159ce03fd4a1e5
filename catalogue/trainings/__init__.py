"""Trainings of a UPT: what is learned, with whom, in how many hours, who was there and who passed.

A training and its counts are seen by the Kanwil; who takes part is in the UPT's reach alone (`catalogue.people`).
Certificates for those who passed are signed above (`recaps.awards`). Source: Vibizmedia, Saatnya Produk Karya WBP
Dikenal Masyarakat, Pontianak 2021 (certificates with a third party).
"""
