"""The scenarios that are known by name, as the page lists them: read anew each time, for their files may be edited."""

from dataclasses import dataclass
from enum import StrEnum

from mockpos.domain.errors import BadInput
from mockpos.scenario import magic
from mockpos.scenario.documented import documented_pairs
from mockpos.scenario.registry import SHIPPED_FOLDERS, ScenarioRegistry
from mockpos.scenario.shipped import pair_name


class Origin(StrEnum):
    """Which list a scenario stands in."""

    STORY = "story"
    PAIR = "pair"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class KnownScenario:
    """One scenario. ``text`` is its file, for what mockpos ships; ``fault`` says why it cannot be used now."""

    name: str
    origin: Origin
    summary: str = ""
    text: str = ""
    fault: str = ""

    @property
    def operation(self) -> str:
        """The operation that a scenario for one (operation, code) pair is named after."""
        return self.name.partition("-")[0]


def known_scenarios(registry: ScenarioRegistry) -> tuple[KnownScenario, ...]:
    """Return what can be chosen by name, in order of name. Reads files; never raises for a bad one."""
    pairs = {pair_name(operation, code) for operation, code in documented_pairs()}
    return tuple(_known(registry, name, pairs) for name in registry.names())


def _known(registry: ScenarioRegistry, name: str, pairs: set[str]) -> KnownScenario:
    try:
        scenario, path = registry.get(name), registry.path(name)
        if name != magic.NAME and path.parent not in SHIPPED_FOLDERS:
            return KnownScenario(name, Origin.OWN, scenario.summary)
        origin = Origin.PAIR if name in pairs else Origin.STORY
        return KnownScenario(name, origin, scenario.summary, path.read_text(encoding="utf-8"))
    except (BadInput, OSError, KeyError) as error:  # edited or removed while we look
        return KnownScenario(name, Origin.OWN, fault=str(error))
