"""CPU time and memory of a started program with everything it started itself, as Linux tells them in /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_PARENT, _SESSION, _USER, _ENDED_CHILDREN_SYSTEM = 1, 3, 11, 14  # places in stat, counted after the name


def family(leader: int) -> dict[int, list[str]]:
    """Return the processes of the session that ``leader`` began, and all their children, with their stat fields."""
    seen = dict(_every_process())
    found = {pid for pid, stat in seen.items() if pid == leader or int(stat[_SESSION]) == leader}
    while more := {pid for pid, stat in seen.items() if int(stat[_PARENT]) in found} - found:
        found |= more
    return {pid: seen[pid] for pid in found}


def cpu_s(leader: int) -> float:
    """Return the user and system seconds used so far, also by children that have ended."""
    spent = (sum(map(int, stat[_USER : _ENDED_CHILDREN_SYSTEM + 1])) for stat in family(leader).values())
    return sum(spent) * _TICK_S


def resident_bytes(leader: int) -> int:
    """Return the resident memory of all together; what processes share is counted for each."""
    return sum(_status(pid, "VmRSS") for pid in family(leader))


def peak_bytes(leader: int) -> int:
    """Return the sum of the most that each has had resident."""
    return sum(_status(pid, "VmHWM") for pid in family(leader))


def parse_stat(text: str) -> list[str]:
    """Return the fields after the name, which may have spaces and brackets in it."""
    return text[text.rindex(")") + 2 :].split()


def parse_status(text: str, name: str) -> int:
    """Return a size from /proc/PID/status in bytes; 0 for a process that has none."""
    for line in text.splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def _every_process() -> Iterator[tuple[int, list[str]]]:
    for entry in os.listdir(_PROC):
        if entry.isdecimal():
            try:
                yield int(entry), parse_stat((_PROC / entry / "stat").read_text())
            except OSError:
                continue  # it ended meanwhile


def _status(pid: int, name: str) -> int:
    try:
        return parse_status((_PROC / str(pid) / "status").read_text(), name)
    except OSError:
        return 0
