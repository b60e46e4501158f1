"""Every measurement, in the order they are made."""

from bench.measures import (
    beside,
    beside_work,
    checkpoint,
    console,
    copies,
    cpu,
    delay,
    fresh,
    memory,
    previous,
    scale,
    start,
    stored,
    wiremock,
)

_IN_ORDER = (
    start,
    previous,
    cpu,
    fresh,
    wiremock,
    stored,
    delay,
    beside,
    beside_work,
    checkpoint,
    console,
    copies,
    memory,
    scale,
)

MEASUREMENTS = {module.MEASUREMENT.name: module.MEASUREMENT for module in _IN_ORDER}
