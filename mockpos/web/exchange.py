"""One request and what came of it, from its arrival to the record of it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import flask

from mockpos.bootstrap import Mock
from mockpos.contract.model import KeyRule
from mockpos.domain.calls import Sent, StateView
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.domain.errors import OutcomeUnknown
from mockpos.domain.identifiers import is_global_id
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.scenario.outcomes import Plan
from mockpos.server.request import Reply, Request
from mockpos.telemetry.call_record import CallRecord, Redactor
from mockpos.web.call_log import CallLog

if TYPE_CHECKING:
    from mockpos.web.cors import CrossOrigin

_KEPT_BODY = 65_536


class Recorder:
    """Records calls under one contract, whose key header must not be shown."""

    def __init__(self, key: KeyRule, monotonic: Callable[[], float]) -> None:
        self._redactor = Redactor({key.header}, key.scheme)
        self._monotonic = monotonic

    def record(self, exchange: "Exchange", reply: Reply) -> None:
        """Record a call whose answer was sent."""
        sandbox, request, given = exchange.sandbox, exchange.request, exchange.arguments
        if sandbox is None:
            return
        remote_id, quantity = exchange.tickets
        if remote_id is None and given:
            hold = sandbox.store.peek(given["global_id"])
            remote_id, quantity = (hold.remote_id, hold.quantity) if hold is not None else (None, None)
        sandbox.telemetry.record(
            CallRecord(
                exchange.request_id,
                exchange.answered_at or sandbox.clock.now(),
                exchange.started,
                exchange.operation,
                request.method,
                request.target.decode("latin-1"),
                request.head,
                request.body[:_KEPT_BODY],
                given.get("global_id"),
                remote_id,
                quantity,
                given.get("order_id"),
                reply.status,
                exchange.code,
                tuple(reply.headers),
                reply.body[:_KEPT_BODY] if isinstance(reply.body, bytes) else b"",
                exchange.replayed,
                exchange.committed,
                _sent(request),
                exchange.plan,
                exchange.delay_served_ms,
                (self._monotonic() - exchange.started) * 1000,
                exchange.before,
                exchange.after,
                self._redactor,
                exchange.refused_because,
            )
        )


def _sent(request: Request) -> Sent:
    """Tell what became of the answer. Only our own server knows; another one is taken at its word."""
    connection = request.connection
    if connection is None:
        return Sent.COMPLETE
    if connection.gone and not connection.ended_here:
        return Sent.CLIENT_GONE
    return Sent.CUT if connection.taken else Sent.COMPLETE


EXCHANGE = "mockpos.exchange"
"""Where an exchange stands in the WSGI environ."""

REQUEST_ID = "X-Request-Id"
_LOOKS = ("GET", "HEAD")
_ERRORS = 400
_SANDBOX_CREATED = ("X-Mockpos-Sandbox", "created")


class Exchange:
    """What is known of one request so far. Attributes stand at their defaults until something is noted.

    ``request_id`` is the caller's own where it sent a usable one. ``sandbox`` is None for pages and control calls,
    which are not recorded; for a call of the contract it is the one that was meant, as far as is known: the default
    one until the key said otherwise. ``before``, ``after`` and ``committed`` are filled in by the automator, inside the
    call's transaction. Never holds an API key beside the request's own headers.
    """

    path_sandbox: str | None = None  # the name that the path began with: /s/NAME
    sandbox: Sandbox | None = None
    sandbox_created: bool = False  # by this very call, for its key
    operation: Operation | None = None
    arguments: Mapping[str, Any] = MappingProxyType({})
    tickets: tuple[str | None, int | None] = (None, None)  # Remote ID and quantity, of a hold that is there too
    code: str = ""
    refused_because: str = ""
    replayed: bool = False
    plan: Plan | None = None
    delay_served_ms: float = 0.0
    fault: Callable[[Reply], None] | None = None  # breaks the connection, or what is sent over it
    before: StateView | None = None
    after: StateView | None = None
    committed: bool = False
    reply: Reply | None = None
    answered_at: Millis | None = None

    def __init__(self, request: Request, request_id: str, started: float) -> None:
        self.request = request
        self.request_id = request_id
        self.started = started

    def get(self, name: str) -> str | None:
        """Return a request header by its name in any letter case, as a scenario's facts look headers up."""
        value = self.request.fields.get(name.lower().encode("latin-1", "replace"))
        return None if value is None else value.decode("latin-1")

    def refused(self, code: str, detail: str, why: str = "") -> None:
        """Note how the call was refused, and why for whoever looks it up."""
        self.code = code
        self.refused_because = f"{detail} {why}".rstrip()

    @property
    def about(self) -> str:
        """Return the call's arguments in a few words."""
        return " ".join(map(str, self.arguments.values()))

    @property
    def outcome(self) -> str:
        """Return what came of the call in a few words."""
        return f"{self.code} again" if self.replayed else self.code


def current_exchange() -> Exchange:
    """Return the exchange of the request that Flask is serving."""
    exchange: Exchange = flask.request.environ[EXCHANGE]
    return exchange


def _says_done(exchange: Exchange, reply: Reply) -> bool:
    """Tell whether an answer rests on commits: those of a call that came as far as the world, or of a change."""
    return exchange.before is not None or (exchange.request.method not in _LOOKS and reply.status < _ERRORS)


class Exchanges:
    """Begins and ends the exchanges of one application."""

    def __init__(
        self,
        mock: Mock,
        recorder: Recorder,
        call_log: CallLog | None,
        error_reply: Callable[[Exception, Exchange], Reply],
        cross_origin: "CrossOrigin | None" = None,
    ) -> None:
        self._new_request_id: Callable[[], str] = mock.new_request_id
        self._monotonic = mock.monotonic
        self._metrics = mock.metrics
        self._inventory = mock.inventory
        self._error_reply = error_reply
        self._recorder = recorder
        self._call_log = call_log
        self._cross_origin = cross_origin

    def begin(self, request: Request) -> Exchange:
        """Begin one, with the caller's own request id where it sent a usable one."""
        self._metrics.began()
        own = request.header(b"x-request-id")
        request_id = own if own and is_global_id(own) else self._new_request_id()
        return Exchange(request, request_id, self._monotonic())

    def answered(self, exchange: Exchange, reply: Reply) -> Reply:
        """Return what is to be sent for an answer, with its last headers, and print the call's line.

        Every answer passes here, those that a fault breaks too: here what it tells is on the disk, where that was asked
        for. When the disk does not confirm it, that is the answer; who only looks sees what is in memory.
        """
        try:
            self.wait_for_disk(exchange.sandbox)
        except OutcomeUnknown as unknown:
            if _says_done(exchange, reply):
                reply, exchange.fault = self._error_reply(unknown, exchange), None
        reply.headers.append((REQUEST_ID, exchange.request_id))
        if exchange.sandbox_created:
            reply.headers.append(_SANDBOX_CREATED)
        if self._cross_origin is not None:
            reply.headers += self._cross_origin.headers(exchange)
        if exchange.fault is not None:
            exchange.fault(reply)
        if exchange.sandbox is not None:
            exchange.reply, exchange.answered_at = reply, exchange.sandbox.clock.now()
        if self._call_log is not None:
            self._call_log.print(exchange, reply.status, self._monotonic() - exchange.started)
        return reply

    def wait_for_disk(self, sandbox: Sandbox | None) -> None:
        """Return once the disk has what was committed so far, where that was asked for. Raises OutcomeUnknown."""
        (self._inventory if sandbox is None else sandbox.store).settle()

    def ended(self, exchange: Exchange) -> None:
        """Record a call once the server is done with its answer."""
        self._metrics.ended()
        if exchange.reply is not None:
            self._recorder.record(exchange, exchange.reply)
