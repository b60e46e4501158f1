"""Coverage of codes as one page of HTML that needs no network and no script."""

from html import escape
from pathlib import Path

from mockpos.domain.errors import BadInput
from mockpos.testing.coverage import Coverage

_STYLE = """
:root{color-scheme:light dark;--met:#1a7f37;--never:#a40e26;--line:#8885}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left}
th:last-child,td:last-child{width:50%}code{overflow-wrap:anywhere}td.n{text-align:right}
.met{color:var(--met)}.never{color:var(--never)}
@media(prefers-color-scheme:dark){:root{--met:#56d364;--never:#ff7b72}}
@media(max-width:40rem){th:last-child,td:last-child{width:auto}}
"""


def coverage_page(coverage: Coverage) -> str:
    """Return the page."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>mockpos coverage</title>',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
        f"<h1>Coverage of response codes</h1><p>{escape(coverage.summary())}.</p>",
    ]
    for operation in dict.fromkeys(operation for operation, _ in coverage.titles):
        parts.append(f"<h2>{escape(operation or 'any operation')}</h2>")
        parts.append("<table><tr><th>code</th><th>calls</th><th>what it says, or how to meet it</th></tr>")
        parts += [_row(coverage, (of, code)) for of, code in coverage.titles if of == operation]
        parts.append("</table>")
    return "\n".join([*parts, "</body></html>", ""])


def _row(coverage: Coverage, pair: tuple[str | None, str]) -> str:
    count = coverage.counts[pair]
    kind, shown = ("met", f"{count:,}") if count else ("never", "never")
    what = coverage.titles[pair] if count else coverage.how.get(pair, coverage.titles[pair])
    return f'<tr><td><code>{escape(pair[1])}</code></td><td class="n {kind}">{shown}</td><td>{escape(what)}</td></tr>'


def write_coverage_page(coverage: Coverage, path: Path) -> None:
    """Write the page to a file. Raises BadInput when that cannot be done."""
    try:
        path.write_text(coverage_page(coverage), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror or error})") from error
