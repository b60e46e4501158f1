"""A sandbox: a whole world of its own for one test, over the control plane of a running mockpos."""

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from mockpos.control_client import Body, ControlClient, ControlError, Query, given, media_type_of, part
from mockpos.testing.results import Audit

_PAGE = 1000
_GONE: Body = {
    "name": "unreachable",
    "summary": "Every connection is reset, as if no server were there.",
    "rules": [{"id": "gone", "on": ["hold", "release", "invoice"], "fault": "reset"}],
}


class Sandbox:
    """Inventory, holds, invoices, scenario, clock, journal and API key of one test. Nothing leaks to another.

    Point the client under test at ``url`` with ``api_key``: either is enough to meet this sandbox. What the properties
    and methods return is as it stands at that moment; keys and values are those of ``/docs/control``. In a ``with``
    statement the sandbox is dropped at the end. Every method raises ControlError for what the server refuses.
    """

    def __init__(self, server: ControlClient, document: Mapping[str, Any]) -> None:
        """Take what a server answered when the sandbox was made; ``Server.sandbox`` is how to make one."""
        self.name: str = document["name"]
        self.api_key: str = document["api_key"]
        self.seed: int = document["seed"]
        self.url: str = server.url + document["base_path"]
        self._server = server
        self._control = ControlClient(server.url, server.token, self.name)
        self._scenario: str | Mapping[str, Any] | None = None
        self.clock = Clock(self._control)

    def __repr__(self) -> str:
        """Return the name and where it is; the key stays out of logs."""
        return f"<Sandbox {self.name} at {self.url}>"

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop it."""
        self.drop()

    @property
    def scenario(self) -> str | None:
        """The name of the active scenario, or None. Set it to a name, a whole scenario as a mapping, or None."""
        return self._control.get("/scenario")["active"]  # type: ignore[no-any-return]  # a name or null

    @scenario.setter
    def scenario(self, scenario: str | Mapping[str, Any] | None) -> None:
        if scenario is None:
            self._control.send("DELETE", "/scenario")
        elif isinstance(scenario, str):
            self._control.send("PUT", "/scenario", {"name": scenario})
        else:
            self._control.send("PUT", "/scenario", {"scenario": dict(scenario)})
        self._scenario = scenario

    @property
    def listings(self) -> list[Body]:
        """All listings, with what is available, held and sold of each."""
        return list(self._pages("listings"))

    @property
    def holds(self) -> list[Body]:
        """All holds, live ones first."""
        return list(self._pages("holds"))

    @property
    def invoices(self) -> list[Body]:
        """All invoices."""
        return list(self._pages("invoices"))

    @property
    def journal(self) -> list[Body]:
        """The calls in the order they came, each as one line; ``call`` shows all of one."""
        return self.calls()

    def listing(self, remote_id: str) -> Body:
        """Return one listing."""
        return self._control.get(f"/listings/{part(remote_id)}")

    def hold(self, global_id: str) -> Body:
        """Return one hold."""
        return self._control.get(f"/holds/{part(global_id)}")

    def calls(self, **wanted: object) -> list[Body]:
        """Return the calls that fit, oldest first: by operation, code, global_id, remote_id, order_id, since, limit."""
        found: list[Body] = self._control.get("/requests", {"limit": 10_000, **wanted})["requests"]
        return found[::-1]

    def call(self, request_id: str) -> Body:
        """Return all that is known of one call: request, answer, the rule that decided, state before and after."""
        return self._control.get(f"/requests/{part(request_id)}")

    def curl(self, request_id: str) -> str:
        """Return a command that repeats a call."""
        return self._control.text(f"/requests/{part(request_id)}/curl").rstrip("\n")

    def verify(self, *, count: int | Mapping[str, int] = 1, **wanted: object) -> None:
        """Raise AssertionError, with the nearest calls, unless so many were made (``{"min": 1}`` and ``max`` too).

        At least one of operation and code; also global_id, remote_id, order_id, scenario.
        """
        try:
            self._control.send("POST", "/verify", {**wanted, "count": count})
        except ControlError as error:
            if error.code != "mock_not_as_expected":
                raise
            raise AssertionError(str(error)) from None

    def audit(self, *, pending_ok: bool = False) -> Audit:
        """Return what the client left behind. With ``pending_ok`` a hold that is alive is no finding."""
        return Audit.read(self._control.get("/audit", {"pending": "ok" if pending_ok else None}))

    def coverage(self) -> Body:
        """Return which documented answers were met, and which never."""
        return self._control.get("/coverage")

    def timing(self) -> Body:
        """Return how long callers waited."""
        return self._control.get("/timing")

    def control(self, method: str, path: str, body: object = None, query: Query | None = None) -> Body:
        """Send any other control call, such as ``control("POST", "/pos/sell", {...})``."""
        return self._control.send(method, path, body, query)

    def add_listing(self, **listing: object) -> Body:
        """Add one listing: ``add_listing(remote_id="TG-9", quantity=4, section="101", row="A", ...)``."""
        return self._control.send("POST", "/listings", listing)

    def import_csv(self, source: str | Path, *, mode: str = "replace", skip_bad_rows: bool = False) -> Body:
        """Read a broker's file (a Path: .csv, .tsv, .txt, .xlsx, .json) or the text of a .csv, and return the report.

        ``mode`` is replace (what the file does not have is no longer for sale), update or new (what is here stays).
        """
        file, content = (source, source.read_bytes()) if isinstance(source, Path) else (Path("text.csv"), source)
        query = {"mode": mode, "skip_bad_rows": "true" if skip_bad_rows else "false"}
        return self._control.send("POST", "/listings/import", content, query, media_type=media_type_of(file))

    def reset(self, *, fixture: str | None = None, seed: int | None = None) -> None:
        """Begin anew: the listings it began with or a fixture's, no holds, no invoices, an empty journal."""
        self._control.send("POST", "/reset", given(fixture=fixture, seed=seed))

    @contextmanager
    def snapshot(self, name: str = "before") -> Iterator[None]:
        """Keep the world as it stands, and go back to it at the end of the ``with``."""
        self._control.send("PUT", f"/snapshots/{part(name)}")
        try:
            yield
        finally:
            self._control.send("POST", f"/snapshots/{part(name)}/restore")
            self._control.send("DELETE", f"/snapshots/{part(name)}")

    @contextmanager
    def unreachable(self) -> Iterator[str]:
        """Let the server not be there: every call to ``url`` loses its connection without an answer or an effect.

        Yields a second URL, of a port where nobody listens, for what must see a refused connection.
        """
        before = self._scenario if self._scenario is not None else self.scenario
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # bound, and never listening: taken by nobody else meanwhile
            self.scenario = _GONE
            try:
                yield f"http://127.0.0.1:{unused.getsockname()[1]}"
            finally:
                self.scenario = before

    def drop(self) -> None:
        """Drop it with all it holds. One that is gone already, or whose server is, is no error."""
        try:
            self._server.send("DELETE", f"/sandboxes/{part(self.name)}")
        except ControlError as error:
            if error.status not in (None, 404):
                raise

    def _pages(self, kind: str) -> Iterator[Body]:
        cursor: str | None = None
        while True:
            page = self._control.get(f"/{kind}", {"limit": _PAGE, "cursor": cursor})
            yield from page[kind]
            cursor = page["next_cursor"]
            if cursor is None:
                return


_WITHOUT_SECONDS = re.compile(r"(T\d\d:\d\d)(Z|[+-]\d\d:\d\d)$")


class Clock:
    """A sandbox's clock. Moments are aware datetimes, or text like ``2026-11-23T20:00Z``; durations ``20m``, ``1.5h``.

    Every change lets the holds expire that are due by then, and returns their Global IDs in that order.
    """

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    @property
    def now(self) -> datetime:
        """Return what the sandbox takes for now."""
        return datetime.fromisoformat(self._control.get("/clock")["now"])

    @property
    def frozen(self) -> bool:
        """True while it stands still."""
        return bool(self._control.get("/clock")["frozen"])

    def advance(self, duration: str | timedelta) -> list[str]:
        """Move it ahead."""
        if isinstance(duration, timedelta):
            duration = f"{round(duration / timedelta(milliseconds=1))}ms"
        return self._change({"advance": duration})

    def set(self, moment: str | datetime) -> list[str]:
        """Move it there, ahead or back; it goes on from there unless it was frozen."""
        return self._change({"set": _text(moment)})

    def freeze(self, moment: str | datetime | None = None) -> list[str]:
        """Let it stand still, at a moment if one is given."""
        expired = self._change({"freeze": True})
        return expired + (self.set(moment) if moment is not None else [])

    def resume(self) -> list[str]:
        """Let it go on from where it stands."""
        return self._change({"freeze": False})

    def reset(self) -> list[str]:
        """Let it show the machine's time again."""
        return self._change({"reset": True})

    def _change(self, change: Body) -> list[str]:
        return [hold["global_id"] for hold in self._control.send("POST", "/clock", change)["expired"]]


def _text(moment: str | datetime) -> str:
    """Write a moment as the control plane reads it."""
    if isinstance(moment, str):
        return _WITHOUT_SECONDS.sub(r"\1:00\2", moment)
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; give it one, such as tzinfo=UTC")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
