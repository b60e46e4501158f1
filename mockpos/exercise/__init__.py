"""The exercise: meets every documented (operation, code) pair of a running mock over HTTP, in every documented way.

``ways.py`` is the vocabulary, ``plain_ways.py`` and ``scenario_ways.py`` are the tables, ``trial.py`` walks one way,
``matrix.py`` all of them. It speaks to the mock as any caller does, and must not reach into a server's state.
"""
