"""Clients that send without reading, or ask for more than they read: others go on, memory has a bound, a stop ends."""

import socket
import threading
import time
from contextlib import suppress

import pytest

GET = b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n"
MB = 1024 * 1024
TCP_CLOSE = 7


def test_thousands_of_pipelined_requests_are_all_answered_in_order_from_many_connections_at_once(server):
    """More than are answered in one turn of the server, from each of more than it answers together."""
    wanted = [f"/{number}" for number in range(2_000)]
    clients = [server.connect() for _ in range(24)]
    data = b"".join(GET % path.encode() for path in wanted)
    senders = [threading.Thread(target=client.send, args=(data,)) for client in clients]
    for sender in senders:
        sender.start()
    for client in clients:
        with client:
            assert [client.reply().json["PATH_INFO"] for _ in wanted] == wanted
    for sender in senders:
        sender.join()
    server.printed()
    assert not any("Error" in line for line in server.errors)


def unread(server, data):
    """Send as much as the server takes within a moment, and read nothing."""
    client = server.connect()
    client.socket.settimeout(0.3)
    with suppress(TimeoutError):
        client.socket.sendall(data)
    return client


@pytest.mark.parametrize(
    "data", [GET % b"/" * 50_000, GET % b"/large?20000000", GET % b"/stream?-1,0"], ids=["many", "large", "stream"]
)
def test_others_are_served_beside_clients_that_never_read_and_a_stop_leaves_them(start, data):
    server = start()
    clients = [unread(server, data) for _ in range(4)]
    assert server.ask(GET % b"/").status == 200
    before = time.monotonic()
    server.process.terminate()
    assert server.end() == 0
    assert time.monotonic() - before < 5, "it took half a minute to give such clients up"
    assert not any("Traceback" in line for line in server.errors)
    for client in clients:
        client.socket.close()


def test_of_clients_that_read_nothing_the_largest_are_ended_when_too_much_waits(start):
    server = start()
    clients = [server.connect() for _ in range(4)]
    for client in clients:
        client.send(GET % b"/large?%d" % (30 * MB))
    deadline = time.monotonic() + 20
    while sum(_was_ended(client.socket) for client in clients) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(server.ask(GET % b"/large?%d" % (30 * MB)).body) == 30 * MB, "who reads gets all of it"
    for client in clients:
        client.socket.close()


def _was_ended(sock: socket.socket) -> bool:
    """Tell whether a connection was reset, without reading from it."""
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == TCP_CLOSE
