"""The documentation that the running mock serves: landing page, interactive reference, response codes.

Everything in it is derived from the active contract and the catalogue.
"""

from mockpos.web.docs.blueprint import docs_blueprint

__all__ = ["docs_blueprint"]
