"""The scenario engine: how the automator misbehaves, decided before anything happens.

All but ``loader``, ``kinds``, ``schema`` and ``registry`` is pure: it reads no clock, no random source and no file.
"""
