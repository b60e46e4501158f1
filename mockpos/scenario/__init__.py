"""The scenario engine: how the automator misbehaves, decided before anything happens.

The pure part (``model``, ``conditions``, ``delays``, ``outcomes``, ``draws``, ``counters``, ``engine``,
``refusals``, ``magic``) reads no clock, no random source and no store. YAML and marshmallow belong to
``loader``, ``schema`` and ``registry`` alone.
"""
