"""``mockpos serve`` on a machine with faults: a clock that jumps, a disk that does not confirm.

Run it like ``python -m mockpos``. It looks at two files in the working folder while it runs: ``clock.txt`` has the
milliseconds that the machine's clock is off, and while there is a ``no-sync`` every fdatasync fails.
"""

import errno
import os
import time
from pathlib import Path

from mockpos.cli import main

_real_time_ns = time.time_ns
_real_fdatasync = os.fdatasync


def _jumping_time_ns() -> int:
    try:
        return _real_time_ns() + int(Path("clock.txt").read_text()) * 1_000_000
    except (FileNotFoundError, ValueError):
        return _real_time_ns()


def _failing_fdatasync(fd: int) -> None:
    if Path("no-sync").exists():
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    _real_fdatasync(fd)


time.time_ns = _jumping_time_ns
os.fdatasync = _failing_fdatasync
main()
