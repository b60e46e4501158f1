"""Every measurement, in the order they are made."""

from bench.measures import cpu

MEASUREMENTS = {module.MEASUREMENT.name: module.MEASUREMENT for module in (cpu,)}
