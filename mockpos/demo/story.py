"""A story of the demo director: a YAML file, checked in full before anything is played; every fault names its line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from mockpos.bootstrap import fixture_names
from mockpos.domain.errors import BadInput
from mockpos.files import shipped
from mockpos.scenario.registry import ScenarioRegistry
from mockpos.validation.schema import Strict, duration, nearest, problems_of, text, truth
from mockpos.yaml_file import read_yaml

SHOWCASE = "showcase"
"""What a story calls the listing it shows most of: numbered seats, as many free as fit on a screen."""

_MOST_BUYERS = 200


def _count(most: int = 100_000, **options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(1, most), **options)


def _parts(schema: type[Strict], most: int, description: str) -> fields.List[Any]:
    parts, length = fields.Nested(schema), validate.Length(1, most)
    return fields.List(parts, required=True, validate=length, metadata={"description": description})


class BuySchema(Strict):
    """One buyer."""

    listing = text(128, load_default=SHOWCASE, metadata={"description": "A Remote ID, or showcase."})
    quantity = _count(1_000, load_default=2, metadata={"description": "How many tickets."})
    order_fails = truth(load_default=False, metadata={"description": "TEvo cannot make the order, so it releases."})


class BuyersSchema(Strict):
    """A crowd, which chooses among the listings that can be bought."""

    count = _count(_MOST_BUYERS, required=True, metadata={"description": "How many buyers."})
    over = duration(load_default=10_000, metadata={"description": "The time in which they come."})
    seed = fields.Integer(strict=True, load_default=1, metadata={"description": "The same seed sends the same crowd."})
    quantity = _count(1_000, load_default=2, metadata={"description": "How many tickets each buys."})
    listing = text(128, metadata={"description": "All of them want this one: a Remote ID, or showcase."})


class SellSchema(Strict):
    """The broker sells to somebody else."""

    listing = text(128, load_default=SHOWCASE, metadata={"description": "A Remote ID, or showcase."})
    quantity = _count(required=True, metadata={"description": "How many tickets."})
    steal_held = truth(load_default=False, metadata={"description": "Held ones too."})


class StepSchema(Strict):
    """One thing that happens: exactly one of the fields."""

    json_schema: ClassVar = {"minProperties": 1, "maxProperties": 1}
    scenario = text(64, metadata={"description": "A scenario by its name, or none."})
    buy = fields.Nested(BuySchema, metadata={"description": "One buyer."})
    buyers = fields.Nested(BuyersSchema, metadata={"description": "A crowd."})
    sell = fields.Nested(SellSchema, metadata={"description": "The broker sells to somebody else."})
    retire = text(128, metadata={"description": "The broker takes a listing off sale."})
    advance = text(16, metadata={"description": "The clock moves ahead, 15m for example."})

    @validates_schema
    def _is_one_thing(self, step: Mapping[str, Any], **_: object) -> None:
        name, known = step.get("scenario", "none"), ScenarioRegistry().names()
        if len(step) != 1:
            raise ValidationError(f"must be exactly one of {', '.join(self.fields)}")
        if name not in ("none", *known):
            raise ValidationError(f"there is no scenario called {name!r}{nearest(name, known)}", "scenario")


class UntilSchema(Strict):
    """What has to have happened since the chapter began, at least so often."""

    bought = _count(metadata={"description": "Buyers that got their tickets."})
    turned_away = _count(metadata={"description": "Buyers that did not, and whose hold is gone."})
    held = _count(metadata={"description": "Holds that were answered with success."})
    invoiced = _count(metadata={"description": "Invoices that were answered with success."})
    released = _count(metadata={"description": "Releases that were answered with success."})
    expired = _count(metadata={"description": "Holds that lapsed."})
    refused = _count(metadata={"description": "Calls that the broker's books refused."})
    failed = _count(metadata={"description": "Calls that were answered with 500 or more."})
    lost_answers = _count(metadata={"description": "Answers that never arrived."})


class ChapterSchema(Strict):
    """A part of a story, which begins from a snapshot of its own."""

    title = text(80, required=True, metadata={"description": "Its heading, for both windows."})
    say = text(400, required=True, metadata={"description": "What the audience reads; {broker} is the prospect."})
    note = text(600, load_default="", metadata={"description": "What only the presenter reads."})
    do = _parts(StepSchema, 20, "What happens, step by step.")
    until = fields.Nested(
        UntilSchema, load_default=dict, metadata={"description": "What it waits for before the next may begin."}
    )


class StorySchema(Strict):
    """A story."""

    name = fields.String(
        required=True, validate=validate.Regexp(r"[a-z0-9][a-z0-9-]{0,40}\Z"),
        metadata={"description": "Small letters, digits and hyphens."},
    )  # fmt: skip
    summary = text(200, required=True, metadata={"description": "A sentence for the list of stories."})
    minutes = _count(120, required=True, metadata={"description": "How long a presenter takes for it."})
    read = duration(load_default=5_000, metadata={"description": "How long a caption stands when it plays by itself."})
    fixture = fields.String(
        load_default="arena", validate=validate.OneOf(fixture_names()),
        metadata={"description": "The shipped world it plays in, where no file is given."},
    )  # fmt: skip
    chapters = _parts(ChapterSchema, 20, "Its parts, in order.")


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter. ``steps`` are pairs of what to do and its values; ``until`` counts since the chapter began."""

    title: str
    say: str
    note: str
    steps: tuple[tuple[str, Any], ...]
    until: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Story:
    """A story that can be played."""

    name: str
    summary: str
    minutes: int
    read: int
    fixture: str
    chapters: tuple[Chapter, ...]


def load_story(path: Path, broker: str = "the broker") -> Story:
    """Read a story, told for a broker. Raises BadInput listing every fault as FILE:LINE: PLACE: what is wrong."""
    document = read_yaml(path)
    try:
        read: dict[str, Any] = StorySchema().load(document.content)
    except ValidationError as error:
        raise document.all_bad(problems_of(error)) from None
    return Story(**{**read, "chapters": tuple(_chapter(each, broker) for each in read["chapters"])})


def _chapter(read: Mapping[str, Any], broker: str) -> Chapter:
    words = {name: " ".join(read[name].split()).replace("{broker}", broker) for name in ("title", "say", "note")}
    steps = tuple(next(iter(step.items())) for step in read["do"])
    return Chapter(**words, steps=steps, until=dict(read["until"]))


def story_names() -> list[str]:
    """List the shipped stories."""
    return sorted(path.stem for path in (shipped("scenarios") / "demos").glob("*.yaml"))


def find_story(name: str) -> Path:
    """Return the file of a shipped story, or of one's own. Raises BadInput with the known names."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return path
    if name not in story_names():
        raise BadInput(f"there is no story called {name!r}{nearest(name, story_names())}")
    return shipped("scenarios") / "demos" / f"{name}.yaml"
