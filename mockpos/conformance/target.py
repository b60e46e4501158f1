"""The automator under test: every call passes here, is written into the ledger first and kept as evidence."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from mockpos import __version__
from mockpos.checkout.client import AutomatorClient
from mockpos.conformance import ledger as states
from mockpos.conformance.check import KeyUse, Reason
from mockpos.conformance.evidence import Exchange, Redaction, response_facts
from mockpos.conformance.ledger import Ledger
from mockpos.conformance.options import Options, Profile
from mockpos.domain.catalogue import Operation
from mockpos.http_client import Connection, Failure, HttpClient, NoResponse, Request, Response, header_of

_TRIES = 3
_MOST_PAUSE_S = 5.0
_BUSY = (429, 502, 503, 504)
_HUNG_AFTER = 2
_DOWN_AFTER = 6
_GRACE_S = 5.0
_GIVE_BACK_LIMIT_S = 10.0
_QUICK_LIMIT_S, _QUICK_GIVE_BACK_LIMIT_S = 5.0, 2.0
_LEAVE_AFTER_S, _COME_BACK_AFTER_S = 0.05, 0.3
_SLOW_PIECES = 8
_SLOW_PAUSE_S = 0.1


class Stopped(Exception):
    """The run, or what is left of a check, cannot go on."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One call that a step wants to make."""

    check: str
    step: str
    operation: str
    global_id: str = ""
    remote_id: str = ""
    quantity: Any = None
    order_id: str = ""
    key: KeyUse = KeyUse.RIGHT
    body: bytes | None = None
    method: str = ""
    path: str = ""
    round: int = 0
    capacity: int | None = None
    slowly: bool = False
    leaves: bool = False
    tries: int = _TRIES


@dataclass(slots=True)
class Target:
    """Makes calls and keeps what came of them. Safe to share between threads."""

    options: Options
    ledger: Ledger
    run_id: str
    on_exchange: Callable[[Exchange], object] = lambda exchange: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    stop: threading.Event = field(default_factory=threading.Event)
    exchanges: list[Exchange] = field(default_factory=list)
    numeric_ids: bool = False
    round_trip: float = 0.0
    deadline: float = float("inf")
    giving_back: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _clients: dict[KeyUse, AutomatorClient] = field(default_factory=dict)
    _began: float = 0.0
    _timeouts: dict[str, int] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)
    _unanswered: int = 0
    _redact: Redaction = field(default_factory=lambda: Redaction(""))

    def __post_init__(self) -> None:
        """Make a client for each use of the key."""
        options = self.options
        headers = {"User-Agent": f"mockpos-conform/{__version__}"}
        keys = {KeyUse.RIGHT: options.api_key, KeyUse.WRONG: f"wrong-{self.run_id}", KeyUse.NONE: None}
        self._clients = {
            use: AutomatorClient(options.url, key, options.contract, headers=headers) for use, key in keys.items()
        }
        parts = urlsplit(options.url)
        hosts = tuple({host for host in (parts.netloc, parts.hostname or "") if len(host) >= _SHORTEST_HOST})
        self._redact = Redaction(options.api_key, hosts)
        self._began = self.clock()

    @property
    def http(self) -> HttpClient:
        """Return the HTTP client with the right key's address."""
        return self._clients[KeyUse.RIGHT].http

    def redact(self, text: str) -> str:
        """Return a text without key and host."""
        return self._redact(text)

    def elapsed(self) -> float:
        """Return the seconds since the run began."""
        return self.clock() - self._began

    def request(self, ask: Ask) -> Request:
        """Write the request of a call."""
        client = self._clients[ask.key]
        if ask.method:
            written = Request(ask.method, ask.path, (("Accept", "application/json"),))
        else:
            values: dict[str, object] = {"global_id": ask.global_id, "order_id": ask.order_id, "quantity": ask.quantity}
            is_number = self.numeric_ids and ask.remote_id.isascii() and ask.remote_id.isdecimal()
            values["remote_id"] = int(ask.remote_id) if is_number else ask.remote_id
            written = client.request(Operation(ask.operation), values)
        if ask.body is not None:
            written = replace(written, body=ask.body)
        return self.http.placed(written.with_header("X-Conform-Check", ask.check))

    def call(self, ask: Ask) -> Exchange:
        """Make one call, and again when its answer was lost or the automator was busy. Raises Stopped."""
        pause = 0.5
        for attempt in range(1, ask.tries + 1):
            self.check_stopped(ask.operation)
            exchange = self._once(ask)
            wait = self._wait(exchange, pause)
            if wait is None or attempt == ask.tries:
                break
            self.keep(replace(exchange, step=f"{exchange.step} (try {attempt})"))
            self.sleep(wait)
            pause *= 2
        return self.keep(exchange)

    def check_stopped(self, operation: str = "") -> None:
        """Raise Stopped when nothing more may be asked."""
        if self.stop.is_set():
            raise Stopped(Reason.INTERRUPTED, "the run was interrupted")
        if self.clock() > self.deadline:
            limit = self.options.time_limit
            raise Stopped(Reason.TIMED_OUT, f"the run's time limit of {limit:g} s was over (--time-limit)")
        if self._unanswered >= _DOWN_AFTER:
            raise Stopped(Reason.UNREACHABLE, f"the automator no longer answers: {_DOWN_AFTER} calls in a row")
        if operation and self._timeouts.get(operation, 0) >= _HUNG_AFTER and operation not in self._answered:
            raise Stopped(Reason.TIMED_OUT, f"no {operation} was answered in time")

    def forgive(self) -> None:
        """Forget what was slow or out of reach: what is held has to be given back all the same."""
        self._timeouts.clear()
        self._unanswered = 0

    def time_limit(self) -> float:
        """Return the seconds that one call may take."""
        left = max(5.0, self.deadline - self.clock())
        longest = self.options.worst + min(_GRACE_S, max(1.0, self.options.worst / 6)) + self.round_trip
        if self.options.profile is Profile.QUICK:
            longest = min(longest, _QUICK_GIVE_BACK_LIMIT_S if self.giving_back else _QUICK_LIMIT_S)
        return min(longest, left, _GIVE_BACK_LIMIT_S if self.giving_back else left)

    def begin(self, ask: Ask) -> Request:
        """Write a hold into the ledger before it is asked for; return the request."""
        if ask.operation == Operation.HOLD and ask.global_id and ask.body is None:
            quantity = ask.quantity if isinstance(ask.quantity, int | float) else 0
            self.ledger.ask(ask.global_id, ask.remote_id, quantity)
        if ask.operation == Operation.INVOICE and self.ledger.is_open(ask.global_id):
            self.ledger.mark(ask.global_id, states.SELLING)
        return self.request(ask)

    def _once(self, ask: Ask) -> Exchange:
        request = self.begin(ask)
        at = self.elapsed()
        result: Response | NoResponse
        try:
            with self.http.connect(self.time_limit()) as connection:
                if ask.slowly:
                    self._send_slowly(connection, request)
                else:
                    connection.send(request)
                if ask.leaves:
                    self.sleep(_LEAVE_AFTER_S)
                    connection.reset()
                    self.sleep(_COME_BACK_AFTER_S)
                    result = NoResponse(Failure.CLOSED, "the client left, as this step wants it")
                else:
                    result = connection.receive(request.method)
        except NoResponse as none:
            result = none
        return self.exchange(ask, request, result, at)

    def _send_slowly(self, connection: Connection, request: Request) -> None:
        data = connection.encode(request)
        size = max(1, -(-len(data) // _SLOW_PIECES))
        for start in range(0, len(data), size):
            connection.send_raw(data[start : start + size])
            self.sleep(_SLOW_PAUSE_S)

    def exchange(self, ask: Ask, request: Request, result: Response | NoResponse, at: float) -> Exchange:
        """Return what came of a call as evidence, and note in the ledger what became of its hold."""
        facts: dict[str, Any]
        if isinstance(result, NoResponse):
            detail = self.redact(str(result))
            facts = {"failure": result.failure.value, "detail": detail, "took": result.took, "sent": result.sent}
        else:
            facts = response_facts(result, self._redact)
        exchange = Exchange(
            contract=self.options.contract,
            number=0,
            check=ask.check,
            step=ask.step,
            operation=ask.operation,
            method=request.method,
            target=request.target,
            headers=self._redact.pairs(request.headers, self.options.contract.key.header),
            body=self.redact((request.body or b"")[:4096].decode("utf-8", "backslashreplace")),
            key=ask.key.value,
            at=at,
            round=ask.round,
            capacity=ask.capacity,
            global_id=ask.global_id,
            remote_id=ask.remote_id,
            quantity=ask.quantity if isinstance(ask.quantity, int | float) else None,
            order_id=ask.order_id if ask.operation == Operation.INVOICE else "",
            **facts,
        )
        self._note(exchange)
        return exchange

    def keep(self, exchange: Exchange) -> Exchange:
        """Give an exchange its number and keep it."""
        with self._lock:
            kept = replace(exchange, number=len(self.exchanges) + 1)
            self.exchanges.append(kept)
        self.on_exchange(kept)
        return kept

    def _note(self, exchange: Exchange) -> None:
        with self._lock:
            if exchange.status is not None:
                self._answered.add(exchange.operation)
                self._unanswered = 0
            elif not exchange.step.startswith("leaves"):
                self._unanswered += 1
                if exchange.failure == Failure.TIMED_OUT:
                    self._timeouts[exchange.operation] = self._timeouts.get(exchange.operation, 0) + 1
        if exchange.is_of_an_operation:
            self._note_in_ledger(exchange)

    def _note_in_ledger(self, exchange: Exchange) -> None:
        if exchange.status is None:
            if exchange.operation == Operation.HOLD and exchange.sent:
                self.ledger.doubt(exchange.global_id)
            return
        went_well = exchange.succeeded
        refused = 400 <= exchange.status < 500
        known = self.ledger.entries.get(exchange.global_id)
        if exchange.operation == Operation.HOLD:
            if went_well:
                self.ledger.mark(exchange.global_id, states.HELD)
            elif refused and known and known.was_refused_at_once and exchange.status not in _BUSY:
                self.ledger.mark(exchange.global_id, states.REFUSED)
        elif exchange.operation == Operation.RELEASE and went_well and not (known and known.state == states.SOLD):
            self.ledger.mark(exchange.global_id, states.RELEASED)
        elif exchange.operation == Operation.INVOICE and (went_well or (known and known.state == states.SELLING)):
            self.ledger.mark(exchange.global_id, states.SOLD if went_well else states.HELD)

    def _wait(self, exchange: Exchange, pause: float) -> float | None:
        """Return how long to wait before the same call is made again, or None when its answer stands."""
        if exchange.status is None:
            given_up = exchange.failure in (Failure.TIMED_OUT, Failure.NOT_HTTP, Failure.TOO_LARGE)
            return None if given_up or exchange.step.startswith("leaves") else pause
        if exchange.status not in _BUSY:
            return None
        asked = header_of(exchange.response_headers, "retry-after")
        return min(float(asked), _MOST_PAUSE_S) if asked.isascii() and asked.isdecimal() else pause


_SHORTEST_HOST = 4
