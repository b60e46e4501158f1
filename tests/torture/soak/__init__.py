"""The soak: an hour's calls in minutes, of every kind, and nothing may grow, leak or break meanwhile.

    python -m tests.torture.soak --calls 72000

Shoppers call the automator and know what an audit has to find of them (``shoppers``). Beside them sandboxes come and
go, scenarios change, the clock moves and listeners to the events arrive and leave (``sideshow``). The server is looked
at from outside all the while (``samples``), and judged at the end (``verdict``). What the server remembers is set so
small that it is full before half the calls are made: whatever grows after that has no bound.
"""
