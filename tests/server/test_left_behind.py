"""What a connection leaves behind: nothing that only the garbage collector could free."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockpos.server.protocol import MockposProtocol
from mockpos.server.waiting import pause
from tests.server.a_worker import Worker

GET = b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n"


def app(environ: dict[str, Any], start: Any) -> list[bytes]:
    if environ["PATH_INFO"] == "/wait":
        pause(0.02)
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def left_by(talk: Callable[..., Any]) -> int:
    """Let a client talk to a server and hang up; return how many of its ends are still there a moment later."""
    worker: Any = Worker(app)
    made: list[weakref.ref[Any]] = []

    class Noted(MockposProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.extend((weakref.ref(self), weakref.ref(transport)))
            super().connection_made(transport)

    server = await asyncio.get_running_loop().create_server(lambda: Noted(worker), "127.0.0.1", 0)
    async with server:
        for _ in range(3):
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            await talk(reader, writer)
            writer.close()
        await asyncio.sleep(1.2)  # gunicorn keeps a timer for a second
    assert len(made) == 2 * 3
    return sum(each() is not None for each in made)


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    pass


async def ask_twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(2):
        writer.write(GET % b"")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


async def ask_and_wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(GET % b"wait")
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


async def leave_while_the_call_waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(GET % b"wait")
    await asyncio.sleep(0.01)
    writer.transport.abort()


async def ask_in_parts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET / HT")
    await asyncio.sleep(0.01)
    writer.write(b"TP/1.1\r\nHost: a\r\n\r\n")
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


async def talk_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"what?\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 400")


async def ask_one_after_the_other_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(GET % b"" + GET % b"wait" + GET % b"")
    for _ in range(3):
        await reader.readuntil(b"ok")


@pytest.mark.parametrize(
    "talk",
    [
        say_nothing, ask_twice, ask_and_wait, leave_while_the_call_waits, ask_in_parts, talk_nonsense,
        ask_one_after_the_other_at_once,
    ],
)  # fmt: skip
def test_a_connection_is_forgotten_when_it_is_over(talk: Callable[..., Any]) -> None:
    assert asyncio.run(left_by(talk)) == 0
