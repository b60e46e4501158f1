"""The examples that the page "In your tests" shows: files of the repository that its own tests run."""

from collections.abc import Sequence
from dataclasses import dataclass

from mockpos.shipped_files import shipped

_FOLDER = "examples/in_your_tests"
_LANGUAGES = (
    ("Python", "pip install mockpos pytest; pytest -n 4", ("python/test_checkout.py", "python/checkout_requests.py",
     "python/checkout_httpx.py")),
    ("Ruby", "mockpos exec --audit error -- bundle exec rspec", ("ruby/checkout_spec.rb", "ruby/checkout_faraday.rb",
     "ruby/checkout_httparty.rb")),
    ("JavaScript", "mockpos exec --audit error -- node --test", ("javascript/checkout.test.mjs",
     "javascript/checkout.mjs")),
    ("PHP", "mockpos exec --audit error -- php checkout_test.php", ("php/checkout_test.php", "php/Checkout.php")),
    ("Java", "mockpos exec --audit error -- java CheckoutTest.java", ("java/CheckoutTest.java",)),
    ("curl", "mockpos exec --audit error -- sh checkout.sh", ("curl/checkout.sh",)),
)  # fmt: skip
_NGINX, _WORKFLOW = "nginx.conf", "github/workflow.yml"


@dataclass(frozen=True, slots=True)
class File:
    """One file of an example."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Language:
    """An example in one language, and how it is run."""

    name: str
    anchor: str
    command: str
    files: Sequence[File]


def languages() -> list[Language]:
    """Return the examples, each with its files."""
    return [Language(name, name.lower(), command, [_file(path) for path in paths])
            for name, command, paths in _LANGUAGES]  # fmt: skip


def nginx() -> str:
    """Return the lines that put several servers behind nginx."""
    return _file(_NGINX).text


def workflow() -> str:
    """Return a workflow of GitHub Actions."""
    return _file(_WORKFLOW).text


def _file(path: str) -> File:
    return File(path.rpartition("/")[2], (shipped(_FOLDER) / path).read_text(encoding="utf-8"))
