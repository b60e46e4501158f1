"""Many reports side by side: one row a rule, one column an automator."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from mockpos.conformance.checks import CHECKS
from mockpos.conformance.report.lines import MARKS

Document = Mapping[str, Any]


def matrix(reports: Sequence[tuple[str, Document]]) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows: id and level, then a mark for each report, or nothing where it was not asked for."""
    rows = []
    for check in CHECKS:
        words = [_words(document).get(check.id, "") for _, document in reports]
        rows.append([check.id, check.level.value, *(MARKS.get(word, "") for word in words)])
    for level in ("must", "should"):
        rows.append([f"verdict {level}", level, *(str(document["verdict"][level]) for _, document in reports)])
    return ["check", "level", *(name for name, _ in reports)], rows


def as_html(reports: Sequence[tuple[str, Document]]) -> str:
    """Write the matrix as one HTML page."""
    headings, rows = matrix(reports)
    head = "".join(f"<th>{escape(each)}</th>" for each in headings)
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(each)}</td>' for each in row)}</tr>" for row in rows)
    legend = ", ".join(f"{mark} {word}" for word, mark in MARKS.items() if word != "kit error")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Automators side by side</title>
<style>:root {{ color-scheme: light dark }} body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem }}
div {{ overflow-x: auto }} table {{ border-collapse: collapse }} th, td {{ padding: .25rem .75rem; text-align: left;
border-bottom: 1px solid #8884 }} td:nth-child(n+3) {{ text-align: center }}</style></head>
<body><h1>Automators side by side</h1><p>{escape(legend)}; empty: not asked for.</p>
<div><table><thead><tr>{head}</tr></thead><tbody>
{body}
</tbody></table></div></body></html>
"""


def _words(document: Document) -> dict[str, str]:
    return {result["id"]: result["word"] for result in document["results"]}
