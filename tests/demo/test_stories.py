"""Stories: the shipped ones are right and come to what they wait for; a bad one is refused with its line."""

import json
import re
import subprocess
import sys

import pytest
from markupsafe import escape

from mockpos.demo.story import find_story, load_story, story_names
from mockpos.domain.errors import BadInput
from tests.conftest import ROOT

SHIPPED = ("invoice-outage", "lost-answer", "on-sale-rush", "quiet-evening", "sell-out", "sold-elsewhere")

GOOD = """name: mine
summary: A story of my own.
minutes: 3
chapters:
  - title: First
    say: "{broker} sells."
    do: [{buy: {quantity: 2}}]
    until: {bought: 1}
"""

CROWD = """name: mine
summary: A crowd, and then one row.
minutes: 3
chapters:
  - title: The crowd
    say: Everybody finds two seats.
    do: [{buyers: {count: 3, over: 1s, seed: 4}}]
    until: {bought: 3}
  - title: One row
    say: Two buyers for four seats.
    do: [{buyers: {count: 2, over: 1s, seed: 4, listing: showcase}}]
    until: {bought: 2}
"""


def mockpos(*arguments, **options):
    command = [sys.executable, "-m", "mockpos", "demo", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)


def test_six_stories_are_shipped_each_of_a_few_minutes():
    assert tuple(story_names()) == SHIPPED
    assert all(2 <= load_story(find_story(name)).minutes <= 10 for name in SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_story_comes_to_what_it_waits_for(name, tmp_path):
    ended = mockpos(name, "--rehearse", "--port", "0", "--replay", tmp_path / "replay.html", cwd=tmp_path)
    assert (ended.returncode, ended.stderr.count("did not come to")) == (0, 0), ended.stderr
    assert f"{name}: {len(load_story(find_story(name)).chapters)} chapters came to what they wait for" in ended.stdout
    replay = (tmp_path / "replay.html").read_text()
    for chapter in load_story(find_story(name)).chapters:
        assert str(escape(chapter.title)) in replay
    assert not re.search(r'(src|href)="(?!#|/_mock)', replay), "the file loads something"
    assert [path.name for path in tmp_path.iterdir()] == ["replay.html"], "a demo leaves nothing else behind"


def test_a_story_that_does_not_come_to_what_it_waits_for_fails_its_rehearsal(tmp_path):
    (tmp_path / "mine.yaml").write_text(GOOD.replace("bought: 1", "bought: 2"))
    ended = mockpos("mine.yaml", "--rehearse", "--port", "0", cwd=tmp_path)
    assert ended.returncode == 1
    assert "First: did not come to bought (1 of 2)" in ended.stderr


def test_a_prospects_own_listings_and_name_are_shown(tmp_path):
    (tmp_path / "mine.yaml").write_text(GOOD)
    csv = ROOT / "fixtures" / "broker.csv"
    options = ("--csv", csv, "--name", "<b>Acme & Sons</b>", "--colour", "#0a7d55", "--replay", "out.html")
    ended = mockpos("mine.yaml", "--rehearse", "--port", "0", *options, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    frames = re.search(r'id="frames">(.*?)</script>', (tmp_path / "out.html").read_text(), re.DOTALL)[1]
    assert "</" not in frames, "nothing in there ends the script"
    seen = "".join(html for _, html in json.loads(frames))
    assert "&lt;b&gt;Acme &amp; Sons&lt;/b&gt; sells." in seen
    assert "<b>Acme" not in seen.replace("<b>&lt;b&gt;Acme", "")


HEAD = "Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost"


def test_rows_of_a_prospect_that_cannot_be_read_are_left_out_and_any_kind_of_file_is_taken(tmp_path):
    (tmp_path / "mine.yaml").write_text(GOOD)
    rows = f"{HEAD}\nThe Prospect Show,Hall,05/14/2036,7PM,4,1,1,1,4,5\nShow,Hall,05/14/2036,7PM,x,1,1,1,4,5\n"
    (tmp_path / "prospect.txt").write_text(rows.replace(",", "\t"))
    options = ("--csv", "prospect.txt", "--replay", "out.html")
    ended = mockpos("mine.yaml", "--rehearse", "--port", "0", *options, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    replay = (tmp_path / "out.html").read_text()
    assert "The Prospect Show" in replay


def test_a_crowd_wants_no_more_than_a_small_file_has_and_leaves_the_showcase_to_later_chapters(tmp_path):
    pairs = "".join(f"Show,Hall,05/14/2036,7PM,2,1,{row},1,2,5\n" for row in range(3))
    (tmp_path / "small.csv").write_text(f"{HEAD}\n{pairs}Show,Hall,05/14/2036,7PM,4,1,9,1,4,5\n")
    (tmp_path / "mine.yaml").write_text(CROWD)
    ended = mockpos("mine.yaml", "--rehearse", "--port", "0", "--csv", "small.csv", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "error: bad.csv: the file is empty"),
        ("Event,Venue\nx,y\n", "error: bad.csv, line 1: 8 required columns are missing"),
        (f"{HEAD}\nShow,Hall,13/13/2036,7PM,4,1,1,1,4,5\n", "error: bad.csv:2: EventDate: there is no 13/13/2036"),
        (f"{HEAD}\n", "error: bad.csv: 0 listings, none of them with two tickets"),
        (f"{HEAD}\nShow,Hall,05/14/2020,7PM,4,1,1,1,4,5\n", "error: bad.csv: 1 listing, none of them with two tickets"),
    ],
)
def test_a_prospects_file_that_shows_nothing_is_an_error_before_anything_starts(tmp_path, content, told):
    (tmp_path / "bad.csv").write_text(content)
    ended = mockpos("quiet-evening", "--port", "0", "--csv", "bad.csv", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith(told)
    assert "presenter" not in ended.stderr


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("minutes: 3", "minuets: 3", "mine.yaml:3: minuets: is not a field that belongs here; did you mean minutes?"),
        ("minutes: 3", "minutes: none", "mine.yaml:3: minutes: "),
        (
            "{buy: {quantity: 2}}",
            "{buy: {quantity: 2}, advance: 1m}",
            "mine.yaml:7: chapters.0.do.0: must be exactly one of",
        ),
        ("{buy: {quantity: 2}}", "{scenario: lost-anwsers}", "did you mean lost-answers?"),
        ("{bought: 1}", "{bougth: 1}", "mine.yaml:8: chapters.0.until.bougth: is not a field"),
        ("chapters:", "chapters: 3\nx:", "mine.yaml:4: chapters: "),
    ],
)
def test_a_bad_story_is_refused_with_line_and_what_was_meant(tmp_path, monkeypatch, was, becomes, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(GOOD.replace(was, becomes))
    with pytest.raises(BadInput) as refused:
        load_story(find_story("mine.yaml"))
    assert told in str(refused.value)


def test_check_ticks_the_good_and_crosses_the_bad(tmp_path):
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(GOOD.replace("summary", "sumary"))
    ended = mockpos("check", "good.yaml", "bad.yaml", "none.yaml", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stdout.splitlines()[0] == "✓ good.yaml  mine: 1 chapter, 3 min"
    assert "bad.yaml:2: sumary: is not a field that belongs here; did you mean summary?" in ended.stdout
    assert "none.yaml: there is no such file" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("lost-anser",), "did you mean lost-answer?"),
        (("sell-out", "--colour", "red"), "'red' is not a colour such as #0a7d55"),
        (("sell-out", "--replay", "x.html"), "--replay: only a rehearsal writes one"),
    ],
)
def test_what_cannot_be_played_is_said_before_anything_starts(arguments, told, tmp_path):
    ended = mockpos(*arguments, cwd=tmp_path)
    assert (ended.returncode, told in ended.stderr) == (2, True), ended.stderr
