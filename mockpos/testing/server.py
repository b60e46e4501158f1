"""A running mockpos, as tests see it: one that they started, or one that was there."""

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from mockpos.control_client import Body, ControlClient, new_sandbox
from mockpos.domain.errors import BadInput
from mockpos.processes import SETTINGS_OF_OURS, ServerProcess
from mockpos.settings import DEFAULT_API_KEY, SETTINGS
from mockpos.testing.results import Audit
from mockpos.testing.sandbox import Sandbox

_ALL = {"sandboxes": "all"}


class Server:
    """One mockpos server. In a ``with`` statement, or by ``stop``, one that was started here ends."""

    def __init__(
        self,
        url: str,
        *,
        api_key: str = DEFAULT_API_KEY,
        token: str | None = None,
        process: ServerProcess | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.api_key = api_key
        self.token = token
        self._process = process
        self._control = ControlClient(self.url, token)

    def __repr__(self) -> str:
        """Return where it is; the key stays out of logs."""
        return f"<Server at {self.url}>"

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop it."""
        self.stop()

    def sandbox(
        self,
        name: str | None = None,
        *,
        api_key: str | None = None,
        scenario: str | Mapping[str, Any] | None = None,
        fixture: str | None = None,
        copy_of: str | None = None,
        freeze: str | None = None,
        seed: int | None = None,
        ttl: str | None = None,
    ) -> Sandbox:
        """Make a sandbox: with the server's listings, all available, or a shipped fixture's, or as another one stands.

        Name and key are made up if left out. ``freeze`` is a moment its clock stands still at; ``ttl`` how long it may
        go without a call before it is dropped. Raises ControlError for what the server refuses.
        """
        body = new_sandbox(name, api_key, fixture, copy_of, seed, ttl)
        sandbox = Sandbox(self._control, self._control.send("POST", "/sandboxes", body))
        try:
            if scenario is not None:
                sandbox.scenario = scenario
            if freeze is not None:
                sandbox.clock.freeze(freeze)
        except BaseException:
            sandbox.drop()
            raise
        return sandbox

    def audit(self, *, pending_ok: bool = False) -> Audit:
        """Return what was left behind in all sandboxes, dropped ones too."""
        return Audit.read(self._control.get("/audit", {**_ALL, "pending": "ok" if pending_ok else None}))

    def coverage(self) -> Body:
        """Return which documented answers were met in all sandboxes together, dropped ones too."""
        return self._control.get("/coverage", _ALL)

    def timing(self) -> Body:
        """Return how long callers waited, in all sandboxes."""
        return self._control.get("/timing", _ALL)

    def sandboxes(self) -> list[Body]:
        """List the sandboxes there are."""
        return list(self._control.get("/sandboxes")["sandboxes"])

    def control(self, method: str, path: str, body: object = None) -> Body:
        """Send any other control call to the server."""
        return self._control.send(method, path, body)

    def stop(self) -> None:
        """Stop it if it was started here."""
        if self._process is not None:
            self._process.stop()


def serve(**settings: object) -> Server:
    """Start a server with throw-away state on a free port, and return it when it answers.

    Settings are those of ``mockpos serve``: ``serve(hold_ttl="30s", scenarios=["mine"], no_magic=True)``. The variables
    MOCKPOS_... are passed over: what a test needs stands in the test. It ends with the program that started it. Raises
    BadInput with the server's own words when it cannot start.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKPOS_")}
    process = ServerProcess(options_of(settings), environment=environment)
    api_key = str(settings.get("api_key") or DEFAULT_API_KEY)
    token = settings.get("control_token")
    return Server(process.url, api_key=api_key, token=str(token) if token else None, process=process)


def connect(url: str, *, api_key: str = DEFAULT_API_KEY, token: str | None = None) -> Server:
    """Return a server that runs already. Raises ControlError when it does not answer."""
    server = Server(url, api_key=api_key, token=token)
    server.sandboxes()
    return server


def options_of(settings: Mapping[str, object]) -> list[str]:
    """Return settings as options of ``mockpos serve``. Raises BadInput for a name that is none."""
    known = {setting.name: setting for setting in SETTINGS if setting.name not in SETTINGS_OF_OURS}
    for name in settings:
        if name not in known:
            raise BadInput(f"{name!r} is no setting of a server for tests; there are {', '.join(sorted(known))}")
    return [word for name, value in {"port": 0, **settings}.items() for word in known[name].words(value)]
