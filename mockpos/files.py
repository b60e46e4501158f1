"""Where the files are that come with mockpos, in a checkout and in a wheel, and why a file cannot be written."""

from errno import EBUSY
from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(kind: str) -> Path:
    """Return the folder of one kind of shipped files, such as ``fixtures``."""
    installed = _PACKAGE / "shipped" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


def unwritable(path: Path, error: OSError) -> str:
    """Return a sentence without its full stop; a folder that is missing is named."""
    folder = path.absolute().parent
    if isinstance(error, FileNotFoundError) and not folder.is_dir():
        return f"{path}: there is no folder {path.parent}; make it first: mkdir -p {path.parent}"
    if error.errno == EBUSY:
        return f"{path}: is mounted as a single file, which cannot be replaced; name another, or mount its folder"
    return f"{path}: cannot be written ({error.strerror})"
