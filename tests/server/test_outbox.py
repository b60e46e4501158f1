"""Answers leave together: in their order, each before anything else is done, and none lost with another one."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mockpos.server.outbox import Outbox
from mockpos.server.protocol import MockposProtocol
from tests.server.a_worker import Worker


class Caller:
    """A connection that notes what is done with it."""

    def __init__(self, name: str, notes: list[str], fails_at: str = "") -> None:
        self.name = name
        self.notes = notes
        self.fails_at = fails_at

    def send_answer(self) -> None:
        self._note("send")

    def answer_sent(self) -> None:
        self._note("sent")

    def give_up(self) -> None:
        self.notes.append(f"give up {self.name}")

    def _note(self, step: str) -> None:
        if self.fails_at == step:
            raise LookupError("a mistake of ours")
        self.notes.append(f"{step} {self.name}")


class Turn:
    """What an event loop was asked to call soon."""

    def __init__(self) -> None:
        self.asked: list[Callable[[], None]] = []

    def call_soon(self, call: Callable[[], None]) -> None:
        self.asked.append(call)

    def come_round(self) -> None:
        asked, self.asked = self.asked, []
        for call in asked:
            call()


def test_answers_wait_for_the_turns_end_and_leave_before_anything_else_is_done() -> None:
    turn, notes = Turn(), list[str]()
    outbox = Outbox()
    for name in "abc":
        outbox.put(Caller(name, notes), turn.call_soon)
    assert notes == []
    turn.come_round()
    assert notes == ["send a", "send b", "send c", "sent a", "sent b", "sent c"]
    outbox.put(Caller("d", notes), turn.call_soon)
    turn.come_round()
    assert notes[6:] == ["send d", "sent d"]


def test_no_more_than_sixteen_wait_for_each_other() -> None:
    turn, notes = Turn(), list[str]()
    outbox = Outbox()
    for number in range(35):
        outbox.put(Caller(str(number), notes), turn.call_soon)
        assert len(notes) == 2 * 16 * ((number + 1) // 16)
    turn.come_round()
    assert [note for note in notes if note.startswith("send ")] == [f"send {number}" for number in range(35)]
    assert len(notes) == 2 * 35


@pytest.mark.parametrize("step", ["send", "sent"])
def test_an_answer_that_cannot_be_sent_keeps_no_other_one(step: str) -> None:
    turn, notes = Turn(), list[str]()
    outbox = Outbox()
    for name in "abc":
        outbox.put(Caller(name, notes, fails_at=step if name == "b" else ""), turn.call_soon)
    turn.come_round()
    assert "give up b" in notes
    for name in "ac":
        assert f"send {name}" in notes
        assert f"sent {name}" in notes


class Wire(asyncio.Transport):
    """Notes what is written; breaks when it is told to."""

    def __init__(self) -> None:
        super().__init__({"sockname": ("127.0.0.1", 8000), "peername": ("127.0.0.1", 40000)})
        self.written = b""
        self.closed = ""
        self.is_broken = False

    def write(self, data: Any) -> None:
        if self.is_broken:
            raise LookupError("a mistake of ours")
        self.written += bytes(data)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def is_closing(self) -> bool:
        return bool(self.closed)

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def close(self) -> None:
        self.closed = self.closed or "closed"

    def abort(self) -> None:
        self.closed = "aborted"


class Served(Worker):
    """Connections of one worker, and what its application noted."""

    def __init__(self) -> None:
        super().__init__(self.app, looks_back=lambda path: path == "/back")
        self.notes: list[str] = []

    def app(self, environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"]
        self.notes.append(f"begin {path}")
        start("200 OK", [("Content-Length", str(len(path)))])
        return Body(path, self.notes)

    def connect(self) -> tuple[MockposProtocol, Wire]:
        protocol, wire = MockposProtocol(self), Wire()  # type: ignore[arg-type]  # what a protocol needs of a worker
        protocol.connection_made(wire)
        return protocol, wire


class Body:
    """A body that tells when the server is done with it."""

    def __init__(self, path: str, notes: list[str]) -> None:
        self.path = path
        self.notes = notes

    def __iter__(self) -> Any:
        return iter([self.path.encode()])

    def close(self) -> None:
        self.notes.append(f"end {self.path}")


def asked(path: str) -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode()


async def end(served: Served) -> None:
    for protocol in list(served.protocols):
        protocol.connection_lost(None)
    await asyncio.sleep(0.01)


def test_calls_of_one_turn_are_served_then_answered_then_ended() -> None:
    async def serve() -> None:
        served = Served()
        both = [served.connect() for _ in range(2)]
        await asyncio.sleep(0)
        for (protocol, wire), path in zip(both, ("/one", "/two"), strict=True):
            protocol.data_received(asked(path))
            assert wire.written == b""
        assert served.notes == ["begin /one", "begin /two"]
        await asyncio.sleep(0)
        assert served.notes[2:] == ["end /one", "end /two"]
        assert [wire.written[-4:] for _, wire in both] == [b"/one", b"/two"]
        both[0][0].data_received(asked("/again"))
        await asyncio.sleep(0)
        assert both[0][1].written.endswith(b"/again")
        await end(served)

    asyncio.run(serve())


def test_a_client_that_leaves_before_its_answer_is_noted_and_forgotten() -> None:
    async def serve() -> None:
        served = Served()
        (protocol, _), (other, wire) = served.connect(), served.connect()
        await asyncio.sleep(0)
        protocol.data_received(asked("/left"))
        other.data_received(asked("/stays"))
        protocol.connection_lost(ConnectionResetError())
        await asyncio.sleep(0)
        assert served.notes == ["begin /left", "begin /stays", "end /left", "end /stays"]
        assert wire.written.endswith(b"/stays")
        assert served.protocols == {other}
        await end(served)

    asyncio.run(serve())


def test_a_call_about_others_begins_when_those_before_it_are_answered_and_over() -> None:
    async def serve() -> None:
        served = Served()
        (first, wire), (second, _) = served.connect(), served.connect()
        await asyncio.sleep(0)
        first.data_received(asked("/one"))
        second.data_received(asked("/back"))
        assert served.notes == ["begin /one", "end /one", "begin /back"]
        assert wire.written.endswith(b"/one")
        await end(served)

    asyncio.run(serve())


def test_a_client_that_closes_its_side_before_its_answer_gets_it_and_is_closed() -> None:
    async def serve() -> None:
        served = Served()
        protocol, wire = served.connect()
        await asyncio.sleep(0)
        protocol.data_received(asked("/last"))
        assert protocol.eof_received(), "asyncio keeps the connection open"
        await asyncio.sleep(0)
        assert wire.written.endswith(b"/last")
        assert wire.closed == "closed"
        await end(served)

    asyncio.run(serve())


def test_a_connection_that_cannot_be_written_to_is_ended_alone() -> None:
    async def serve() -> None:
        served = Served()
        (broken, broken_wire), (other, wire) = served.connect(), served.connect()
        await asyncio.sleep(0)
        broken_wire.is_broken = True
        broken.data_received(asked("/broken"))
        broken.data_received(asked("/never-begun"))
        other.data_received(asked("/whole"))
        await asyncio.sleep(0)
        assert broken_wire.closed == "aborted"
        assert "end /broken" in served.notes, "its call is over all the same"
        assert "begin /never-begun" not in served.notes
        assert wire.written.endswith(b"/whole")
        await end(served)

    asyncio.run(serve())
