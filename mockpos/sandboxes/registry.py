"""All sandboxes of one server: the default one, and those that tests and demos make beside it."""

import re
import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterator
from threading import Lock
from typing import NamedTuple, TypedDict, Unpack

from mockpos.domain.clock import ClockSetting, Millis, rfc3339
from mockpos.domain.errors import BadInput
from mockpos.sandboxes.keys import DEFAULT, KeyOwner, Keys
from mockpos.sandboxes.sandbox import RESET, Sandbox, SandboxFactory
from mockpos.server.greenlets import in_slices
from mockpos.store.world import World
from mockpos.telemetry.audit.findings import Finding
from mockpos.telemetry.coverage import Answer
from mockpos.telemetry.journal.journal import Journal
from mockpos.telemetry.timing import Timing

MOST_JOURNALS = 100
MOST_FINDINGS = 10_000


class DroppedFinding(NamedTuple):
    """Something left behind in a sandbox that was dropped. ``is_pending``: only because a hold was still alive."""

    sandbox: str
    finding: Finding
    is_pending: bool


class DroppedSandboxes:
    """Filled as sandboxes are dropped. ``count`` is how many were, ``forgotten`` what the audits had to give up."""

    def __init__(self) -> None:
        self.count = 0
        self.forgotten = 0
        self.coverage: Counter[Answer] = Counter()
        self.timing = Timing()
        self._journals: deque[tuple[str, Journal]] = deque()
        self._findings: deque[DroppedFinding] = deque()
        self._lock = Lock()

    def add(self, sandbox: Sandbox) -> None:
        """Take over what is to stay of a sandbox that was just dropped. Its world is judged here and then let go."""
        telemetry = sandbox.telemetry
        between = in_slices()
        report = sandbox.audit(between=between)
        certain = set(sandbox.audit(pending_ok=True, between=between).findings) if report.findings else set()
        with self._lock:
            self.count += 1
            self.coverage.update(telemetry.coverage.ever_seen())
            self.timing.add(telemetry.timing)
            self.timing.add(telemetry.timing_before_reset)
            self._journals.append((sandbox.name, telemetry.journal))
            if len(self._journals) > MOST_JOURNALS:
                self._journals.popleft()[1].close()
            self.forgotten += report.forgotten
            for finding in report.findings:
                self._findings.append(DroppedFinding(sandbox.name, finding, finding not in certain))
            while len(self._findings) > MOST_FINDINGS:
                self._findings.popleft()
                self.forgotten += 1

    def journals(self) -> Iterator[tuple[str, Journal]]:
        """Iterate over the names and journals that are still there, the newest first."""
        with self._lock:
            return iter(list(reversed(self._journals)))

    def findings(self, *, pending_ok: bool) -> list[tuple[str, Finding]]:
        """List what was left behind, by the name of its sandbox."""
        with self._lock:
            return [(each.sandbox, each.finding) for each in self._findings if not (pending_ok and each.is_pending)]


MOST_SANDBOXES = 2_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""What a sandbox or a snapshot may be called: it stands in paths."""


class Beginning(TypedDict, total=False):
    """What a sandbox begins with: its key, a shipped world or a copy of another sandbox, seed, real seconds to live."""

    api_key: str | None
    fixture: str | None
    copy_of: str | None
    seed: int | None
    ttl_s: float | None


class Sandboxes:
    """Sandboxes by name and by key. The default one is always there. ``monotonic`` tells real seconds."""

    def __init__(self, default: Sandbox, factory: SandboxFactory, monotonic: Callable[[], float]) -> None:
        self._lock = Lock()
        self._by_name = {DEFAULT: default}
        self._factory = factory
        self._monotonic = monotonic
        self.keys = Keys()
        self.dropped = DroppedSandboxes()
        self.keys.add(default.api_key, DEFAULT)
        default.open()

    @property
    def default(self) -> Sandbox:
        """Return the sandbox that is persisted."""
        return self._by_name[DEFAULT]

    def __iter__(self) -> Iterator[Sandbox]:
        """Iterate over all of them, as they are at this moment."""
        with self._lock:
            return iter(list(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: str) -> Sandbox | None:
        """Find a sandbox by its name, and note that it is in use."""
        sandbox = self._by_name.get(name)
        if sandbox is not None and sandbox.ttl_s is not None:
            sandbox.last_used = self._monotonic()
        return sandbox

    def of(self, owner: KeyOwner) -> Sandbox | None:
        """Return the sandbox of a key."""
        return self.get(owner.sandbox)

    def fixture_world(self, name: str) -> World:
        """Return a shipped world. Raises BadInput for an unknown name."""
        return self._factory.fixture_world(name)

    def create(self, *, name: str | None = None, **asked: Unpack[Beginning]) -> Sandbox:
        """Make a sandbox: from a shipped world, as a copy of another, or with the default one's listings, all free.

        Raises BadInput for a name or key that is taken or malformed, an unknown source, or too many sandboxes.
        """
        self.drop_idle()
        name = name or f"sandbox-{secrets.token_hex(4)}"
        sandbox = self._make(name, asked, f"mockpos-{secrets.token_hex(12)}")
        with self._lock:
            if name in self._by_name:
                raise BadInput(f"name: there is a sandbox called {name} already")
            self._admit(sandbox)
        return sandbox

    def put(self, name: str, **asked: Unpack[Beginning]) -> Sandbox:
        """Make a sandbox, or make it anew under the same name and, unless another is given, with the same key.

        Raises BadInput as ``create`` does, and for the default sandbox; then everything is as it was.
        """
        if name == DEFAULT:
            raise BadInput("name: the default sandbox is always there; reset it instead")
        self.drop_idle()
        old = self.get(name)
        own_key = old.api_key if old is not None else f"mockpos-{secrets.token_hex(12)}"
        sandbox = self._make(name, asked, own_key)
        with self._lock:
            old = self._by_name.get(name)
            self._admit(sandbox, instead_of=old)
        if old is not None:
            old.delayed_calls.wake(RESET)
            self.dropped.add(old)
        return sandbox

    def _make(self, name: str, asked: Beginning, own_key: str) -> Sandbox:
        if NAME.fullmatch(name) is None:
            raise BadInput(f"name: {name[:80]!r} must be 1 to 64 letters, digits, '_' or '-'")
        copy_of, seed = asked.get("copy_of"), asked.get("seed")
        world, clock, source = self._source(asked.get("fixture"), copy_of)
        sandbox = self._factory.make(
            name=name,
            api_key=asked.get("api_key") or own_key,
            seed=seed if seed is not None else source.seed,
            world=world,
            clock=clock,
            scenario=source.selector.active if copy_of else source.first_scenario,
            ttl_s=asked.get("ttl_s"),
        )
        sandbox.last_used = self._monotonic()
        return sandbox

    def delete(self, name: str) -> int:
        """Drop a sandbox; return how many sleeping calls were woken. What it counted stays in ``dropped``.

        Raises BadInput for the default one, and for a name that is not known.
        """
        if name == DEFAULT:
            raise BadInput("the default sandbox is always there; reset it instead")
        with self._lock:
            sandbox = self._by_name.pop(name, None)
            if sandbox is None:
                raise BadInput(f"there is no sandbox called {name[:80]!r}")
            self.keys.remove(sandbox.api_key)
            sandbox.close()
        woken = sandbox.delayed_calls.wake(RESET)
        self.dropped.add(sandbox)
        return woken

    def drop_idle(self) -> list[str]:
        """Drop the sandboxes nobody has used for longer than their TTL; return their names.

        A delayed call and an open stream of events are use for as long as they last.
        """
        between = in_slices()
        dropped = []
        for sandbox in self:
            now = self._monotonic()
            if sandbox.is_busy:
                sandbox.last_used = now
            elif self._by_name.get(sandbox.name) is not sandbox:
                continue  # somebody was quicker
            elif sandbox.ttl_s is not None and now - sandbox.last_used > sandbox.ttl_s:
                self.delete(sandbox.name)
                dropped.append(sandbox.name)
                between()
        return dropped

    def expires_at(self, sandbox: Sandbox) -> str | None:
        """Return when an idle sandbox would be dropped, by the machine's clock; None for one that is kept."""
        if sandbox.ttl_s is None:
            return None
        left_ms = (sandbox.last_used + sandbox.ttl_s - self._monotonic()) * 1000
        return rfc3339(Millis(self._factory.machine_clock.now() + round(left_ms)))

    def _source(self, fixture: str | None, copy_of: str | None) -> tuple[World, ClockSetting, Sandbox]:
        if fixture is not None and copy_of is not None:
            raise BadInput("from: give a fixture or a sandbox, not both")
        if copy_of is not None:
            source = self.get(copy_of)
            if source is None:
                raise BadInput(f"from: there is no sandbox called {copy_of[:80]!r}")
            return source.store.snapshot(), source.clock.setting, source
        world = self.fixture_world(fixture) if fixture is not None else self.default.store.snapshot().untouched()
        return world, ClockSetting(), self.default

    def _admit(self, sandbox: Sandbox, *, instead_of: Sandbox | None = None) -> None:
        """Let a sandbox be found, in place of the one that has its name. The lock is held. Raises BadInput."""
        if instead_of is None and len(self._by_name) > MOST_SANDBOXES:
            raise BadInput(f"there are {MOST_SANDBOXES} sandboxes already; delete some first")
        owner = self.keys.find(sandbox.api_key)
        if owner is not None and owner.sandbox != sandbox.name:
            raise BadInput("api_key: this key opens another sandbox already")
        if instead_of is not None:
            self.keys.remove(instead_of.api_key)
            del self._by_name[sandbox.name]
            instead_of.close()  # first: closing ends what the metrics show under its name
        self.keys.add(sandbox.api_key, sandbox.name)
        self._by_name[sandbox.name] = sandbox
        sandbox.open()
