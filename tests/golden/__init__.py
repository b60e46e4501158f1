"""Golden files: what users see of mockpos, kept word for word. ``python -m tests.golden`` writes them anew.

They are made from outside, by commands and over HTTP, so that the same program runs against any version. A commit that
changes one of them says which, and why.
"""
