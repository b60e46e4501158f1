"""A byte that flipped on the disk, in any region of any file: refused by name and place, and found by a look.

``MOCKPOS_SEED`` sets which bytes.
"""

import os
import random
from pathlib import Path

import pytest

from mockpos.domain.errors import BadInput
from mockpos.fsck.check import check
from tests.conftest import a_listing
from tests.fsck.looks import flip, line_starts
from tests.store.actors import assert_adds_up, state_of
from tests.store.disk import Opener, busy, crashed, files

SEED = int(os.environ.get("MOCKPOS_SEED", "20261123"))
A_REGION = 25


def offsets(data: bytes, chance: random.Random) -> list[int]:
    """Choose bytes of the first line, of the last, of what is between, and of the line ends."""
    starts = line_starts(data)
    middle, last = starts[1], starts[-1]
    chosen = [0, middle - 1, last, len(data) - 1, *(start - 1 for start in starts[1:])]
    for low, high in ((0, middle), (middle, last), (last, len(data))):
        chosen += [chance.randrange(low, high) for _ in range(A_REGION)]
    return sorted(set(chosen))


@pytest.mark.parametrize("file", ["inventory.json", "inventory.json.log.1", "inventory.json.log"])
def test_beside_commits_every_flipped_byte_is_refused_and_found(open_store: Opener, path: Path, file: str) -> None:
    store = open_store(path, *(a_listing(f"TG-{number}", 40) for number in range(1, 6)))
    busy(store, "first")
    next(store.checkpoint_in_slices())
    busy(store, "second")
    copy = crashed(store, "copy")
    copy.with_name("inventory.json.lock").unlink()
    good = copy.with_name(file).read_bytes()
    chance = random.Random(f"{SEED} {file}")
    for place in offsets(good, chance):
        copy.with_name(file).write_bytes(good)
        flip(copy.with_name(file), place, chance.randint(1, 255))
        before = files(copy.parent)
        with pytest.raises(BadInput) as refused:
            open_store(copy)
        assert str(copy) in str(refused.value)
        assert files(copy.parent) == before, place
        report = check(copy).report
        assert files(copy.parent) == before, place
        findings = [finding for finding in report.findings if not finding.is_note]
        assert findings, place
        if file != "inventory.json":
            assert (findings[0].file, findings[0].line) == (str(copy.with_name(file)), good[:place].count(b"\n") + 1)


def test_alone_a_file_is_refused_or_sound_whatever_byte_flipped(open_store: Opener, path: Path) -> None:
    """A digit that became another is an edit like any other; but nothing that does not add up is served."""
    store = open_store(path, a_listing(quantity=40), a_listing("TG-2", 9, numbering=None))
    busy(store)
    store.close()
    good = path.read_bytes()
    chance = random.Random(SEED)
    served = refused = 0
    for place in [*offsets(good, chance), *chance.sample(range(len(good)), 250)]:
        path.write_bytes(good)
        flip(path, place, 1 << chance.randint(0, 7))
        findings = [finding for finding in check(path).report.findings if finding.refuses_start]
        if findings:
            refused += 1
            with pytest.raises(BadInput) as error:
                open_store()
            assert str(path) in str(error.value), place
            continue
        served += 1
        store = open_store()
        assert_adds_up(store)
        state_of(store)
        store.close()
    assert served > 20
    assert refused > 100
