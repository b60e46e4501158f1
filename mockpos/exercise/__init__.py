"""The exercise: meets every documented (operation, code) pair of a running mock over HTTP, in every documented way.

``cases.py`` is the one place that says how a code is provoked; the docs show its cases as commands.
"""
