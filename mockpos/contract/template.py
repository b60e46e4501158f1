"""What may stand in the template of an error body."""

from collections.abc import Iterator, Mapping

PLACEHOLDERS = ("type", "title", "status", "detail", "instance", "code", "retryable", "request_id", "details")
"""What a template's ``$name`` can stand for: the members of a problem, and all details of the code as one object."""


def placeholders_in(template: object) -> Iterator[str]:
    """Yield the names of a template's placeholders."""
    if isinstance(template, Mapping):
        for value in template.values():
            yield from placeholders_in(value)
    elif isinstance(template, list):
        for value in template:
            yield from placeholders_in(value)
    elif isinstance(template, str) and template.startswith("$"):
        yield template[1:]
