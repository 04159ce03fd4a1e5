"""Figures side by side: a period beside the one before and the year before, targets beside what was reached, who bought
from whom.

All of it is read from the rollups, one of which is this room's own (`TradeFigure`); `grouping` says to which group of
goods a commodity of the e-Katalog belongs. Pages, exports and the API ask here; every line knows which purchases it is
made of.
"""
