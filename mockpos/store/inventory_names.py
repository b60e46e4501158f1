"""The names of the files that make up one inventory, and of those that are kept beside it."""

import os
from itertools import count
from pathlib import Path


class InventoryNames:
    """What the files of the inventory at ``path`` are called. See ``json_file_store`` for what each is for."""

    def __init__(self, path: Path) -> None:
        self.file = path
        self.log = self._beside(".log")
        self.lock = self._beside(".lock")
        self.probe = self._beside(".probe")
        self.new_log = self._beside(".log.new")
        self.unfinished = (self._beside(".new"), self._beside(".other"), self.new_log, self.probe)
        """Written by a process that died before it could finish them: nothing rests on them."""

    def older_log(self, generation: int) -> Path:
        """Return what the log of a generation is called once another has taken its place."""
        return self._beside(f".log.{generation}")

    def older_logs(self) -> list[Path]:
        """Return the logs there are before the newest, the oldest first."""
        return [self.older_log(number) for number in self._numbers_of_older_logs()]

    def logs(self) -> list[Path]:
        """Return where logs are read from, the oldest first. The newest may not be there."""
        return [*self.older_logs(), self.log]

    def free_aside(self, why: str) -> Path:
        """Return the first name ``FILE.why.N`` that nothing has, neither itself nor a file beside it."""
        taken = set(self._names())
        for number in count(1):
            name = f"{self.file.name}.{why}.{number}"
            if not any(each == name or each.startswith(name + ".") for each in taken):
                return self.file.with_name(name)
        raise AssertionError("there is always a next number")

    def _numbers_of_older_logs(self) -> list[int]:
        endings = (name.removeprefix(self.log.name + ".") for name in self._names())
        return sorted(int(ending) for ending in endings if ending.isascii() and ending.isdecimal())

    def _names(self) -> list[str]:
        try:
            return [name for name in os.listdir(self.file.parent) if name.startswith(self.file.name)]
        except FileNotFoundError:
            return []

    def _beside(self, ending: str) -> Path:
        return self.file.with_name(self.file.name + ending)
