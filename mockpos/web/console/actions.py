"""What the console's buttons do: each turns a form into a control call, and tells in a sentence what came of it.

What destroys something keeps a snapshot first, so that it can be undone.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import Response, request

from mockpos.domain.counted import counted
from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.controls import shown_parts, stories
from mockpos.web.console.pages import ROOT, Answer, Pages
from mockpos.web.control.listing_fields import whole_number
from mockpos.yaml_file import parse_yaml

_KEPT_FOR_UNDO = 10
_MOST_DIGITS = 9
_UNDO = "undo-"
_LISTS = ("snapshots", "sandboxes", "view_links")
_IN_PATH = re.compile(r"\{(\w+)\}")
Form = Mapping[str, str]


class Done(NamedTuple):
    """What came of an action: a sentence, the snapshot that undoes it, the part of the page to show anew."""

    said: str
    undo: str = ""
    part: str = ""


class Button(NamedTuple):
    """A control call that a form is enough for: parts of its path and ``fields`` of its body are the form's.

    ``said`` is filled in from the form and the answer; ``keeps`` takes a snapshot first.
    """

    method: str
    path: str
    said: str
    fields: tuple[str, ...] = ()
    body: Mapping[str, Any] = {}
    part: str = ""
    keeps: bool = False

    def press(self, pages: Pages, sandbox: Sandbox, form: Form) -> Done:
        """Make the call for who pressed it."""
        undo = _keep(pages, sandbox) if self.keeps else ""
        asked: dict[str, Any] = {name: form.get(name, "") for name in _IN_PATH.findall(self.path)}
        body = {name: form.get(name, "") for name in self.fields} | dict(self.body)
        told = pages.call(sandbox, self.method, self.path, **asked, body=body)
        return Done(self.said.format_map({**form, **told}), undo, self.part)


_BUTTONS = {
    "retire": Button("POST", "/pos/retire", "Taken off sale; live holds can still be invoiced.", ("remote_id",)),
    "offer": Button("PATCH", "/listings/{remote_id}", "On sale again.", body={"retired": False}),
    "reprice": Button(
        "POST", "/pos/reprice", "The price is ${wholesale_price} for later holds.", ("remote_id", "wholesale_price")
    ),
    "expire": Button("POST", "/pos/expire-hold", "The hold {global_id} lapsed.", ("global_id",)),
    "restore": Button("POST", "/snapshots/{name}/restore", "Back at {name}.", part="snapshots", keeps=True),
    "forget": Button("DELETE", "/snapshots/{name}", "Forgotten.", part="snapshots"),
    "drop-sandbox": Button("DELETE", "/sandboxes/{sandbox_name}", "Dropped.", part="sandboxes"),
    "clear": Button("DELETE", "/requests", "Recorded calls forgotten: {cleared:,}."),
}


def act(pages: Pages, sandbox: Sandbox, name: str) -> Answer:
    """Carry out one action. Raises MockMisuse as the control call does."""
    if name not in _ACTIONS:
        raise MockMisuse("mock_bad_input", f"There is no action {name[:40]!r}.")
    done = _ACTIONS[name](pages, sandbox, request.form.to_dict())
    if "HX-Request" not in request.headers:  # scripts are blocked: back to where the button was
        return Response("", 303, {"Location": f"{sandbox.base_path}{ROOT}/controls"})
    parts = shown_parts(pages, sandbox) if done.part in _LISTS else {}
    return pages.render(sandbox, "done", done=done, stories=stories(pages, sandbox), **parts)


def _keep(pages: Pages, sandbox: Sandbox) -> str:
    """Keep the sandbox as it stands, and return the snapshot's name; the oldest of many are forgotten.

    One that the form asks for stays.
    """
    old = sorted(name for name in sandbox.snapshots if name.startswith(_UNDO))
    for name in {*old[: max(0, len(old) - _KEPT_FOR_UNDO + 1)]} - {request.form.get("name")}:
        pages.call(sandbox, "DELETE", "/snapshots/{name}", name=name)
    number = int(old[-1].removeprefix(_UNDO)) + 1 if old and old[-1].removeprefix(_UNDO).isdecimal() else 1
    name = f"{_UNDO}{number:06d}"
    pages.call(sandbox, "PUT", "/snapshots/{name}", name=name)
    return name


def _scenario(pages: Pages, sandbox: Sandbox, form: Form) -> Done:
    name = form.get("name", "")
    if not name:
        pages.call(sandbox, "DELETE", "/scenario")
        return Done("No scenario is on.", part="scenario_card")
    told = pages.call(sandbox, "PUT", "/scenario", body={"name": name})
    return Done(f"{name} is on: {told['scenario']['summary']}", part="scenario_card")


def _inline(pages: Pages, sandbox: Sandbox, form: Form) -> Done:
    text = form.get("yaml", "")
    found = pages.call(sandbox, "POST", "/scenario/check", body={"yaml": text})
    if not found["ok"]:
        raise MockMisuse("mock_bad_input", found["faults"][0])
    told = pages.call(sandbox, "PUT", "/scenario", body={"scenario": parse_yaml(text, "yaml").content})
    return Done(f"{told['active']} is on.")


def _clock(pages: Pages, sandbox: Sandbox, form: Form) -> Done:
    body = {name: text == "true" if name in ("freeze", "reset") else text for name, text in form.items()}
    told = pages.call(sandbox, "POST", "/clock", body=body)
    expired = len(list(told["expired"]))
    lapsed = f" {counted(expired, 'hold')} lapsed." if expired else ""
    still = " and stands still" if told["frozen"] else ""
    return Done(f"The clock shows {told['now'][11:19]}{still}.{lapsed}", part="clock_card")


def _sell(pages: Pages, sandbox: Sandbox, form: Form) -> Done:
    text = form.get("quantity", "").strip()
    quantity = whole_number(text, _MOST_DIGITS)
    if quantity is None:
        raise MockMisuse("mock_bad_input", f"quantity: must be a whole number, not {text[:20]!r}")
    body = {"remote_id": form.get("remote_id", ""), "quantity": quantity, "steal_held": "steal_held" in form}
    told = pages.call(sandbox, "POST", "/pos/sell", body=body)
    broken = f" Broken holds: {', '.join(told['broken_holds'])}." if told["broken_holds"] else ""
    return Done(f"Sold {told['sold_now']} elsewhere.{broken}")


def _snapshot(pages: Pages, sandbox: Sandbox, form: Form) -> Done:
    name = form.get("name", "").strip()
    if name:
        pages.call(sandbox, "PUT", "/snapshots/{name}", name=name)
    return Done(f"Kept as {name or _keep(pages, sandbox)}.", part="snapshots")


def _undo(pages: Pages, sandbox: Sandbox, form: Form) -> Done:
    pages.call(sandbox, "POST", "/snapshots/{name}/restore", name=form.get("snapshot", ""))
    return Done("Undone.")


def _reset(pages: Pages, sandbox: Sandbox, form: Form) -> Done:
    before = _keep(pages, sandbox)
    fixture = form.get("fixture", "")
    told = pages.call(sandbox, "POST", "/reset", body={"fixture": fixture} if fixture else {})
    return Done(f"A new world: {counted(told['listings'], 'listing')}, nothing held or sold.", undo=before)


def _sandbox(pages: Pages, sandbox: Sandbox, form: Form) -> Done:
    name, (kind, _, source) = form.get("name", "").strip(), form.get("source", "").partition(":")
    body: dict[str, Any] = ({"name": name} if name else {}) | ({"from": {kind: source}} if kind else {})
    told = pages.call(sandbox, "POST", "/sandboxes", body=body)
    return Done(f"Made {told['name']}; its key is {told['api_key']}", part="sandboxes")


def _link(pages: Pages, sandbox: Sandbox, _form: Form) -> Done:
    pages.links.make(sandbox.name)
    return Done("Made a link that only shows.", part="view_links")


def _revoke(pages: Pages, sandbox: Sandbox, form: Form) -> Done:
    pages.links.revoke(sandbox.name, form.get("name", ""))
    return Done("Revoked: the link opens nothing any more.", part="view_links")


_ACTIONS: Mapping[str, Callable[[Pages, Sandbox, Form], Done]] = {
    "scenario": _scenario, "inline": _inline, "clock": _clock, "sell": _sell, "snapshot": _snapshot, "undo": _undo,
    "reset": _reset, "sandbox": _sandbox, "link": _link, "revoke": _revoke,
    **{name: button.press for name, button in _BUTTONS.items()},
}  # fmt: skip
