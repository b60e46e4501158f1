"""Files: those that come with mockpos, templates among them; and why one cannot be read or written."""

from errno import EBUSY
from pathlib import Path

from mockpos.domain.errors import BadInput

_PACKAGE = Path(__file__).parent


def shipped(kind: str) -> Path:
    """Return the folder of one kind of shipped files, such as ``fixtures``."""
    installed = _PACKAGE / "shipped" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


def rendered(package: str, name: str, **values: object) -> str:
    """Render a template in the folder ``templates`` of a package. In HTML every value is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # loaded when a page is written

    environment = Environment(
        loader=PackageLoader(package),
        autoescape=name.endswith(".html"),  # other texts are escaped as they need it
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name).render(values)


def read_text(path: Path, option: str = "") -> str:
    """Return a file's text. Raises BadInput, with the option that named the file before it."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadInput(f"{option}{' ' if option else ''}{path}: cannot be read ({why})") from None


def unwritable(path: Path, error: OSError) -> str:
    """Return a sentence without its full stop; a folder that is missing is named."""
    folder = path.absolute().parent
    if isinstance(error, FileNotFoundError) and not folder.is_dir():
        return f"{path}: there is no folder {path.parent}; make it first: mkdir -p {path.parent}"
    if error.errno == EBUSY:
        return f"{path}: is mounted as a single file, which cannot be replaced; name another, or mount its folder"
    return f"{path}: cannot be written ({error.strerror})"
