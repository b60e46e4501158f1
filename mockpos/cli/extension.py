"""What may be served beside mockpos itself, by a command that builds on ``serve``."""

from typing import Protocol

from flask import Flask

from mockpos.bootstrap import Mock
from mockpos.contract.model import Contract


class Extension(Protocol):
    """What is served beside mockpos itself."""

    @property
    def banner(self) -> str:
        """What is printed at the start instead of the usual."""
        ...

    def extend(self, app: Flask, mock: Mock, contract: Contract, url: str) -> object:
        """Add to an application that is about to be served."""
        ...

    def begin(self) -> None:
        """Begin, now that the server answers."""
        ...

    def end(self) -> None:
        """End: the server stops."""
        ...
