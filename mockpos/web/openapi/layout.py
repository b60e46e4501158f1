"""Puts fields at their place on the wire: nested schemas from dotted paths.

Must not know what the fields mean.
"""

from collections.abc import Mapping
from typing import Any

from mockpos.contract.model import WirePath

Json = dict[str, Any]


def object_schema(properties: Mapping[WirePath, Json], *, closed: bool = False) -> Json:
    """Return the schema of an object whose fields are all required, in the order given.

    ``closed`` objects, and the objects in them, allow no other field.
    """
    members: Json = {}
    deeper: dict[str, dict[WirePath, Json]] = {}
    for path, schema in properties.items():
        if len(path) == 1:
            members[path[0]] = schema
        else:
            members.setdefault(path[0], None)  # keeps the order of the contract; filled below
            deeper.setdefault(path[0], {})[path[1:]] = schema
    for name, below in deeper.items():
        members[name] = object_schema(below, closed=closed)
    schema_of_all: Json = {"type": "object", "required": list(members), "properties": members}
    if closed:
        schema_of_all["additionalProperties"] = False
    return schema_of_all
