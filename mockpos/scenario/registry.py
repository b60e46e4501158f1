"""The scenarios that are known by name: the shipped ones, those of the user's folders, and the built-in ``magic``.

Files are read when they are first asked for, and again when they were edited. A bad edit is told
once, and what was read before stays.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

from mockpos.domain.errors import BadInput
from mockpos.files import shipped
from mockpos.scenario import magic
from mockpos.scenario.loader import load_scenario
from mockpos.scenario.model import Scenario
from mockpos.validation.schema import nearest

SHIPPED_FOLDERS = (shipped("scenarios"), shipped("scenarios") / "codes")
"""Stories at the top; below them one file for each code that an operation answers."""

_SUFFIXES = (".yaml", ".yml")
_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A scenario whose file was edited: what it was and what it is now."""

    old: Scenario
    new: Scenario


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look at the files found. ``refused`` are messages about bad edits; what they edit stays as it was."""

    reloaded: tuple[Reloaded, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(slots=True)
class _Entry:
    path: Path
    stamp: _Stamp | None = None
    scenario: Scenario | None = field(default=None)


class ScenarioRegistry:
    """Scenarios by name. Folders given later win over earlier ones and over what is shipped."""

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        """Find the files. Raises BadInput for a folder that is not there."""
        self._folders = tuple(folders)
        for folder in self._folders:
            _check_folder(folder)
        self._lock = RLock()
        self._files: dict[str, Path] = {}
        self._gone: dict[str, _Entry] = {}  # some editors save by removing and writing anew
        self._listed = self._list()
        self._entries = {name: _Entry(path) for name, path in self._find()}

    def names(self) -> list[str]:
        """List the known names."""
        with self._lock:
            return sorted({*self._entries, magic.NAME})

    def get(self, name: str) -> Scenario:
        """Return a scenario. Raises BadInput: for an unknown name with the nearest ones, or for a bad file."""
        if name == magic.NAME:
            return magic.magic_scenario()
        with self._lock:
            if name not in self._entries:
                raise BadInput(f"there is no scenario called {name!r}{nearest(name, self.names())}")
            entry = self._entries[name]
            return entry.scenario or _read(name, entry)

    def open(self, name_or_path: str) -> Scenario:
        """Return a scenario by its name, or by the path of its file, which is watched from then on. Raises BadInput."""
        path = Path(name_or_path)
        if path.suffix not in _SUFFIXES and path.name == name_or_path:
            return self.get(name_or_path)
        stamp = _stamp(path)
        scenario = load_scenario(path)
        if scenario.name == magic.NAME:
            raise BadInput(f"{path}: name: {magic.NAME} is the built-in scenario of the magic Remote IDs")
        with self._lock:
            self._files[scenario.name] = path
            self._entries[scenario.name] = _Entry(path, stamp, scenario)
        return scenario

    def check_all(self) -> None:
        """Read every scenario of the user's folders. Raises BadInput with the faults of all files."""
        faults: list[str] = []
        with self._lock:
            for name, entry in sorted(self._entries.items()):
                if entry.path.parent not in self._folders or entry.scenario:
                    continue
                try:
                    _read(name, entry)
                except BadInput as error:
                    faults.append(str(error))
        if faults:
            raise BadInput("\n".join(faults))

    def path(self, name: str) -> Path:
        """Return the file of a scenario. Raises BadInput for an unknown name."""
        if name == magic.NAME:
            return Path(__file__).with_name("magic.yaml")
        self.get(name)
        return self._entries[name].path

    def changed(self) -> Changes:
        """Look at the files again: read what was edited, notice what came and went. Never raises for a bad file."""
        with self._lock:
            listed = self._list()
            if listed == self._listed and self._read_files_are_as_they_were():
                return Changes()
            self._listed = listed
            found = dict(self._find())
            for name in self._entries.keys() - found.keys():
                self._gone[name] = self._entries.pop(name)
            reloaded: list[Reloaded] = []
            refused: list[str] = []
            for name, path in found.items():
                entry = self._entries.get(name) or self._gone.pop(name, _Entry(path))
                self._entries[name] = entry
                old = entry.scenario
                if old is None or (entry.path == path and entry.stamp == _stamp(path)):
                    entry.path = path
                    continue
                entry.path = path
                try:
                    reloaded.append(Reloaded(old, _read(name, entry)))
                except BadInput as error:
                    refused.append(str(error))
            return Changes(tuple(reloaded), tuple(refused))

    def _list(self) -> tuple[object, ...]:
        """Return what is there by its names alone. Asked every second, so it must cost next to nothing."""
        folders = (*SHIPPED_FOLDERS, *self._folders)
        return (*map(_names_in, folders), *map(os.path.isfile, self._files.values()))

    def _read_files_are_as_they_were(self) -> bool:
        read = (entry for entry in self._entries.values() if entry.scenario is not None)
        return all(entry.stamp == _stamp(entry.path) for entry in read)

    def _find(self) -> Iterator[tuple[str, Path]]:
        found: dict[str, Path] = {}
        for folder in (*SHIPPED_FOLDERS, *self._folders):
            for path in sorted(map(folder.joinpath, _names_in(folder))):
                if path.suffix in _SUFFIXES and os.path.isfile(path) and not path.name.startswith("."):
                    found[path.stem] = path
        found.update((name, path) for name, path in self._files.items() if os.path.isfile(path))
        return iter(found.items())


def _check_folder(folder: Path) -> None:
    try:
        os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        raise BadInput(f"{folder}: there is no such folder of scenarios") from None
    except OSError as error:
        raise BadInput(f"{folder}: this folder of scenarios cannot be read ({error.strerror})") from None


def _read(name: str, entry: _Entry) -> Scenario:
    """Read a file into its entry. The stamp is taken first: an edit during the reading is seen next time."""
    entry.stamp = _stamp(entry.path)
    scenario = load_scenario(entry.path)
    if name == magic.NAME:
        raise BadInput(f"{entry.path}: {magic.NAME} is the built-in scenario; give this file another name")
    if scenario.name != name:
        raise BadInput(
            f"{entry.path}:1: name: is {scenario.name}, but the file is known as {name}; give both the same name"
        )
    entry.scenario = scenario
    return scenario


def _names_in(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(os.listdir(folder))
    except OSError:
        return ()


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
