"""The WSGI environ of a request that came over ASGI (PEP 3333), made as fast as Python allows.

Every call passes here, so names of headers are converted once and remembered. It must not read the body,
nor know what the app does.
"""

import sys
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

Headers = Iterable[tuple[bytes, bytes]]

# What every request shares. Calls take turns on one thread but overlap where they wait: hence multithread.
_FIXED: dict[str, Any] = {
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}
_FRAMING = ""  # the body was unframed here: its length is stated anew, and its coding is gone
_KEYS: dict[bytes, str] = {
    b"content-type": "CONTENT_TYPE",
    b"content-length": _FRAMING,
    b"transfer-encoding": _FRAMING,
}
_KEYS_KEPT = 1024  # a client may invent names: what is remembered of them must end somewhere


def build_environ(scope: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """Return a complete environ for an ASGI ``http`` scope whose body is ``body``."""
    environ = _FIXED.copy()
    raw_path, query = scope["raw_path"], scope["query_string"].decode("latin-1")
    target = raw_path.decode("latin-1")
    environ["REQUEST_METHOD"] = scope["method"]
    environ["QUERY_STRING"] = query
    environ["RAW_URI"] = environ["REQUEST_URI"] = f"{target}?{query}" if query else target
    environ["SERVER_PROTOCOL"] = "HTTP/" + scope["http_version"]
    environ["SCRIPT_NAME"] = scope["root_path"]
    environ["wsgi.url_scheme"] = scope["scheme"]
    environ["wsgi.input"] = BytesIO(body)
    environ["mockpos.body"] = body
    environ["mockpos.headers"] = scope["headers"]
    environ["wsgi.errors"] = sys.stderr
    _add_addresses(environ, scope)
    _add_headers(environ, scope["headers"], len(body))
    authority = None
    if raw_path[:1] != b"/" and b"://" in raw_path:
        raw_path, authority = _split_absolute(raw_path)
    environ["PATH_INFO"] = (unquote_to_bytes(raw_path) if b"%" in raw_path else raw_path).decode("latin-1")
    if authority is not None:
        environ["HTTP_HOST"] = authority
    return environ


def declared_length(headers: Headers) -> int | None:
    """Return what Content-Length says, which the parser has checked to be digits, or None."""
    for name, value in headers:
        if name == b"content-length":
            return int(value)
    return None


def _add_addresses(environ: dict[str, Any], scope: Mapping[str, Any]) -> None:
    """Say who calls and who is called. A Unix socket has neither: then as if it were this machine."""
    server = scope["server"]
    host, port = server[:2] if server else ("localhost", 80)  # IPv6 has more to say
    environ["SERVER_NAME"] = host
    environ["SERVER_PORT"] = str(port)
    client = scope["client"]
    if client:
        environ["REMOTE_ADDR"] = client[0]
        environ["REMOTE_PORT"] = str(client[1])
    else:
        environ["REMOTE_ADDR"] = ""


def _add_headers(environ: dict[str, Any], headers: Headers, length: int) -> None:
    """Add each header; a repeated one joins its values, as a proxy would. States the body's real length."""
    framed = length > 0
    for name, value in headers:
        key = _KEYS.get(name)
        if key is None:
            key = _key(name)
        if not key:
            framed = True
        elif key in environ:
            separator = "; " if key == "HTTP_COOKIE" else ","
            environ[key] = environ[key] + separator + value.decode("latin-1")
        else:
            environ[key] = value.decode("latin-1")
    if framed:
        environ["CONTENT_LENGTH"] = str(length)


def _key(name: bytes) -> str:
    """Return the environ's name of a header, and remember it while there is room."""
    key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
    if len(_KEYS) < _KEYS_KEPT:
        _KEYS[name] = key
    return key


def _split_absolute(target: bytes) -> tuple[bytes, str]:
    """Split ``http://host/path``, which a client of a proxy may send, into path and host (RFC 9112, 3.2.2)."""
    authority, slash, path = target.partition(b"://")[2].partition(b"/")
    return slash + path or b"/", authority.decode("latin-1")
