"""The register of partners: agencies and private parties that a Kanwil works with, and what was agreed with each.

The Kanwil keeps it (Kadiv, Admin Kanwil), its UPT read it: trainings and products name a partner of it. An agreement
that ends is told of beforehand, each step once. Source: Vibizmedia, Saatnya Produk Karya WBP Dikenal Masyarakat (2021).
"""
