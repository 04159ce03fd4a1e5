"""The certificates of those who sign: who holds which until when, and a warning before one ends.

The warnings are notices of the Kanwil, each once; the Dirjen's own is shown by the centre's bell. Pages and the nightly
sweep read here; keys are never touched.
"""
