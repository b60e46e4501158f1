"""Hypothesis draws the same examples in every run here, and does not mind a slow machine."""

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.load_profile("ci")
