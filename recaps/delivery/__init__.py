"""What happens to a recap once it has come: dispositions, the archive, and a year of it as one signed bundle.

A disposition is the Dirjen's written instruction on a received recap: to the Kanwil (a row of the Kanwil, which sees
it) or to an officer of the centre (a row of nobody's tenant, which no Kanwil ever reads). The archive finds recaps by
Kanwil, period, number and word. A bundle is a ZIP of a year's signed files with a manifest that is signed as well.
"""
