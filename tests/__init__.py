"""The tests mirror the house; `support/` holds what they share, `journeys/` whole stories in a browser."""
