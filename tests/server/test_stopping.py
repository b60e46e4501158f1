"""Stopping finishes what runs, waits for nobody who does nothing, and always ends with on_stop."""

import signal
import socket
import time

import pytest

from mockpos.domain.errors import BadInput
from mockpos.server.run import bind

GET = b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_running_call_is_finished(start, number):
    server = start()
    with server.connect() as client:
        client.send(GET % b"/wait?1.5")  # long enough for the signal to come first on a machine that stalls
        server.wait_for("waiting")
        server.process.send_signal(number)
        reply = client.reply()
        assert (reply.status, reply.headers["connection"]) == (200, "close")
        assert client.rest() == b""
    assert server.end() == 0
    assert server.printed()[-1] == "on_stop"
    assert server.errors == []


def test_a_call_whose_client_left_is_finished_too(start):
    server = start()
    with server.connect() as client:
        client.send(GET % b"/wait?0.5")
        server.wait_for("waiting")
    server.process.terminate()
    assert server.end() == 0
    assert server.printed() == ["done gone=True", "on_stop"]


def test_idle_connections_streams_and_hanging_calls_do_not_delay_it(start):
    server = start()
    clients = [server.connect() for _ in range(5)]
    idle, _silent, stream, hanging, half = clients
    idle.send(GET % b"/")
    idle.reply()
    stream.send(GET % b"/stream?-1,60")
    stream.until(b"data: 1\n\n")
    hanging.send(GET % b"/fault?hang")
    server.wait_for("hanging")
    half.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")
    before = time.monotonic()
    server.process.terminate()
    assert stream.rest().endswith(b"0\r\n\r\n")
    assert idle.rest() == b""
    assert server.end() == 0
    assert time.monotonic() - before < 4
    printed = server.printed()
    assert "stream closed" in printed
    assert "hung gone=False" in printed
    assert printed[-1] == "on_stop"
    for client in clients:
        client.socket.close()


def test_no_new_connection_is_accepted_meanwhile(start):
    server = start()
    with server.connect() as client:
        client.send(GET % b"/wait?0.5")
        server.wait_for("waiting")
        server.process.terminate()
        wait_until_refused(server)
        assert client.reply().status == 200
    assert server.end() == 0


@pytest.mark.parametrize("how", ["grace", "again"])
def test_a_call_that_does_not_end_is_cut_after_the_grace_or_when_asked_again(start, how):
    server = start(grace_s=0.3 if how == "grace" else 30)
    with server.connect() as client:
        client.send(GET % b"/wait?60")
        server.wait_for("waiting")
        server.process.send_signal(signal.SIGINT)
        if how == "again":
            wait_until_refused(server)
            server.process.send_signal(signal.SIGINT)
        assert server.end() == 1
    assert server.printed() == ["on_stop"]
    assert server.errors == ["mockpos WARNING: stopping with 1 call unfinished"]


def test_sigquit_cuts_what_runs_and_ends_at_once(start):
    server = start(grace_s=30)
    with server.connect() as client:
        client.send(GET % b"/wait?60")
        server.wait_for("waiting")
        before = time.monotonic()
        server.process.send_signal(signal.SIGQUIT)
        assert server.end() == 1
        assert time.monotonic() - before < 5
        assert client.rest() == b""
    assert server.printed() == ["on_stop"]


def test_signals_of_ones_own_and_a_terminal_of_another_size_do_nothing(start):
    server = start()
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH):
        server.process.send_signal(number)
    with server.connect() as client:
        client.send(GET % b"/")
        assert client.reply().status == 200
    server.process.terminate()
    assert server.end() == 0
    assert server.errors == []


def test_background_jobs_end_before_on_stop(start):
    server = start(background=True)
    server.process.terminate()
    assert server.end() == 0
    assert server.printed() == ["background ended", "on_stop"]


@pytest.mark.parametrize(("fail", "said"), [("on_ready", "not ready"), ("on_stop", "not stopped")])
def test_a_failing_start_or_end_is_told_to_the_caller(start, fail, said):
    server = start(fail=fail)
    if fail == "on_stop":
        server.process.terminate()
    assert server.end() == 2
    assert server.printed() == ["on_stop", said]


def wait_until_refused(server) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            server.connect().socket.close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:  # it was waiting to be accepted when the door closed
            continue
    pytest.fail("connections are still accepted")


def test_a_taken_port_is_named_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BadInput, match=f"port {port} .* taken .*--port 0"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("no.such.host.invalid", 0, "no address"),
        ("a" * 300, 0, "no address"),
        ("", 0, "empty"),
        ("203.0.113.9", 0, "not an address of this machine"),
        ("127.0.0.1", 65536, "no such port"),
        ("127.0.0.1", -1, "no such port"),
    ],
)
def test_a_wrong_host_or_port_is_explained(host, port, said):
    with pytest.raises(BadInput, match=said):
        bind(host, port)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::1", "[::1]"])
def test_hosts_that_can_be_bound(host):
    if ":" in host:
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("this machine has no IPv6")
    sockets = bind(host, 0)
    assert {sock.getsockname()[1] for sock in sockets} == {sockets[0].getsockname()[1]}
    assert sockets[0].getsockname()[1] > 0
    for sock in sockets:
        sock.close()


def test_small_answers_to_pipelined_calls_leave_at_once():
    """Without it each waits until the client's system has told of the one before: up to 40 ms."""
    listeners = bind("127.0.0.1", 0)
    assert all(listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for listener in listeners)
    for listener in listeners:
        listener.close()
