"""How a caller proves itself, as OpenAPI security schemes. Must not know any key."""

from mockpos.contract.model import KeyRule
from mockpos.web.openapi.wording import Json

_BEARER: Json = {"type": "http", "scheme": "bearer", "description": "The API key as a Bearer token."}


def security_schemes(key: KeyRule) -> Json:
    """Return the ways to send the key; each is enough by itself."""
    schemes: Json = {}
    if not is_bearer(key):
        schemes["apiKey"] = {"type": "apiKey", "in": "header", "name": key.header, "description": _in_words(key)}
    if key.bearer or is_bearer(key):
        schemes["bearer"] = _BEARER
    return schemes


def is_bearer(key: KeyRule) -> bool:
    """Tell whether the key's own header is the standard Bearer one."""
    return key.header.lower() == "authorization" and (key.scheme or "").lower() == "bearer"


def how_to_send(key: KeyRule) -> str:
    """Say how to send the key, as the answer to a call without one does."""
    own = f"in the header {key.header}: {key.value('KEY')}"
    return f"{own}, or as Authorization: Bearer KEY" if key.bearer and not is_bearer(key) else own


def _in_words(key: KeyRule) -> str:
    if key.scheme is None:
        return "The API key."
    # OpenAPI has no scheme of this kind, so the word before the key is part of the value.
    return f"The word `{key.scheme}`, a space, then the API key: `{key.value('KEY')}`."
