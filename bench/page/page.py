"""The whole page: speed and scale first, then whatever else has results, then how to run it again."""

import json
from pathlib import Path

from bench.page.other import other_lines
from bench.page.speed import speed_lines

PAGE = Path(__file__).parents[1] / "RESULTS.md"

_HEAD = """\
# Results

Rendered by `python -m bench page` from the files in [results](results/); do not edit it by hand.
"""
_AGAIN = """\
## Run it again

```sh
pip install -e . --group bench   # mockpos, and py-spy for the profile
python -m bench tools            # which outside tools are missing, and how to get each
python -m bench run              # an hour or so on an idle machine; --quick takes minutes and proves nothing
python -m bench page             # this page
python -m bench profile          # the functions that take the most time under load
```
"""


def render(folder: Path) -> str:
    """Return the page for the results files in a folder."""
    lines = [_HEAD]
    files = {path.stem: path for path in sorted(folder.glob("*.json"))}
    if speed := files.pop("speed", None):
        lines.extend(speed_lines(json.loads(speed.read_bytes())))
    for name, path in files.items():
        lines.extend(other_lines(name, json.loads(path.read_bytes())))
    return "\n".join([*lines, _AGAIN])
