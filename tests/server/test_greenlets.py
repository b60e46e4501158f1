"""Waiting holds nobody back, streams end when nobody reads them, and faults are real."""

import concurrent.futures
import socket
import time
from pathlib import Path

import pytest

from mockpos.server.greenlets import await_, can_wait, offload, pause

GET = b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n"


def test_two_hundred_calls_wait_side_by_side(server):
    clients = [server.connect() for _ in range(200)]
    for client in clients:
        client.send(GET % b"/wait?0.2")
    most = max(int(client.reply().body) for client in clients)
    assert most > 100  # one after another it would be 1
    for client in clients:
        client.socket.close()


def test_a_call_beside_waiting_ones_is_answered_at_once(server):
    server.printed()
    with server.connect() as slow:
        slow.send(GET % b"/wait?0.3")
        server.wait_for("waiting")
        assert server.ask(GET % b"/").status == 200
        assert "done gone=False" not in server.printed()
        assert slow.reply().status == 200


def test_a_client_that_leaves_does_not_cut_the_app(server):
    server.printed()
    client = server.connect()
    client.send(GET % b"/wait?1.3")  # longer than gunicorn's grace for calls without a client
    server.wait_for("waiting")
    client.socket.close()
    assert server.wait_for("done") == "done gone=True"


def test_work_in_a_thread_gives_its_result_and_its_errors(server):
    assert server.ask(GET % b"/offload").body == b"42 from the thread"


def test_outside_the_server_waiting_simply_blocks():
    before = time.monotonic()
    pause(0.02)
    assert time.monotonic() - before >= 0.02
    assert offload(lambda: 7) == 7
    assert not can_wait()


def test_awaiting_outside_the_server_is_an_error():
    async def nothing() -> None:
        pass

    with pytest.raises(RuntimeError, match="pause or offload"):
        await_(nothing())


def test_a_stream_is_sent_piece_by_piece_and_closed(server):
    server.printed()
    with server.connect() as client:
        client.send(GET % b"/stream?3,0.05")
        client.until(b"\r\n\r\n")
        assert client.until(b"data: 1\n\n")
        assert "stream ended" not in server.printed()
        assert client.until(b"0\r\n\r\n").count(b"data: ") == 2
        server.wait_for("stream closed")
        client.send(GET % b"/")
        assert client.reply().status == 200


@pytest.mark.parametrize("pace", [b"0", b"60"])
def test_a_stream_ends_when_its_client_leaves(server, pace):
    with server.connect() as client:
        client.send(GET % (b"/stream?-1," + pace))
        client.until(b"data: 1\n\n")
    server.wait_for("stream closed", seconds=5)


@pytest.mark.parametrize("size", [128 * 1024, 128 * 1024 + 1, 5_000_000])
def test_an_answer_in_one_piece_arrives_whole_however_large(server, size):
    with server.connect() as client:
        client.send(GET % (b"/whole?%d" % size))
        assert client.reply().body == b"w" * size
        client.send(b"HEAD /whole?%d HTTP/1.1\r\nHost: a\r\n\r\n" % size)
        head = client.reply(head_only=True)
        assert (head.status, head.headers["content-length"]) == (200, str(size))
        client.send(GET % b"/")  # and the connection is as good as before
        assert client.reply().status == 200


def test_others_are_answered_while_nobody_reads_a_large_answer(server):
    with server.connect() as unread, server.connect() as other:
        unread.send(GET % b"/whole?50000000")
        other.send(GET % b"/")
        assert other.reply().status == 200
        assert len(unread.reply().body) == 50_000_000


def test_a_large_answer_with_a_length_arrives_whole(server):
    reply = server.ask(GET % b"/large?3000001")
    assert (len(reply.body), reply.body[-1:]) == (3000001, b"b")
    assert "transfer-encoding" not in reply.headers


def test_a_reset_is_seen_as_one(server):
    with server.connect() as client:
        client.send(GET % b"/fault?reset")
        with pytest.raises(ConnectionResetError):
            client.rest()


def test_silence_is_an_empty_reply(server):
    with server.connect() as client:
        client.send(GET % b"/fault?empty")
        assert client.rest() == b""


def test_raw_bytes_are_all_that_is_sent(server):
    with server.connect() as client:
        client.send(GET % b"/fault?raw")
        assert client.rest() == b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"


def test_a_hanging_call_ends_when_the_client_leaves(server):
    with server.connect() as client:
        client.send(GET % b"/fault?hang")
        server.wait_for("hanging")
    assert server.wait_for("hung", seconds=5) == "hung gone=True"


def test_many_clients_at_once_are_all_answered(server):
    def many(_: int) -> int:
        with server.connect() as client:
            for _ in range(50):
                client.send(GET % b"/")
                assert client.reply().status == 200
        return 50

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(many, range(32))) == 1600


def test_flask_views_that_wait_keep_their_own_request(server):
    clients = [server.connect() for _ in range(20)]
    for number, client in enumerate(clients):
        client.send(GET % b"/flask/wait/%d?n=%d" % (number, number))
    for number, client in enumerate(clients):
        path = f"/flask/wait/{number}"
        assert client.reply().body.decode() == f"{path} {path} {number} {number}"
        client.socket.close()


def test_flask_streams_work(server):
    assert server.ask(GET % b"/flask/stream").body == b"012"
    assert server.ask(GET % b"/flask/wait/1").headers["content-type"].startswith("text/html")  # Flask's own 400


def test_no_connection_is_left_open_however_its_client_left(server):
    files = Path(f"/proc/{server.process.pid}/fd")
    before = len(list(files.iterdir()))
    for request in (GET % b"/wait?0.02", GET % b"/stream?-1,60", b"nonsense\r\n\r\n", b"GET /", GET % b"/fault?hang"):
        for half in (True, False):
            with server.connect() as client:
                client.send(request)
                if half:
                    client.socket.shutdown(socket.SHUT_WR)
    deadline = time.monotonic() + 5
    while len(list(files.iterdir())) > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(list(files.iterdir())) <= before
