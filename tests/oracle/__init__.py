"""An oracle of the wire contract: what each answer must be, written from the contract's text alone.

It shares no code with mockpos. ``python -m tests.oracle --steps 20000`` drives a real server beside it and compares
every answer; ``make torture`` runs that, and the tests run 2,000 steps of it.
"""
