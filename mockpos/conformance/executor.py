"""Carries out the steps of a check, side by side where it says so, and gives back what it held."""

import random  # noqa: TID251  # the run's own generator, seeded by --seed
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from mockpos.conformance import ledger as states
from mockpos.conformance.check import Amount, Call, Check, Elsewhere, Load, Race, Reason, Restart, UntilLapsed
from mockpos.conformance.evidence import Exchange
from mockpos.conformance.options import Stock
from mockpos.conformance.target import Ask, Stopped, Target
from mockpos.domain.catalogue import Operation
from mockpos.http_client import Connection, Failure, NoResponse, Request, Response, header_of

if TYPE_CHECKING:
    from mockpos.conformance.run import Run

SALE = "sale"
_LAPSE_GRACE_S = 0.5
_RESTART_LIMIT_S = 60.0
_ELSEWHERE_METHODS = ("PATCH", "PUT", "DELETE")


@dataclass(slots=True)
class Execution:
    """One check being carried out."""

    run: "Run"
    check: Check
    stock: Stock | None
    exchanges: list[Exchange] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    stopped: tuple[Reason, str] | None = None

    @property
    def target(self) -> Target:
        """Return the automator under test."""
        return self.run.target

    def carry_out(self) -> None:
        """Make the steps one after the other, as far as they can be made."""
        makers: dict[type, Callable[..., bool]] = {
            Call: self._call, Race: self._race, UntilLapsed: self._until_lapsed, Restart: self._restart,
            Load: self._load, Elsewhere: self._elsewhere,
        }  # fmt: skip
        try:
            for step in self.check.steps:
                if not makers[type(step)](step):
                    break
        except Stopped as stopped:
            self.stopped = (stopped.reason, str(stopped))

    def _call(self, step: Call) -> bool:
        if any(exchange.step == step.name for exchange in self.exchanges):
            return True  # made before, by the pre-flight
        asks = self._asks(step)
        for ask in asks:
            exchange = self._keep(self.target.call(ask))
            if step.leaves:
                continue
            if not exchange.succeeded:
                return bool(step.expect)
        return True

    def _asks(self, step: Call, *, number: int = 0, copy: int = 0, rounds: Race | None = None) -> list[Ask]:
        """Return the calls of a step: one, or the several holds that an amount takes."""
        stock = self.stock
        remote_id, quantity = self.run.unknown_id, step.quantity
        if step.listing in ("main", "any", "smallest") and stock is not None:
            remote_id, quantity = stock.remote_id, stock.amount(step.quantity)
        elif step.listing == "sold-out":
            remote_id = self.target.options.sold_out or self.run.unknown_id
        if isinstance(quantity, Amount):
            quantity = 1
        name = step.hold + (f"{number}" if number else "") + (f"-{copy}" if rounds and rounds.own_ids else "")
        order = f"{number} {copy if rounds and rounds.own_orders else 0}"
        ask = Ask(
            check=self.check.id,
            step=rounds.name if rounds and step in rounds.calls else step.name,
            operation=step.operation.value,
            global_id=self._global_id(name),
            remote_id=remote_id,
            quantity=quantity,
            order_id=self.run.order_id(f"{self.check.id} {step.order} {order}", is_sale=step.order == SALE),
            key=step.key,
            body=step.body,
            round=number,
            capacity=stock.total if stock else None,
            slowly=step.slowly,
            leaves=step.leaves,
            tries=1 if step.leaves or step.body is not None else 3,
        )  # fmt: skip
        is_whole = step.quantity in (Amount.ALL, Amount.REST) and step.operation is Operation.HOLD and stock is not None
        if not is_whole or not isinstance(quantity, int) or rounds:
            return [replace(ask, quantity=min(quantity, stock.chunk))] if is_whole and rounds and stock else [ask]
        parts = stock.parts(quantity) if stock else [quantity]
        return [
            replace(ask, quantity=part, global_id=self._global_id(f"{name}{index}" if index else name))
            for index, part in enumerate(parts)
        ]  # fmt: skip

    def _race(self, step: Race) -> bool:
        stock = self.stock
        assert stock is not None
        rounds = min(step.rounds, self.target.options.rounds or step.rounds)
        if step.sells:
            rounds = min(rounds, max(1, stock.units - 1))
        for number in range(1, rounds + 1):
            if stock.units < 1:
                break
            if not all(self._made(call, number) for call in step.before):
                return False
            copies = [(call, copy) for call in step.calls for copy in range(1, step.copies + 1)]
            asks = [ask for call, copy in copies for ask in self._asks(call, number=number, copy=copy, rounds=step)]
            made = send_together(self.target, asks, self.run.rng)
            self.exchanges += made
            if any(each.succeeded for each in made):
                for call in step.after:
                    self._made(call, number)
            self.give_back()
            self.run.note_sales()
        return True

    def _made(self, call: Call, number: int) -> bool:
        if call.quantity is Amount.REST and self.stock is not None and (self.stock.total or 0) <= self.stock.unit:
            return True
        return all(self._keep(self.target.call(ask)).succeeded for ask in self._asks(call, number=number))

    def _until_lapsed(self, step: UntilLapsed) -> bool:
        global_id = self._global_id(step.hold)
        seconds = lapses_in(next(each for each in self.exchanges if each.global_id == global_id), self.target)
        until = time.monotonic() + (seconds or 0.0) + _LAPSE_GRACE_S
        while time.monotonic() < until:
            self.target.check_stopped()
            self.target.sleep(min(0.25, max(0.0, until - time.monotonic())))
        return True

    def _restart(self, step: Restart) -> bool:
        command = shlex.split(self.target.options.restart or "")
        try:
            subprocess.run(command, check=True, timeout=_RESTART_LIMIT_S, capture_output=True)  # noqa: S603  # --restart
        except (OSError, subprocess.SubprocessError) as error:
            raise Stopped(Reason.PRECONDITION, f"--restart: {type(error).__name__}: {error}") from None
        until = time.monotonic() + _RESTART_LIMIT_S
        while not self.run.is_reachable():
            self.target.check_stopped()
            if time.monotonic() > until:
                raise Stopped(Reason.UNREACHABLE, f"not there {_RESTART_LIMIT_S:g} s after --restart")
            self.target.sleep(0.1)
        return True

    def _load(self, step: Load) -> bool:
        stock = self.stock
        assert stock is not None
        width = max(1, min(self.target.options.load, stock.units))
        pairs = 1 if self.run.slow else 4
        for number in range(1, step.runs + 1):
            with ThreadPoolExecutor(width) as pool:
                done = [pool.submit(self._hold_and_release, number, who, pairs) for who in range(1, width + 1)]
                self.exchanges += [exchange for each in done for exchange in each.result()]
        return True

    def _hold_and_release(self, number: int, who: int, pairs: int) -> list[Exchange]:
        assert self.stock is not None
        made = []
        for pair in range(pairs):
            ask = Ask(check=self.check.id, step="hold", operation=Operation.HOLD.value, round=number,
                      global_id=self._global_id(f"{number}-{who}-{pair}"), remote_id=self.stock.remote_id,
                      quantity=self.stock.unit, capacity=self.stock.total)  # fmt: skip
            made.append(self.target.call(ask))
            if made[-1].succeeded:
                made.append(self.target.call(replace(ask, step="release", operation=Operation.RELEASE.value)))
        return made

    def _elsewhere(self, step: Elsewhere) -> bool:
        rules = self.target.options.contract.operations
        path, method = step.path, step.method
        if not path:
            path = rules[Operation.HOLD].path.replace("{global_id}", self._global_id("unknown"))
            taken = {rule.method for rule in rules.values() if rule.path == rules[Operation.HOLD].path}
            method = next(each for each in _ELSEWHERE_METHODS if each not in taken)
        self._keep(self.target.call(Ask(check=self.check.id, step=step.name, operation="", method=method, path=path)))
        return True

    def give_back(self, *, thoroughly: bool = False) -> None:
        """Release what this check may still hold. ``thoroughly``: more than once, in case there is more than one."""
        for entry in self.target.ledger.open_entries():
            if entry.global_id in self.ids.values():
                self.exchanges += self.run.release(entry.global_id, self.check.id)
        if thoroughly:
            for global_id in self.ids.values():
                entry_known = self.target.ledger.entries.get(global_id)
                if entry_known and entry_known.state == states.RELEASED:
                    self.exchanges += self.run.release(global_id, self.check.id, again=True)

    def _global_id(self, name: str) -> str:
        if name.startswith(SALE):
            return self.run.global_id("INV", SALE)
        if name not in self.ids:
            self.ids[name] = self.run.global_id(self.check.id, name)
        return self.ids[name]

    def _keep(self, exchange: Exchange) -> Exchange:
        self.exchanges.append(exchange)
        return exchange


def lapses_in(hold: Exchange, target: Target) -> float | None:
    """Return the seconds from now until a hold lapses by its own answer, or None when that states nothing."""
    values = hold.values()
    ends = _moment(values.get("expires_at"))
    began = _moment(values.get("held_at")) or _moment(_date_header(hold))
    if ends is None or began is None:
        return None
    return max(0.0, (ends - began) - (target.elapsed() - hold.at - hold.took))


def _moment(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1000 if value > _MILLISECONDS else float(value)
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp() if isinstance(value, str) else None
    except ValueError:
        return None


def _date_header(exchange: Exchange) -> str | None:
    from email.utils import parsedate_to_datetime

    text = header_of(exchange.response_headers, "date")
    try:
        return parsedate_to_datetime(text).isoformat() if text else None
    except ValueError:
        return None


_MILLISECONDS = 1e11


_NOT_SENT = NoResponse(Failure.UNREACHABLE, "not sent", sent=False)


def send_together(target: Target, asks: Sequence[Ask], rng: random.Random) -> list[Exchange]:
    """Make all calls at once; return what came of each, in the order of ``asks``.

    All connections are opened and all requests sent but for their last byte; then the last bytes go out one after the
    other, some microseconds apart, from one thread. Threads would be scheduled milliseconds apart, which is longer than
    most races last. Under TLS, where a server with few workers finishes no second handshake while it waits for the
    first request, threads have to do.
    """
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
