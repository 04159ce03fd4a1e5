"""Institutions that ought to buy what prisoners make, and which of them do.

The centre keeps one register for the country; purchases are matched with it by the institution that the e-Katalog
names, when figures are read, so that a correction holds for every period at once. Views, API and dashboards call it.
Source: Grand Design Kegiatan Industri Kreatif Lapas (Sukamara, 15 September 2020): ministries must use prison products.
"""
