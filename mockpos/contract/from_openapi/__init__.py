"""Proposes a contract from somebody's OpenAPI document. What it cannot decide it marks, line by line."""

from mockpos.contract.from_openapi.document import MARK, Line, read_openapi, written
from mockpos.contract.from_openapi.proposal import propose

__all__ = ["MARK", "Line", "propose", "read_openapi", "written"]
