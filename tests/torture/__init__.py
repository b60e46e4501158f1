"""Torture: real load over HTTP, ``kill -9`` at chosen moments, a restart, and a verdict on every answer.

    python -m tests.torture --kills 200 --seed 7

Stories say what callers were told (``stories``, ``judgement``), changes what the control plane was told (``changes``).
The killer waits for a moment (``moments``, ``killer``), the verdict compares what is there afterwards (``sight``) with
what may be there (``expectation``). A ``chapter`` is some lives of one inventory file; ``run`` is all chapters.
``soak`` is the other torture: no kills, but an hour's calls in minutes, and nothing may grow or leak.

It knows mockpos from outside only: HTTP, the files beside the inventory, signals, /proc.
"""
