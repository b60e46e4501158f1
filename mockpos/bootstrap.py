"""The only place that picks a store, a clock and ids, and wires them together."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

from mockpos import __version__
from mockpos.domain.clock import Clock, to_datetime
from mockpos.domain.errors import BadInput, StoreUnavailable
from mockpos.files import shipped
from mockpos.sandboxes.keys import DEFAULT
from mockpos.sandboxes.registry import Sandboxes
from mockpos.sandboxes.sandbox import Sandbox, SandboxClock, SandboxFactory
from mockpos.sandboxes.telemetry import make_shared_telemetry
from mockpos.scenario.magic import magic_listing
from mockpos.scenario.registry import ScenarioRegistry
from mockpos.scenario.selector import ScenarioSelector
from mockpos.seeding.shift import moved_anchor, shifted
from mockpos.server.greenlets import in_slices, offload
from mockpos.services.automator import Automator
from mockpos.services.create_invoice import InvoicePolicy, LapsedHold
from mockpos.services.quick_start import QuickStart
from mockpos.settings import Settings
from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.memory_store import BuiltIn, MemoryStore, no_built_in
from mockpos.store.replay import read_inventory
from mockpos.store.world import Limits, World
from mockpos.system_clock import SystemClock
from mockpos.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Mock:
    """One running mockpos: what the web application serves. ``inventory`` is the default sandbox's store."""

    settings: Settings
    sandboxes: Sandboxes
    inventory: MemoryStore
    new_request_id: Callable[[], str]
    monotonic: Callable[[], float]

    @property
    def metrics(self) -> Metrics:
        """Return the metrics of the server."""
        return self.sandboxes.default.telemetry.metrics


def build(
    settings: Settings, machine_clock: Clock | None = None, monotonic: Callable[[], float] = time.monotonic
) -> Mock:
    """Open the inventory and wire everything up. Raises BadInput. The clocks are the machine's, unless given."""
    selector = make_selector(settings)
    machine_clock = machine_clock or SystemClock()
    clock = SandboxClock(machine_clock)
    store = (_memory_store if settings.memory else _file_store)(settings, clock, machine_clock)
    clock.restore(store.world.clock)
    if settings.dates == "ahead":
        _move_ahead(store, to_datetime(store.now()).date())
    return Mock(
        settings=settings,
        sandboxes=make_sandboxes(settings, store, clock, selector, machine_clock, monotonic),
        inventory=store,
        new_request_id=request_ids(secrets.token_hex(4)),
        monotonic=monotonic,
    )


def _file_store(settings: Settings, clock: Clock, machine_clock: Clock) -> MemoryStore:
    return JsonFileStore(
        settings.inventory,
        clock,
        limits=_limits(settings),
        durable_on_disk=settings.durability == "disk",
        wait_for_disk=offload,
        built_in=built_in_listings(settings),
        in_slices=in_slices,
        make_world=lambda: _fixture_world(settings, settings.fixture, machine_clock),
    )


def _memory_store(settings: Settings, clock: Clock, machine_clock: Clock) -> MemoryStore:
    """Return a store that writes and locks nothing: of the inventory file that was given, or of the fixture."""
    if settings.durability == "disk":
        raise BadInput("--durability disk: with --memory nothing is written; leave one of the two out")
    if "inventory" not in settings.given:
        world = _fixture_world(settings, settings.fixture, machine_clock)
        return MemoryStore(world, clock, built_in=built_in_listings(settings), in_slices=in_slices)
    found = read_inventory(settings.inventory, _limits(settings))
    if found is None:
        raise BadInput(
            f"{settings.inventory}: there is no such file, and with --memory none is made; leave --inventory out to "
            f"serve the fixture {settings.fixture}"
        )
    return MemoryStore(found, clock, built_in=built_in_listings(settings), in_slices=in_slices)


def make_selector(settings: Settings) -> ScenarioSelector:
    """Find the scenarios and activate the one asked for. Raises BadInput for any that is bad or unknown."""
    registry = ScenarioRegistry(settings.scenarios)
    registry.check_all()
    active = registry.open(settings.scenario) if settings.scenario else None
    return ScenarioSelector(registry, active=active, magic=not settings.no_magic, seed=settings.seed)


def make_sandboxes(
    settings: Settings, store: MemoryStore, clock: SandboxClock, selector: ScenarioSelector, machine_clock: Clock,
    monotonic: Callable[[], float] = time.monotonic,
) -> Sandboxes:  # fmt: skip
    """Return the sandboxes of a server, of which there is only the default one yet."""
    policy = InvoicePolicy(LapsedHold(settings.lapsed_hold), settings.orders_may_repeat)
    shared_telemetry = make_shared_telemetry(__version__, secrets.token_hex(4))
    default = Sandbox(
        name=DEFAULT,
        api_key=settings.api_key,
        seed=settings.seed,
        clock=clock,
        store=store,
        automator=Automator(store, settings.hold_ttl, policy),
        selector=selector,
        telemetry=shared_telemetry.telemetry(DEFAULT),
    )
    factory = SandboxFactory(
        machine_clock=machine_clock,
        hold_ttl_ms=settings.hold_ttl,
        policy=policy,
        built_in=built_in_listings(settings),
        registry=selector.registry,
        magic=not settings.no_magic,
        shared_telemetry=shared_telemetry,
        fixture_world=lambda name: _fixture_world(settings, name, machine_clock, asked_as="fixture"),
    )
    sandboxes = Sandboxes(default, factory, monotonic)
    if settings.disabled_key is not None:
        sandboxes.keys.add(settings.disabled_key, DEFAULT, enabled=False)
    return sandboxes


def built_in_listings(settings: Settings) -> BuiltIn:
    """Return where listings are found that stand beside every inventory."""
    return no_built_in if settings.no_magic else magic_listing


def _limits(settings: Settings) -> Limits:
    return Limits(settings.remember_holds, settings.remember_releases)


def _fixture_world(settings: Settings, name: str, clock: Clock, *, asked_as: str = "--fixture") -> World:
    today = to_datetime(clock.now()).date() if settings.dates == "ahead" else None
    return fixture_world(name, today, _limits(settings), asked_as=asked_as)


def _move_ahead(store: MemoryStore, today: date) -> None:
    """Move a world with an anchor ahead of today, holds and sales with it. Raises BadInput."""
    anchor = store.world.anchor
    if anchor is None or moved_anchor(anchor, today) <= anchor:
        return
    world = store.snapshot()
    _move(world, today)
    try:
        store.replace_world(world)
    except StoreUnavailable as error:
        raise BadInput(f"{error}; --dates keep starts without moving the dates ahead") from None


def _move(world: World, today: date) -> None:
    assert world.anchor is not None
    world.fill(list(shifted((listing for listing, _ in world.each_listing()), anchor=world.anchor, today=today)))
    world.anchor = moved_anchor(world.anchor, today)


def quick_start(store: MemoryStore) -> QuickStart:
    """Return what finds a purchase to try, under ids of this run."""
    return QuickStart(store, run=f"{secrets.randbelow(900_000) + 100_000}", fallback="MOCK-OK")


def request_ids(run: str) -> Callable[[], str]:
    """Return a source of ids that differ within a run and between runs."""
    numbers = count(1)
    return lambda: f"{run}-{next(numbers):06d}"


def fixture_names() -> list[str]:
    """List the shipped worlds."""
    return sorted(path.stem for path in shipped("fixtures").glob("*.json"))


def fixture_path(name: str, *, asked_as: str = "--fixture") -> Path:
    """Find a shipped world. Raises BadInput that names what it was asked by, and lists the known ones."""
    if name not in fixture_names():
        raise BadInput(f"{asked_as}: there is no world called {name!r}; there are {', '.join(fixture_names())}")
    return shipped("fixtures") / f"{name}.json"


def fixture_world(name: str, today: date | None, limits: Limits, *, asked_as: str = "--fixture") -> World:
    """Return a shipped world with its dates moved by whole weeks, so that its events lie ahead of ``today``."""
    from mockpos.codecs.file_layout import parse_tables
    from mockpos.store.tables import read_world

    path = fixture_path(name, asked_as=asked_as)
    tables = parse_tables(path.read_bytes(), str(path))
    world = read_world(tables, str(path), limits)
    if today is not None:
        _move(world, today)
    return world
