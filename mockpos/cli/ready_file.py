"""The file that tells whoever starts mockpos where it answers, and that it does.

It stands there only while the server answers: one that an earlier run left is removed before anything else.
"""

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from mockpos.domain.errors import BadInput


class ReadyFile:
    """A file for the server's URL, or none. A pipe or a device (/dev/stdout) is written to as it is."""

    def __init__(self, path: Path | None) -> None:
        """Remove what an earlier run left, and make sure that the file can be written. Raises BadInput."""
        self._path = path
        self._is_stream = path is not None and _is_stream(path)
        if path is None or self._is_stream:
            return
        try:
            path.unlink(missing_ok=True)
            self._beside.write_text("", encoding="utf-8")
            self._beside.unlink()
        except OSError as error:
            raise BadInput(_why(path, error)) from error

    def write(self, url: str) -> None:
        """Say that the server answers, all at once. Raises BadInput."""
        if self._path is None:
            return
        try:
            if self._is_stream:
                descriptor = _descriptor(self._path)
                with open(self._path if descriptor is None else os.dup(descriptor), "w", encoding="utf-8") as stream:
                    stream.write(url + "\n")
            else:
                self._beside.write_text(url + "\n", encoding="utf-8")
                os.replace(self._beside, self._path)
        except OSError as error:
            raise BadInput(_why(self._path, error)) from error

    def remove(self) -> None:
        """Say that it answers no more."""
        if self._path is not None and not self._is_stream:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    @property
    def _beside(self) -> Path:
        assert self._path is not None
        return self._path.with_name(self._path.name + ".new")


def _is_stream(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def _descriptor(path: Path) -> int | None:
    """Return the open descriptor that a path names: opening it again may be forbidden where writing to it is not."""
    found = re.fullmatch(r"/dev/(?:fd/(\d+)|(stdout)|(stderr))", str(path))
    if found is None:
        return None
    return int(found[1]) if found[1] else 1 if found[2] else 2


def _why(path: Path, error: OSError) -> str:
    return (
        f"--ready-file {path}: it cannot be written ({error.strerror or error}); whoever waits for it would wait "
        "for ever. Choose a file in a folder that this user may write to"
    )
