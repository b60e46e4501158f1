"""What the pages "In your tests", "Your automator" and "Contracts" show beside their own text.

The examples are files of the repository that its own tests run. What commands print was written down by running them;
the tests run them again.
"""

import json
from pathlib import Path
from typing import Any

from mockpos.conformance.checks import CHECKS
from mockpos.conformance.rules import caught_faults
from mockpos.contract.loader import DEFAULT_CONTRACT
from mockpos.contract.model import Contract
from mockpos.contract.schema import ContractSchema, ErrorsSchema, KeySchema, OperationSchema
from mockpos.files import shipped

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


def your_tests() -> dict[str, Any]:
    """Return the examples in each language with their files, an nginx for several servers, a workflow of GitHub."""
    return {
        "languages": [
            {"name": name, "command": command, "files": [(path.rpartition("/")[2], _example(path)) for path in paths]}
            for name, command, paths in _LANGUAGES
        ],
        "nginx": _example("nginx.conf"),
        "workflow": _example("github/workflow.yml"),
    }


def _example(path: str) -> str:
    return (shipped("examples/in_your_tests") / path).read_text(encoding="utf-8")


PRINTED = Path(__file__).with_name("automator_guide.json")

COMMANDS = {
    "quick": "mockpos conform http://127.0.0.1:8000 --profile quick --listing TG-5000:60",
    "minimal": "mockpos conform http://127.0.0.1:8700 --api-key secret --listing 4711:12 --allow-invoice",
    "one": "mockpos conform http://127.0.0.1:8700 --api-key secret --listing 4712:4 --only HOLD-02 --trace",
    "rule": "mockpos conform rules HOLD-03",
    "report": "mockpos conform http://127.0.0.1:8700 --api-key secret --listing 4712:4 --only REL-* --html report.html",
    "verify": "mockpos conform verify report.html",
    "plans": "mockpos checkout-plan list",
}
"""The commands of the automator's guide whose output it shows, in its order."""


def automator() -> dict[str, Any]:
    """Return the guide's commands with what they print, as a terminal has it, and how sensitive the kit is."""
    printed = json.loads(PRINTED.read_text("utf-8"))
    shown = {name: f"$ {command}\n{printed[name]}" for name, command in COMMANDS.items()}
    return {"guide": shown, "faults": caught_faults(), "rules": {check.id: check.rule for check in CHECKS}}


SKETCH = """\
name: My automator
key: {header: Authorization, scheme: Token}
states: {held: RESERVED}
operations:
  hold: {path: /reservations, request: {remote_id: ticketGroupId, quantity: count}}
  release: {method: POST, path: "/reservations/{global_id}/cancel", success: 204}
errors:
  shape: envelope
  codes: {listing_sold_out: SOLD_OUT}
"""

_SECTIONS = {
    "The file": ContractSchema,
    "key": KeySchema,
    "operations: hold, release, invoice": OperationSchema,
    "errors": ErrorsSchema,
}


def contracts(contract: Contract) -> dict[str, Any]:
    """Return every key of a contract file, section by section, and the text of the active one."""
    sections = {
        title: {name: field.metadata["description"] for name, field in schema().fields.items()}
        for title, schema in _SECTIONS.items()
    }
    return {"sections": sections, "sketch": SKETCH, "text": _text(contract)}


def _text(contract: Contract) -> str:
    """Return the file as it is now; the default contract's when it was taken away."""
    try:
        return Path(contract.source).read_text("utf-8")
    except OSError:
        return DEFAULT_CONTRACT.read_text("utf-8")
