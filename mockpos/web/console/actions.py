"""What the console's buttons do: each turns a form into a control call, and tells in a sentence what came of it.

What destroys something keeps a snapshot first, so that it can be undone.
"""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, NamedTuple

from flask import Response, request

from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.controls import shown_parts
from mockpos.web.console.pages import ROOT, Pages
from mockpos.web.console.show import stories
from mockpos.yaml_file import parse_yaml

_KEPT_FOR_UNDO = 10
_UNDO = "undo-"
_LISTS = ("snapshots", "sandboxes", "view_links")


class Done(NamedTuple):
    """What came of an action: a sentence, the snapshot that undoes it, the part of the page to show anew."""

    said: str
    undo: str = ""
    part: str = ""


class Actions:
    """The buttons of one server's console."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._call = pages.access.call
        self._numbers = count(1)
        self._by_name: Mapping[str, Callable[[Sandbox, Mapping[str, str]], Done]] = {
            "scenario": self._scenario, "inline": self._inline, "clock": self._clock, "sell": self._sell,
            "retire": self._retire, "offer": self._offer, "reprice": self._reprice, "expire": self._expire,
            "snapshot": self._snapshot, "restore": self._restore, "forget": self._forget, "undo": self._undo,
            "reset": self._reset, "sandbox": self._sandbox, "drop-sandbox": self._drop_sandbox, "link": self._link,
            "revoke": self._revoke, "clear": self._clear,
        }  # fmt: skip

    def act(self, sandbox: Sandbox, name: str) -> Response | str:
        """Carry out one action. Raises MockMisuse as the control call does."""
        action = self._by_name.get(name)
        if action is None:
            raise MockMisuse("mock_bad_input", f"There is no action {name[:40]!r}.")
        done = action(sandbox, request.form)
        if "HX-Request" not in request.headers:  # scripts are blocked: back to where the button was
            return Response("", 303, {"Location": f"{sandbox.base_path}{ROOT}/controls"})
        parts = shown_parts(self._pages, sandbox) if done.part in _LISTS else {}
        return self._pages.render(
            sandbox, "done", done=done, stories=stories(sandbox.selector.registry),
            **parts,
        )  # fmt: skip

    def keep(self, sandbox: Sandbox) -> str:
        """Keep the sandbox as it stands, and return the snapshot's name; the oldest of many are forgotten."""
        old = sorted(name for name in sandbox.snapshots if name.startswith(_UNDO))
        for name in old[: len(old) - _KEPT_FOR_UNDO + 1]:
            self._call(sandbox, "DELETE", "/snapshots/{name}", name=name)
        name = f"{_UNDO}{next(self._numbers):06d}"
        self._call(sandbox, "PUT", "/snapshots/{name}", name=name)
        return name

    def _scenario(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        name = form.get("name", "")
        if not name:
            self._call(sandbox, "DELETE", "/scenario")
            return Done("No scenario is on.", part="scenario_card")
        told = self._call(sandbox, "PUT", "/scenario", body={"name": name})
        return Done(f"{name} is on: {told['scenario']['summary']}", part="scenario_card")

    def _inline(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        text = form.get("yaml", "")
        found = self._call(sandbox, "POST", "/scenario/check", body={"yaml": text})
        if not found["ok"]:
            raise MockMisuse("mock_bad_input", found["faults"][0])
        content = parse_yaml(text, "yaml").content
        told = self._call(sandbox, "PUT", "/scenario", body={"scenario": content})
        return Done(f"{told['active']} is on.")

    def _clock(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        body: dict[str, Any] = {}
        if "advance" in form:
            body = {"advance": form["advance"]}
        elif "freeze" in form:
            body = {"freeze": form["freeze"] == "true"}
        elif form.get("set"):
            body = {"set": form["set"]}
        else:
            body = {"reset": True}
        told = self._call(sandbox, "POST", "/clock", body=body)
        expired = len(told["expired"])
        lapsed = f" {expired} hold{'s' * (expired != 1)} lapsed." if expired else ""
        still = " and stands still" if told["frozen"] else ""
        return Done(f"The clock shows {told['now'][11:19]}{still}.{lapsed}", part="clock_card")

    def _sell(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        body = {"remote_id": form.get("remote_id", ""), "quantity": _whole(form, "quantity")}
        told = self._call(sandbox, "POST", "/pos/sell", body={**body, "steal_held": "steal_held" in form})
        broken = ", ".join(told["broken_holds"])
        return Done(f"Sold {told['sold_now']} elsewhere." + (f" Broken holds: {broken}." if broken else ""))

    def _retire(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        self._call(sandbox, "POST", "/pos/retire", body={"remote_id": form.get("remote_id", "")})
        return Done("Taken off sale; live holds can still be invoiced.")

    def _offer(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        listing = form.get("remote_id", "")
        self._call(sandbox, "PATCH", "/listings/{remote_id}", remote_id=listing, body={"retired": False})
        return Done("On sale again.")

    def _reprice(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        price = form.get("wholesale_price", "").strip().removeprefix("$")
        body = {"remote_id": form.get("remote_id", ""), "wholesale_price": price}
        self._call(sandbox, "POST", "/pos/reprice", body=body)
        return Done(f"The price is ${price} for later holds.")

    def _expire(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        told = self._call(sandbox, "POST", "/pos/expire-hold", body={"global_id": form.get("global_id", "")})
        return Done(f"The hold {told['global_id']} lapsed.")

    def _snapshot(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        name = form.get("name", "").strip() or self.keep(sandbox)
        self._call(sandbox, "PUT", "/snapshots/{name}", name=name)
        return Done(f"Kept as {name}.", part="snapshots")

    def _restore(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        before = self.keep(sandbox)
        self._call(sandbox, "POST", "/snapshots/{name}/restore", name=form.get("name", ""))
        return Done(f"Back at {form.get('name')}.", undo=before, part="snapshots")

    def _forget(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        self._call(sandbox, "DELETE", "/snapshots/{name}", name=form.get("name", ""))
        return Done("Forgotten.", part="snapshots")

    def _undo(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        self._call(sandbox, "POST", "/snapshots/{name}/restore", name=form.get("snapshot", ""))
        return Done("Undone.")

    def _reset(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        before = self.keep(sandbox)
        fixture = form.get("fixture", "")
        told = self._call(sandbox, "POST", "/reset", body={"fixture": fixture} if fixture else {})
        return Done(f"A new world: {told['listings']:,} listings, nothing held or sold.", undo=before)

    def _sandbox(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        body: dict[str, Any] = {"name": form["name"].strip()} if form.get("name", "").strip() else {}
        source = form.get("source", "")
        if source:
            kind, _, name = source.partition(":")
            body["from"] = {kind: name}
        told = self._call(sandbox, "POST", "/sandboxes", body=body)
        return Done(f"Made {told['name']}; its key is {told['api_key']}", part="sandboxes")

    def _drop_sandbox(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        self._call(sandbox, "DELETE", "/sandboxes/{sandbox_name}", sandbox_name=form.get("name", ""))
        return Done("Dropped.", part="sandboxes")

    def _link(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        self._pages.access.links.make(sandbox.name)
        return Done("Made a link that only shows.", part="view_links")

    def _revoke(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        if not self._pages.access.links.revoke(form.get("name", "")):
            raise MockMisuse("mock_bad_input", "This link opens nothing already.")
        return Done("Revoked: the link opens nothing any more.", part="view_links")

    def _clear(self, sandbox: Sandbox, form: Mapping[str, str]) -> Done:
        told = self._call(sandbox, "DELETE", "/requests")
        return Done(f"Forgot {told['cleared']:,} calls.")


def _whole(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # digits, far more than tickets
        raise MockMisuse("mock_bad_input", f"{name}: must be a whole number, not {text[:20]!r}")
    return int(text)
