"""The pytest plugin: a fixture ``mockpos``, a whole world for each test.

Every pytest run loads it where mockpos is installed, so nothing here is imported before a test uses it.
"""
