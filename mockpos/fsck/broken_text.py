"""Where a file that is no JSON as a whole is broken: in our layout a document is a line, so each can be read alone."""

import re
from collections.abc import Iterator

from msgspec import MsgspecError
from msgspec.json import decode

from mockpos.fsck.report import Finding

_MOST = 100
_SHOWN = 60
_TABLE = re.compile(rb'\{?"([a-z_]+)": ?\{(?:\}\}?,?)?')
_ENDS = (b"", b"}", b"},", b"}}")


def broken_lines(data: bytes, file: str) -> Iterator[Finding]:
    """Find the lines that cannot be read, up to a hundred. Finds none in a file that is laid out in another way."""
    lines = data.split(b"\n")
    if not _TABLE.fullmatch(lines[0].strip()):
        return
    offset, found, table = 0, 0, None
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        opening = _TABLE.fullmatch(text)
        if opening:
            table = opening[1].decode("ascii")
        elif text not in _ENDS and not _is_document(text):
            yield Finding(
                kind="broken_line", file=file, line=number, offset=offset, table=table,
                what=f"no document can be read from {_shown(text)}",
                meaning="What it stands for is unknown, so the whole file is refused.",
                way_out="Correct the line by hand, or restore the file and its logs from one backup.",
                refuses_start=True,
            )  # fmt: skip
            found += 1
            if found == _MOST:
                return
        offset += len(line) + 1


def _is_document(text: bytes) -> bool:
    try:
        decode(b"{" + text.removesuffix(b",") + b"}")
    except (MsgspecError, UnicodeDecodeError):
        return False
    return True


def _shown(text: bytes) -> str:
    start = text[:_SHOWN].decode("utf-8", "replace")
    return start + ("..." if len(text) > _SHOWN else "")
