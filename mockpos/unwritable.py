"""Why a file cannot be written, and the way out."""

from errno import EBUSY
from pathlib import Path


def unwritable(path: Path, error: OSError) -> str:
    """Return a sentence without its full stop; a folder that is missing is named."""
    folder = path.absolute().parent
    if isinstance(error, FileNotFoundError) and not folder.is_dir():
        return f"{path}: there is no folder {path.parent}; make it first: mkdir -p {path.parent}"
    if error.errno == EBUSY:
        return f"{path}: is mounted as a single file, which cannot be replaced; name another, or mount its folder"
    return f"{path}: cannot be written ({error.strerror})"
