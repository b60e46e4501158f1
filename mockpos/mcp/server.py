"""The tools of an agent as a server of the Model Context Protocol."""

from collections.abc import Callable
from functools import wraps
from inspect import cleandoc
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import ToolAnnotations

from mockpos import __version__
from mockpos.domain.errors import MockposError
from mockpos.mcp.tools import Tools

INSTRUCTIONS = (
    "mockpos plays a ticket broker's automator for Ticket Evolution order integration: hold, release and invoice over "
    "invented listings. Nothing here is real or costs anything. Begin with world_status: it has the URL and the API "
    "key for code under test. Make a sandbox for what must not disturb others. URL/llms.txt leads to the documentation."
)


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
