"""Two doors into mockpos for the same calls: its use cases on a store, and its HTTP application over that store."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any, Protocol

from mockpos.bootstrap import Mock, make_sandboxes, make_selector
from mockpos.contract.loader import load_contract
from mockpos.domain.clock import ClockSetting, Millis
from mockpos.domain.errors import MockMisuse, Refusal
from mockpos.domain.hold import HoldStatus
from mockpos.sandboxes.sandbox import SandboxClock
from mockpos.services import pos
from mockpos.services.automator import Automator
from mockpos.services.ports import Transaction
from mockpos.settings import Settings
from mockpos.store.memory_store import MemoryStore
from mockpos.web.app import build_app
from mockpos.web.contract.operation import hold_values, invoice_values, release_values
from mockpos.web.control.holds import shown_hold
from mockpos.web.control.listings_page import shown
from tests.conftest import KEY, ManualClock, ReadingClient
from tests.machine.calls import Body, Call, answer_of, request_of


class Interface(Protocol):
    """Where calls go in."""

    def send(self, made: Call, **headers: str) -> Body:
        """Make a call and return its answer in the model's words."""


class HttpInterface:
    """The Flask application, without a socket."""

    def __init__(self, store: MemoryStore, clock: SandboxClock, machine_clock: ManualClock, settings: Settings) -> None:
        numbers = count(1)
        self.mock = Mock(
            settings=settings,
            sandboxes=make_sandboxes(settings, store, clock, make_selector(settings), machine_clock),
            inventory=store,
            new_request_id=lambda: f"req-{next(numbers)}",
            monotonic=lambda: machine_clock.now() / 1000,
        )
        self.app = build_app(self.mock, load_contract(None))
        self.app.test_client_class = ReadingClient
        self.client = self.app.test_client()

    def beside(self) -> "HttpInterface":
        """Return another door into the same application, for another thread."""
        other = copy(self)
        other.client = self.app.test_client()
        return other

    def send(self, made: Call, **headers: str) -> Body:
        return answer_of(made, self.exchange(made, **headers).json)

    def exchange(self, made: Call, **headers: str) -> Any:
        """Make a call and return the whole response; ``X_Name`` stands for the header ``X-Name``."""
        method, path, body = request_of(made)
        sent = {"X-API-Key": KEY, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.open(path, method=method, json=body, headers=sent)


class StoreInterface:
    """The use cases on a store, as the routes and the control calls make them."""

    def __init__(self, store: MemoryStore, clock: SandboxClock, automator: Automator) -> None:
        self.store = store
        self.clock = clock
        self.automator = automator

    def send(self, made: Call, **_: str) -> Body:
        try:
            body = getattr(self, f"_{made.name}")(**dict(made.arguments))
        except Refusal as refusal:
            body = {"code": refusal.code, **refusal.details}
        except MockMisuse as misuse:
            body = {"code": misuse.code}
        return answer_of(made, body)

    def _hold(self, **given: Any) -> Body:
        return dict(hold_values(self.automator.hold(**given)))

    def _release(self, **given: Any) -> Body:
        return dict(release_values(self.automator.release(**given)))

    def _invoice(self, **given: Any) -> Body:
        said: Body = dict(invoice_values(self.automator.invoice(**given)))
        said["total"] = {"amount": said.pop("total_amount"), "currency": said.pop("total_currency")}
        return said

    def _look(self, remote_id: str) -> Body:
        return self._on(remote_id, lambda tx: None)

    def _look_up(self, global_id: str) -> Body:
        with self.store.transaction() as tx:
            hold = tx.hold(global_id)
        if hold is None:
            raise MockMisuse("mock_unknown_hold", "")
        return shown_hold(hold)

    def _sell(self, remote_id: str, quantity: int, steal_held: bool = False) -> Body:
        broken: list[str] = []

        def act(tx: Transaction) -> None:
            listing = tx.listing(remote_id)
            assert listing is not None
            stock = tx.stock(listing)
            if quantity > stock.available + (stock.held if steal_held else 0):
                raise MockMisuse("mock_pos_refused", "")
            broken.extend(hold.global_id for hold in pos.sell_held(tx, listing, quantity))

        listing = self._on(remote_id, act)
        return {"sold_now": quantity, "broken_holds": broken, "listing": listing}

    def _retire(self, remote_id: str, superseded_by: str | None = None) -> Body:
        return self._put(remote_id, retired=True, superseded_by=superseded_by)

    def _reprice(self, remote_id: str, price: str) -> Body:
        return self._put(remote_id, wholesale_price=Decimal(price))

    def _put_back(self, remote_id: str) -> Body:
        return self._put(remote_id, only_if_new=True, retired=False, superseded_by=None)

    def _broadcast(self, remote_id: str, on: bool) -> Body:
        return self._put(remote_id, only_if_new=True, broadcast=on)

    def _expire_hold(self, global_id: str) -> Body:
        with self.store.transaction() as tx:
            hold = tx.hold(global_id)
            if hold is None:
                raise MockMisuse("mock_unknown_hold", "")
            if hold.status is not HoldStatus.HELD:
                raise MockMisuse("mock_pos_refused", "")
            pos.expire(tx, hold)
            return shown_hold(tx.hold(global_id) or hold)

    def _set_clock(
        self, advance: int = 0, to: int | None = None, freeze: bool | None = None, reset: bool = False
    ) -> Body:
        said: Body = {}

        def move(now: Millis) -> ClockSetting:
            self.clock.not_before(now)
            if reset:
                self.clock.reset()
            elif to is not None:
                self.clock.set(Millis(to))
            elif freeze is not None:
                self.clock.freeze(freeze)
            else:
                self.clock.advance(advance)
            said.update(now=self.clock.now(), frozen=self.clock.setting.frozen_at is not None)
            return self.clock.setting

        expired = self.store.change_clock(move, lambda: None)
        return {**said, "expired": [{"global_id": hold.global_id} for hold in expired]}

    def _start_anew(self) -> Body:
        raise NotImplementedError("only a sandbox knows what it began with")

    def _put(self, remote_id: str, only_if_new: bool = False, **changes: Any) -> Body:
        def act(tx: Transaction) -> None:
            listing = tx.listing(remote_id)
            assert listing is not None
            changed = replace(listing, **changes)
            if changed != listing or not only_if_new:
                tx.put(changed)

        return self._on(remote_id, act)

    def _on(self, remote_id: str, act: Callable[[Transaction], None]) -> Body:
        """Act on a listing, and show it."""
        with self.store.transaction() as tx:
            if tx.listing(remote_id) is None:
                raise MockMisuse("mock_unknown_listing", "")
            act(tx)
            listing = tx.listing(remote_id)
            assert listing is not None
            return shown(listing, tx.stock(listing), tx.now)
