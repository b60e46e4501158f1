"""Sends calls at the same moment, from one thread.

All connections are opened and all requests sent but for their last byte; then the last bytes go out one after the
other, some microseconds apart. Threads would be scheduled milliseconds apart, which is longer than most races last.
Under TLS, where a server with few workers finishes no second handshake while it waits for the first request, threads
have to do.
"""

import random  # noqa: TID251  # the run's own generator, seeded by --seed
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from mockpos.conformance.evidence import Exchange
from mockpos.conformance.target import Ask, Target
from mockpos.http_client import Connection, Failure, NoResponse, Request, Response

_NOT_SENT = NoResponse(Failure.UNREACHABLE, "not sent", sent=False)


def send_together(target: Target, asks: Sequence[Ask], rng: random.Random) -> list[Exchange]:
    """Make all calls at once; return what came of each, in the order of ``asks``."""
    target.check_stopped()
    requests = [target.begin(ask) for ask in asks]
    at = target.elapsed()
    if target.options.url.startswith("https"):
        results = _by_threads(target, requests)
    else:
        results = _by_last_bytes(target, requests, rng)
    return [
        target.keep(target.exchange(ask, request, result, at))
        for ask, request, result in zip(asks, requests, results, strict=True)
    ]


def _by_last_bytes(target: Target, requests: Sequence[Request], rng: random.Random) -> list[Response | NoResponse]:
    results: list[Response | NoResponse] = [_NOT_SENT] * len(requests)
    open_connections: dict[int, Connection] = {}
    with ExitStack() as stack:
        for index, request in enumerate(requests):
            try:
                connection = stack.enter_context(target.http.connect(target.time_limit()))
                connection.send_raw(connection.encode(request)[:-1])
                open_connections[index] = connection
            except NoResponse as none:
                results[index] = none
        order = list(open_connections)
        rng.shuffle(order)
        for index in order:
            try:
                connection = open_connections[index]
                connection.send_raw(connection.encode(requests[index])[-1:])
            except NoResponse as none:
                results[index] = none
                del open_connections[index]
        for index, connection in open_connections.items():
            try:
                results[index] = connection.receive(requests[index].method)
            except NoResponse as none:
                results[index] = none
    return results


def _by_threads(target: Target, requests: Sequence[Request]) -> list[Response | NoResponse]:
    barrier = threading.Barrier(len(requests))

    def send(request: Request) -> Response | NoResponse:
        barrier.wait(10)
        try:
            with target.http.connect(target.time_limit()) as connection:
                connection.send(request)
                return connection.receive(request.method)
        except NoResponse as none:
            return none

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))
