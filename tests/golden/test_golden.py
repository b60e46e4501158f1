"""What users see is what the golden files say, word for word."""

import pytest

from tests.golden.making import FILES, golden_files

NAMES = sorted(path.name for path in FILES.iterdir())
AGAIN = "changed; if that is meant, run `python -m tests.golden` and name the change in the commit"


@pytest.fixture(scope="module")
def made():
    return golden_files()


@pytest.mark.parametrize("name", NAMES)
def test_users_see_what_the_golden_file_says(name, made):
    was, now = (FILES / name).read_text("utf-8").splitlines(), made.get(name, "").splitlines()
    first = next((number for number, pair in enumerate(zip(was, now, strict=False), 1) if pair[0] != pair[1]), None)
    assert first is None, f"{name}:{first} {AGAIN}\nwas  {was[first - 1][:300]}\nnow  {now[first - 1][:300]}"
    assert len(was) == len(now), f"{name} {AGAIN}: it had {len(was)} lines and has {len(now)}"


def test_every_file_that_is_made_is_kept(made):
    assert sorted(made) == NAMES
