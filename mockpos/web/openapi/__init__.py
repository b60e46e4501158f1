"""The OpenAPI document of the active contract.

Everything in it is derived from the contract and the catalogue of codes; this package lists neither.
"""

from mockpos.web.openapi.document import openapi_document

__all__ = ["openapi_document"]
