"""The recap of the country: a short part with figures by Kanwil from the rollups, and inside the file the signed
recaps of the Kanwil, byte for byte. Admin Pusat drafts it, the Direktur Jenderal signs it; it belongs to no Kanwil, so
its rows are the centre's and its history a chain of its own (`events`).
"""
