"""The documentation that the running mock serves: landing page, reference, response codes, scenarios.

Everything in it is derived from the active contract, the catalogue, the magic table and the scenario files.
"""

from mockpos.web.docs.blueprint import docs_blueprint

__all__ = ["docs_blueprint"]
