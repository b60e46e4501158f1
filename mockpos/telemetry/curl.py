"""Writes a recorded call as a curl command for a POSIX shell that makes the same call again.

Keys were redacted when the call was recorded: their place is a variable that the shell fills in. The command is safe
to paste, whatever the caller had sent: nothing in it expands but those variables, and no header names a file.
"""

import re
import shlex

from mockpos.telemetry.call_record import REDACTED, CallRecord

_LITERAL = frozenset(range(0x20, 0x7F)) - frozenset(b"'%\\!")
_LONGEST_WORD = 60_000
"""Linux refuses a longer argument than 128 KiB. What is longer goes through a pipe."""


def word(text: str) -> str:
    """Return a shell word for text of the wire, where a character is a byte as in Latin-1."""
    if text.isascii() and text.isprintable():
        return shlex.quote(text)
    return f'"$({printf(_wire_bytes(text))})"'


def readable(body: bytes) -> str | None:
    """Return a body as a word of its own text, or None when it is no short text of printable characters."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    shows = text.replace("\n", "").replace("\t", "").isprintable()
    return shlex.quote(text) if shows and len(body) <= _LONGEST_WORD else None


def printf(raw: bytes) -> str:
    """Return the command that prints the bytes, octal for all but plain ASCII. A shell's own printf has no limit."""
    shown = "".join(chr(byte) if byte in _LITERAL else f"\\{byte:03o}" for byte in raw)
    if shown.startswith("-"):  # it would be taken for an option
        shown = "\\055" + shown[1:]
    return f"printf '{shown}'"


def _wire_bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:  # it did not come from the wire like this
        return text.encode("utf-8", "backslashreplace")


KEY_VARIABLE = "MOCKPOS_KEY"

_VARIABLES = {"x-mockpos-token": "MOCKPOS_TOKEN", "cookie": "MOCKPOS_COOKIE"}
_CONNECTION = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
        "host",
        "content-length",
    ]
)
"""Headers of one connection or of its address: curl makes its own."""

_CURLS_OWN = ("User-Agent", "Accept")
_REDACTED = re.compile(r"([A-Za-z0-9-]+ )?" + re.escape(REDACTED))
_EXPANDS_NOT = re.compile(r"[A-Za-z0-9_-]+")  # a token may hold $ and `, which double quotes do not tame
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PLAIN_TARGET = re.compile(r"/(?!/)[A-Za-z0-9._~:/?@!$&'()*+,;=%-]*")


def curl_of(call: CallRecord, base_url: str, key: str = "") -> str:
    """Return the command. ``base_url`` is the scheme and address to call, without a path.

    ``key`` is what the command sends as the API key where the shell's variable is not set.
    """
    if not call.target or _TOKEN.fullmatch(call.method) is None:
        return f"# The request {call.request_id} was not HTTP, so curl cannot repeat it."
    method = "--head" if call.method == "HEAD" and not call.body else f"-X {word(call.method)}"
    lines = [f"curl -i {method} {_url(call.target, base_url.rstrip('/'))}", *_headers(call, key)]
    if not call.body:
        return _joined(lines)
    text = readable(call.body)
    if text is not None:
        return _joined([*lines, f"--data-raw {text}"])
    return f"{printf(call.body)} |\n  " + _joined([*lines, "--data-binary @-"])


def _joined(lines: list[str]) -> str:
    return " \\\n  ".join(lines)


def _url(target: str, base_url: str) -> str:
    """Write the address. curl tidies dots, brackets and the like in a URL, but sends a request target as it is."""
    if _PLAIN_TARGET.fullmatch(target) and "/." not in target:
        return word(base_url + target)
    return f"{word(base_url + '/')} --request-target {word(target)}"


def _headers(call: CallRecord, key: str) -> list[str]:
    named = _named_by_connection(call)
    kept = [(name, value) for name, value in call.headers if name.lower() not in named and _TOKEN.fullmatch(name)]
    lines = [f"-H {_header(name, value.strip(), key)}" for name, value in kept]
    return lines + [f"-H '{name}:'" for name in _left_out(call, {name.lower() for name, _ in kept})]


def _named_by_connection(call: CallRecord) -> set[str]:
    """List the headers to leave out: the usual ones, and those that Connection names as its own."""
    listed = ",".join(value for name, value in call.headers if name.lower() == "connection")
    return {*_CONNECTION, *(name.strip().lower() for name in listed.split(","))}


def _left_out(call: CallRecord, sent: set[str]) -> list[str]:
    """List the headers that curl would add by itself, though the call had none."""
    own = [*_CURLS_OWN, *(("Content-Type", "Expect") if call.body else ())]
    return [name for name in own if name.lower() not in sent]


def _header(name: str, value: str, key: str) -> str:
    if not value:
        return word(f"{name};")  # curl's way to send a header that is empty
    redacted = _REDACTED.fullmatch(value)
    if redacted and _EXPANDS_NOT.fullmatch(name):
        variable = _VARIABLES.get(name.lower(), KEY_VARIABLE)
        has_default = variable == KEY_VARIABLE and _EXPANDS_NOT.fullmatch(key)
        expansion = f"{{{variable}:-{key}}}" if has_default else variable
        return f'"{name}: {redacted[1] or ""}${expansion}"'
    return word(f"{name}: {value}")
