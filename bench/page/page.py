"""The page of results: goals first, two screens long; and the page of all figures behind it."""

import json
from pathlib import Path

from bench.page.details import detail_lines
from bench.page.other import other_lines
from bench.page.speed import speed_lines

_BENCH = Path(__file__).parents[1]
PAGE = _BENCH / "RESULTS.md"
DETAILS = _BENCH / "RESULTS-DETAILS.md"

_HEAD = """\
# Results

Rendered by `python -m bench page` from the files in [results](results/); do not edit it by hand. All figures of every
round stand in [RESULTS-DETAILS.md](RESULTS-DETAILS.md).
"""
_DETAILS_HEAD = """\
# All figures

What [RESULTS.md](RESULTS.md) sums up, rendered by `python -m bench page`.
"""
_AGAIN = """\
## Run it again

```sh
pip install -e . --group bench   # mockpos, and py-spy for the profile
python -m bench tools            # which outside tools are missing, and how to get each
python -m bench run              # an hour or so on an idle machine; --quick takes minutes and proves nothing
python -m bench page             # these pages
python -m bench profile          # the functions that take the most time under load
```
"""


def render(folder: Path) -> dict[Path, str]:
    """Return each page's text for the results files in a folder, by where the page belongs."""
    page, details = [_HEAD], [_DETAILS_HEAD]
    files = {path.stem: json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))}
    if speed := files.pop("speed", None):
        page.extend(speed_lines(speed))
        details.extend(detail_lines(speed))
    for name, results in files.items():
        details.extend(other_lines(name, results))
    return {PAGE: "\n".join([*page, _AGAIN]), DETAILS: "\n".join(details)}
