"""What a server under strace wrote, confirmed on the disk, and sent, in this order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

UNDER_STRACE = (
    "-c",
    "import os, sys; os.execvp('strace', ['strace', '-D', '-f', '-yy', '-s', '24', '-o', 'strace.txt', '-e', "
    "'trace=write,writev,pwrite64,sendto,sendmsg,fsync,fdatasync,rename,renameat,renameat2', "
    "sys.executable, '-m', 'mockpos', *sys.argv[1:]])",
)
"""What Python runs in place of mockpos itself. The traced server is this very process: signals reach it (``-D``)."""

_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)")
_PATH = re.compile(r"<(/[^>]*)>")
_RENAMED = re.compile(r'"([^"]+)", (?:AT_FDCWD\S*, )?"([^"]+)"')
_ANSWER = re.compile(r'<TCP[^"]*"(HTTP/1\.1 \d+)?')


@dataclass
class Disk:
    """Follows a trace. ``unconfirmed`` is what the disk does not have yet: files that were written, folders renamed in.

    ``answers`` has for each answer whether something was written for it; ``too_early`` the number, from 0, of each that
    was sent, in whole or in part, before the disk had everything.
    """

    inventory: str
    unconfirmed: set[str] = field(default_factory=set)
    answers: list[bool] = field(default_factory=list)
    too_early: list[int] = field(default_factory=list)
    _has_written: bool = False

    def follow(self, trace: Path) -> "Disk":
        for call, text in _finished(trace):
            self._take(call, text)
        return self

    def _take(self, call: str, text: str) -> None:
        if call.startswith("rename"):
            found = _RENAMED.search(text)
            assert found is not None, text
            folder = Path(self.inventory).parent  # in which the server runs
            self._renamed(*(str(folder / name) for name in found.groups()))
        elif call in ("fsync", "fdatasync"):
            self.unconfirmed.discard(_path_in(text))
        elif (answer := _ANSWER.search(text)) is not None:
            self._sent(begins=answer[1] is not None)
        elif (path := _path_in(text)).startswith(self.inventory) and not path.endswith((".lock", ".probe")):
            self.unconfirmed.add(path)
            self._has_written = True

    def _renamed(self, old: str, new: str) -> None:
        if new.startswith(self.inventory):
            self.unconfirmed.discard(new)
            if old in self.unconfirmed:
                self.unconfirmed.remove(old)
                self.unconfirmed.add(new)
            self.unconfirmed.add(str(Path(new).parent))

    def _sent(self, *, begins: bool) -> None:
        if begins:
            self.answers.append(self._has_written)
            self._has_written = False
        if self.unconfirmed:
            self.too_early.append(len(self.answers) - 1)


def _path_in(text: str) -> str:
    found = _PATH.search(text)
    return found[1] if found else ""


def _finished(trace: Path) -> Iterator[tuple[str, str]]:
    """Iterate over the calls: a wait for the disk stands where it ended, everything else where it began."""
    begun: dict[str, str] = {}
    for line in trace.read_text(errors="replace").splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        thread, resumed, call, rest = found.groups()
        if resumed:
            if resumed in ("fsync", "fdatasync"):
                yield resumed, begun.pop(thread)
        elif rest.endswith("<unfinished ...>") and call in ("fsync", "fdatasync"):
            begun[thread] = rest
        else:
            yield call, rest
