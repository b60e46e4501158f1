"""mockpos for agents: a server of the Model Context Protocol with ten tools, each a whole task answered in a few lines.

It knows a running mockpos from outside, as tests do. The docstrings of the tools are what the agent reads, so they say
what a task changes.
"""

from collections.abc import Callable
from functools import wraps
from inspect import cleandoc
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import ToolAnnotations
from pydantic import Field

from mockpos import __version__
from mockpos.checkout.client import AutomatorClient, CallResult
from mockpos.control_client import Body, ControlClient, ControlError, new_sandbox, part
from mockpos.domain.errors import MockposError
from mockpos.testing.server import Server

INSTRUCTIONS = (
    "mockpos plays a ticket broker's automator for Ticket Evolution order integration: hold, release and invoice over "
    "invented listings. Nothing here is real or costs anything. Begin with world_status: it has the URL and the API "
    "key for code under test. Make a sandbox for what must not disturb others. URL/llms.txt leads to the documentation."
)


_LISTINGS, _LOOKED_AT = 5, 30
_SANDBOXES = 50
_MOST = 10


Sandbox = Annotated[str | None, Field(description="The sandbox that is meant; left out: the default one.")]
GlobalId = Annotated[str, Field(description="The id that ties hold, release and invoice of one order together.")]
Listing = Annotated[str, Field(description="A listing's Remote ID; MOCK-... ids meet the code in their name.")]


class Tools:
    """The tasks on one server. Raises ControlError."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def world_status(self, sandbox: Sandbox = None) -> Body:
        """Show URL, API key, some listings for sale, holds, clock, scenario and number of calls. Changes nothing."""
        control = self._control(sandbox)
        shown = control.get(f"/sandboxes/{part(sandbox or 'default')}")
        listings = control.get("/listings", {"limit": _LOOKED_AT, "available_min": 1})["listings"]
        for_sale = [_listing(listing) for listing in listings if listing["not_for_sale_because"] is None]
        clock = control.get("/clock")
        return {
            "url": self._server.url + shown["base_path"],
            "api_key": self._server.api_key,
            "sandboxes": [each["name"] for each in self._server.sandboxes()][:_SANDBOXES],
            "listings": shown["listings"],
            "some_for_sale": for_sale[:_LISTINGS],
            "holds": {"live": shown["holds_live"], "ended": shown["holds_ended"]},
            "clock": {"now": clock["now"], "frozen": clock["frozen"]},
            "scenario": control.get("/scenario")["active"],
            "calls": control.get("/requests", {"limit": 1})["recorded"],
        }

    def make_sandbox(
        self,
        name: Annotated[str, Field(description="1 to 64 letters, digits, '_' or '-'.")],
        fixture: Annotated[str | None, Field(description="A shipped world: arena, tiny, ...")] = None,
        seed: Annotated[int | None, Field(description="Of everything drawn by chance.")] = None,
    ) -> Body:
        """Make a whole world of its own with its own API key, holds, clock and scenario.

        Side effect: a sandbox of that name that is there already is thrown away.
        """
        body = new_sandbox(None, None, fixture or None, None, seed, None)
        made = self._server.control("PUT", f"/sandboxes/{part(name)}", body)
        return {
            "sandbox": made["name"],
            "url": self._server.url + made["base_path"],
            "api_key": made["api_key"],
            "listings": made["listings"],
        }

    def hold(
        self,
        remote_id: Listing,
        quantity: Annotated[int, Field(description="How many tickets.")],
        global_id: GlobalId,
        sandbox: Sandbox = None,
    ) -> Body:
        """Hold tickets of a listing, as Ticket Evolution does at a checkout.

        Side effect: they are held until released, invoiced or expired. The same hold again changes nothing more.
        """
        return _call(self._client(sandbox).hold(remote_id, quantity, global_id))

    def release(self, global_id: GlobalId, sandbox: Sandbox = None) -> Body:
        """Release a hold, as Ticket Evolution does when there will be no order.

        Side effect: its tickets are for sale again, and its Global ID cannot be held again.
        """
        return _call(self._client(sandbox).release(global_id))

    def invoice(
        self,
        global_id: GlobalId,
        order_id: Annotated[str, Field(description="The order's id.")],
        sandbox: Sandbox = None,
    ) -> Body:
        """Invoice a hold, as Ticket Evolution does when there is an order.

        Side effect: the tickets are sold, for good. The same invoice again changes nothing more.
        """
        return _call(self._client(sandbox).invoice(global_id, order_id))

    def set_scenario(
        self,
        scenario: Annotated[
            str | dict[str, Any] | None,
            Field(description="A name such as lost-answers, a whole scenario, or null for none."),
        ],
        sandbox: Sandbox = None,
    ) -> Body:
        """Choose how the automator misbehaves: refusals, delays, lost answers.

        Side effect: later calls of this sandbox are answered by it, until another is chosen.
        """
        control = self._control(sandbox)
        if scenario is None:
            answer = control.send("DELETE", "/scenario")
        else:
            member = "name" if isinstance(scenario, str) else "scenario"
            answer = control.send("PUT", "/scenario", {member: scenario})
        return {"active": answer["active"], "warnings": answer["warnings"]}

    def advance_clock(
        self, duration: Annotated[str, Field(description="Such as 20m, 1.5h or 30s.")], sandbox: Sandbox = None
    ) -> Body:
        """Move a sandbox's clock ahead. Side effect: holds that are due by then expire; their Global IDs are told."""
        answer = self._control(sandbox).send("POST", "/clock", {"advance": duration})
        expired = [hold["global_id"] for hold in answer["expired"]]
        return {"now": answer["now"], "expired": expired[:_MOST], "more": max(0, len(expired) - _MOST)}

    def explain_call(
        self,
        request_id: Annotated[str | None, Field(description="As an answer names it; left out: the last call.")] = None,
        sandbox: Sandbox = None,
    ) -> Body:
        """Show one call: request, answer, what decided, state before and after, its curl. Changes nothing."""
        control = self._control(sandbox)
        if request_id is None:
            newest = control.get("/requests", {"limit": 1})["requests"]
            if not newest:
                raise ControlError("no call was recorded here yet")
            request_id = str(newest[0]["request_id"])
        call = control.get(f"/requests/{part(request_id)}")
        decision = call["decision"]
        return {
            "request_id": request_id,
            "operation": call["operation"],
            "sent": {"target": call["request"]["target"], "body": _body(call["request"])},
            "answered": {"status": call["response"]["status"], "body": _body(call["response"])},
            "decided_by": decision if decision["rule"] else "the state of the inventory, by the contract's rules",
            "replayed": call["replayed"],
            "committed": call["committed"],
            "answer_was": call["sent"],
            "before": call["before"],
            "after": call["after"],
            "curl": control.text(f"/requests/{part(request_id)}/curl").strip(),
        }

    def audit(self, sandbox: Sandbox = None) -> Body:
        """Say what the client left behind: orphaned or double holds, answers never followed up. Changes nothing."""
        report = self._control(sandbox).get("/audit")
        kept = ("kind", "global_id", "detail", "requests")
        return {
            "verdict": report["verdict"],
            "findings": [{name: finding[name] for name in kept} for finding in report["findings"][:_MOST]],
            "more": max(0, len(report["findings"]) - _MOST),
        }

    def coverage(self, sandbox: Sandbox = None) -> Body:
        """Say which documented answers the client has met, and which it never did. Changes nothing."""
        report = self._control(sandbox).get("/coverage")
        met: dict[str, list[str]] = {}
        never: dict[str, list[str]] = {}
        for operation in report["operations"]:
            for code in operation["codes"]:
                found = met if code["count"] else never
                found.setdefault(operation["operation"] or "any", []).append(code["code"])
        return {"percentage": report["percentage"], "met": met, "never_met": never}

    def _control(self, sandbox: str | None) -> ControlClient:
        return ControlClient(self._server.url, self._server.token, sandbox or None)

    def _client(self, sandbox: str | None) -> AutomatorClient:
        before = f"/s/{part(sandbox)}" if sandbox else ""
        return AutomatorClient(self._server.url + before, self._server.api_key, timeout=35.0)


def _listing(listing: Body) -> Body:
    kept = ("remote_id", "section", "row", "available", "wholesale_price")
    return {name: listing[name] for name in kept} | {"splits": listing["splits"][:_MOST]}


def _call(result: CallResult) -> Body:
    """Return what came of a call. ``outcome`` says what a correct client does next.

    Raises ControlError for what no automator says: that there is no such sandbox.
    """
    if result.code is not None and result.code.startswith("mock_"):
        raise ControlError(f"{result.detail} ({result.code})")
    return {
        "outcome": str(result.heard),
        "http_status": result.status,
        "code": result.code,
        "detail": result.detail,
        **{
            name: value if isinstance(value, (list, bool, int)) else str(value) for name, value in result.values.items()
        },
        **_wrong_fields(result),
        "request_id": result.request_id,
    }


def _wrong_fields(result: CallResult) -> Body:
    """Return what is wrong with which field, where the answer says so."""
    answered = result.response.json() if result.response else None
    wrong = answered.get("errors") if isinstance(answered, dict) else None
    return {"errors": wrong} if isinstance(wrong, dict) else {}


def _body(message: Body) -> object:
    body = message["body"]
    if body is None:
        return None
    return body["json"] if body.get("json") is not None else body.get("text")


def make_server(tools: Tools) -> MCPServer[Any]:
    """Return the server; ``tools`` does the work."""
    reading = (tools.world_status, tools.explain_call, tools.audit, tools.coverage)
    repeatable = (tools.hold, tools.release, tools.invoice, tools.set_scenario)
    offered = []
    for task in (*reading, *repeatable, tools.make_sandbox, tools.advance_clock):
        hints = ToolAnnotations(
            read_only_hint=task in reading,
            destructive_hint=task == tools.make_sandbox,
            idempotent_hint=task in reading or task in repeatable,
            open_world_hint=False,
        )
        tool = Tool.from_function(_told(task), description=cleandoc(task.__doc__ or ""), annotations=hints)
        offered.append(_strict(tool))
    return MCPServer("mockpos", instructions=INSTRUCTIONS, version=__version__, log_level="ERROR", tools=offered)


def _strict(tool: Tool) -> Tool:
    """Let a tool refuse an argument that it does not have: a misspelt sandbox would else mean the default one."""
    arguments = tool.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"
    arguments.model_rebuild(force=True)
    tool.parameters = arguments.model_json_schema(by_alias=True)
    return tool


def _told(task: Callable[..., Any]) -> Callable[..., Any]:
    """Return a task whose refusals are told to the agent as they are."""

    @wraps(task)
    def call(**given: Any) -> Any:
        try:
            return task(**given)
        except MockposError as error:
            raise ToolError(str(error)) from None

    return call
