"""The exercise: meets every documented (operation, code) pair of a running mock over HTTP, in every documented way.

``cases.py`` is the vocabulary, ``plain_cases.py`` and ``scenario_cases.py`` are the tables: the one place that says how
a code is provoked. ``case_run.py`` makes the calls of one case, ``matrix.py`` those of all; the docs show them as
commands.
"""
