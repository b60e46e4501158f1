"""What mockpos refuses, as exceptions.

    MockposError                 anything mockpos says no to
    ├── Refusal                  a documented answer of an operation; ``code`` is in the catalogue
    ├── BadInput                 a file, setting or argument is wrong; says where and what to do
    │   └── InventoryLocked      another process has the inventory file open
    ├── StoreUnavailable         the inventory cannot be written right now; nothing was changed
    ├── OutcomeUnknown           committed, but nobody can say whether it lasts as long as was asked
    └── MockMisuse               the mock itself was used wrongly; ``code`` begins with ``mock_``

A refusal knows its code and its details, never a status or a wording of HTTP:
those are the contract's.
"""


class MockposError(Exception):
    """The root: catch it to catch everything mockpos says no to."""


class Refusal(MockposError):
    """A documented refusal. ``detail`` is a sentence for people, ``details`` the members the code adds.

    ``why`` says more than its caller is told: who holds the tickets, say. ``retry_after_s`` counts only for codes
    that say when to come back. ``made_by_mock`` tells that it was somebody's doing in the control plane, and nothing
    an automator would have answered here. ``accepted_codings`` are told when the body was packed in a way that is not
    understood.
    """

    def __init__(self, code: str, detail: str, **details: object) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.details = details
        self.why = ""
        self.retry_after_s = 1.0
        self.made_by_mock = False
        self.accepted_codings = ""


class BadInput(MockposError):
    """Something the user gave is wrong. The message names the place, the fault and the way out."""


class InventoryLocked(BadInput):
    """Another process has the inventory file open."""


class MockMisuse(MockposError):
    """The mock was used wrongly: no answer of the automator it plays, and never to be taken for one."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.accepted_codings = ""


class StoreUnavailable(MockposError):
    """The inventory cannot be written right now. Nothing was changed."""


class OutcomeUnknown(MockposError):
    """The call may have taken effect: whether it lasts as long as was asked for cannot be said."""
