"""Makes the pages and the OpenAPI document once, when they are first asked for.

Must not know the request: an address on a page is BASE_URL, which the route replaces.
"""

import json
from functools import cached_property
from typing import TYPE_CHECKING

from mockpos.web.contract.model import Contract

if TYPE_CHECKING:
    from mockpos.web.docs.reference import Reference

BASE_URL = "http://mockpos.invalid"


class Pages:
    """The documentation of one contract."""

    def __init__(self, contract: Contract, api_key: str | None) -> None:
        self._contract = contract
        self._api_key = api_key
        self._html: dict[str, str] = {}

    def openapi(self) -> bytes:
        """Return the OpenAPI document as JSON."""
        return self._openapi

    def html(self, name: str) -> str:
        """Return one page."""
        if name not in self._html:
            self._html[name] = self._rendered(name)
        return self._html[name]

    @cached_property
    def _openapi(self) -> bytes:
        from mockpos.web.openapi import openapi_document

        return json.dumps(openapi_document(self._contract), ensure_ascii=False).encode()

    @cached_property
    def _reference(self) -> "Reference":
        from mockpos.web.docs.reference import reference

        return reference(self._contract, self._api_key or _default_key(), BASE_URL)

    def _rendered(self, name: str) -> str:
        from flask import render_template

        from mockpos.web.docs.markup import code_spans, highlighted

        return render_template(
            f"docs/{name}.html", reference=self._reference, code_spans=code_spans, highlighted=highlighted
        )


def _default_key() -> str:
    from mockpos.settings import SETTINGS

    return next(setting.default for setting in SETTINGS if setting.name == "api_key")
