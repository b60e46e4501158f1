"""``mockpos mcp`` through a real client of the Model Context Protocol, over the standard streams of a real process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from mockpos.testing import Server, serve


@pytest.fixture(scope="module")
def server():
    with serve() as running:
        yield running


def talk(words: list[str], conversation: Callable[[Client], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "mockpos", "mcp", *words], env=dict(os.environ)
        )
        async with Client(stdio_client(command)) as client:
            await conversation(client)

    anyio.run(run)


async def call(client: Client, tool: str, /, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    text = result.content[0].text
    assert len(text) < 4_000
    return json.loads(text)


async def refused(client: Client, tool: str, /, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return result.content[0].text


def test_an_agent_buys_breaks_and_explains_things_in_a_sandbox_of_its_own(server: Server) -> None:
    async def conversation(client: Client) -> None:
        made = await call(client, "make_sandbox", name="agent", fixture="tiny", seed=7)
        assert made["url"] == f"{server.url}/s/agent"
        status = await call(client, "world_status", sandbox="agent")
        assert status["url"] == made["url"]
        listing = status["some_for_sale"][0]
        held = await call(client, "hold", remote_id="TG-1042", quantity=2, global_id="g-1", sandbox="agent")
        assert (held["outcome"], held["http_status"], held["code"], held["seats"]) == (
            "success", 200, "held", ["5", "6"],
        )  # fmt: skip
        sold = await call(client, "invoice", global_id="g-1", order_id="o-1", sandbox="agent")
        assert (sold["outcome"], sold["code"]) == ("success", "invoiced")
        late = await call(client, "release", global_id="g-1", sandbox="agent")
        assert (late["outcome"], late["code"]) == ("refused", "hold_already_invoiced")

        assert (await call(client, "set_scenario", scenario="lost-answers", sandbox="agent"))[
            "active"
        ] == "lost-answers"
        assert (await call(client, "set_scenario", scenario=None, sandbox="agent"))["active"] is None
        rule = {"id": "lost", "on": "hold", "fault": "reset", "phase": "after_commit"}
        await call(client, "set_scenario", scenario={"name": "bad-day", "rules": [rule]}, sandbox="agent")
        lost = await call(client, "hold", remote_id="TG-1042", quantity=2, global_id="g-2", sandbox="agent")
        assert (lost["outcome"], lost["http_status"]) == ("unknown", None)
        explained = await call(client, "explain_call", sandbox="agent")
        assert explained["answer_was"] == "cut"
        assert explained["committed"] is True
        assert explained["decided_by"]["rule"] == "lost"
        assert explained["curl"].startswith("curl ")
        audit = await call(client, "audit", sandbox="agent")
        assert [finding["kind"] for finding in audit["findings"]] == [
            "orphaned_hold", "unacknowledged_commit",
        ]  # fmt: skip
        assert (await call(client, "advance_clock", duration="20m", sandbox="agent"))["expired"] == ["g-2"]
        coverage = await call(client, "coverage", sandbox="agent")
        assert coverage["met"]["invoice"] == ["invoiced"]
        assert "listing_sold_out" in coverage["never_met"]["hold"]
        assert listing["available"] > 0
        assert (await call(client, "world_status"))["calls"] == 0

    talk(["--url", server.url], conversation)


def test_of_many_findings_some_are_told_and_the_others_counted(server: Server) -> None:
    async def conversation(client: Client) -> None:
        await call(client, "make_sandbox", name="many")
        held = 0
        for listing in (await call(client, "world_status", sandbox="many"))["some_for_sale"]:
            for _ in range(listing["available"] if 1 in listing["splits"] and held < 12 else 0):
                hold = {"remote_id": listing["remote_id"], "quantity": 1, "global_id": f"m-{held}"}
                held += (await call(client, "hold", **hold, sandbox="many"))["outcome"] == "success"
        assert held > 10
        audit = await call(client, "audit", sandbox="many")
        assert (len(audit["findings"]), audit["more"]) == (10, held - 10)

    talk(["--url", server.url], conversation)


def test_there_are_at_most_ten_tools_and_each_says_what_it_changes(server: Server) -> None:
    async def conversation(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert len(tools) == 10
        for tool in tools:
            assert tool.annotations.read_only_hint == ("Changes nothing." in tool.description)
            assert tool.annotations.read_only_hint or "Side effect: " in tool.description
            assert all("description" in field for field in tool.input_schema["properties"].values())

    talk(["--url", server.url], conversation)


def test_what_is_refused_is_told_as_it_is(server: Server) -> None:
    async def conversation(client: Client) -> None:
        assert "no scenario called 'lost-anwsers'" in await refused(client, "set_scenario", scenario="lost-anwsers")
        assert "There is no sandbox called 'none'" in await refused(client, "audit", sandbox="none")
        assert "no call was recorded here yet" in await refused(client, "explain_call")
        assert "advance" in await refused(client, "advance_clock", duration="soon")
        assert "remote_id" in await refused(client, "hold", quantity=2, global_id="g-1")
        assert "1 to 64 letters" in await refused(client, "make_sandbox", name="-none")
        assert "fixture: there is no world called 'none'" in await refused(
            client, "make_sandbox", name="a", fixture="none"
        )
        order = {"remote_id": "TG-1042", "quantity": 2, "global_id": "g-1"}
        assert "no sandbox called 'none'. (mock_unknown_sandbox)" in await refused(
            client, "hold", **order, sandbox="none"
        )
        assert "sandox" in await refused(client, "hold", **order, sandox="none")
        wrong = await call(client, "hold", **order | {"quantity": -1, "remote_id": "x" * 5_000})
        assert (wrong["outcome"], wrong["code"]) == ("refused", "validation_failed")
        assert wrong["errors"]["quantity"] == ["Must be a whole number from 1 to 1000."]
        assert list(wrong["errors"]) == ["remote_id", "quantity"]

    talk(["--url", server.url], conversation)


def test_without_a_server_it_starts_one_that_ends_with_it(tmp_path: Path) -> None:
    told: list[str] = []

    async def conversation(client: Client) -> None:
        status = await call(client, "world_status")
        told.append(status["url"])
        assert (await call(client, "hold", remote_id="TG-1042", quantity=1, global_id="g-1"))["code"] == "held"

    talk([], conversation)
    ended = subprocess.run([sys.executable, "-m", "mockpos", "ready", "--url", told[0]], capture_output=True)
    assert ended.returncode == 1


def test_a_server_that_is_not_there_is_named() -> None:
    command = [sys.executable, "-m", "mockpos", "mcp", "--url", "http://127.0.0.1:1"]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: http://127.0.0.1:1 does not answer (")


def test_without_the_extra_the_way_out_is_told() -> None:
    program = (
        "import sys; sys.modules['mcp'] = None\n"
        "from mockpos.cli import main; main(['mcp'])"
    )  # fmt: skip
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 2
    assert "pip install 'mockpos[mcp]'" in ended.stderr
