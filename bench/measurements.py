"""Every measurement, in the order they are made."""

from bench.measures import beside, checkpoint, cpu, delay, fairness, memory, scale, start, stored

_IN_ORDER = (start, cpu, stored, fairness, delay, beside, checkpoint, memory, scale)

MEASUREMENTS = {module.MEASUREMENT.name: module.MEASUREMENT for module in _IN_ORDER}
