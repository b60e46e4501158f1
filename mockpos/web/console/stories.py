"""The scenarios a person chooses among: stories first, those of one code apart."""

from typing import NamedTuple

from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import BadInput
from mockpos.scenario.magic import NAME as MAGIC
from mockpos.scenario.registry import ScenarioRegistry


class Story(NamedTuple):
    """A scenario by its name, with a sentence on what it does, or why it cannot be used."""

    name: str
    summary: str
    fault: str = ""


def stories(registry: ScenarioRegistry) -> list[Story]:
    """List the scenarios that are more than one code of one operation."""
    return [_story(registry, name) for name in registry.names() if name != MAGIC and not is_of_one_code(name)]


def of_one_code(registry: ScenarioRegistry) -> list[Story]:
    """List the scenarios that answer one operation with one code."""
    return [_story(registry, name) for name in registry.names() if is_of_one_code(name)]


def is_of_one_code(name: str) -> bool:
    """Tell by its name whether a scenario is one of an operation and a code: ``hold-listing_sold_out``."""
    return name.partition("-")[2] in CATALOGUE


def _story(registry: ScenarioRegistry, name: str) -> Story:
    try:
        return Story(name, registry.get(name).summary)
    except BadInput as error:
        return Story(name, "", str(error))
