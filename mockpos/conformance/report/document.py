"""The report as one JSON document: everything else is made from it, and ``verify`` judges it again."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mockpos import __version__
from mockpos.conformance.check import Level, Verdict, Word
from mockpos.conformance.checks import CHECKS, RULESET
from mockpos.conformance.judge import Finding
from mockpos.conformance.run import CheckResult, Run
from mockpos.yaml_file import parse_yaml, plain

Document = dict[str, Any]
FORMAT = 1
CHECKOUT = "checkout"
"""What a report says it is about, where that is no automator."""


def document_of(run: Run, stale: Sequence[str]) -> Document:
    """Lay a finished run out as a document without key and host."""
    options = run.options
    ended = datetime.now(UTC)  # noqa: TID251  # a report carries the date
    redact = run.target.redact
    return {
        "mockpos_conform_report": FORMAT,
        "kit": __version__,
        "ruleset": RULESET,
        "run": run.target.run_id,
        "seed": options.seed,
        "began_at": moment(run.began_at),
        "took_s": round((ended - run.began_at).total_seconds(), 1),
        "contract": {
            "name": options.contract.name,
            "version": options.contract.version,
            "content": plain_contract(options.contract_text),
        },
        "asked": {
            "profile": options.profile.value,
            "listings": [
                {"remote_id": each.remote_id, "quantity": each.quantity, "splits": list(each.splits)}
                for each in options.listings
            ],
            "sold_out": options.sold_out,
            "allow_invoice": options.allow_invoice,
            "only": list(options.only),
            "level": options.level.value,
            "codes": sorted(options.codes) if options.codes is not None else None,
            "load": options.load,
        },
        "verdict": {level.value: run.verdict(level).value for level in Level},
        "counts": counts(run.results),
        "checks_not_asked_for": [each.id for each in CHECKS if each not in run.selected],
        "preflight": redact(str(run.failed)) if run.failed else None,
        "preflight_reason": run.failed.reason.value if run.failed else None,
        "interrupted": run.interrupted,
        "notes": [redact(note) for note in run.notes],
        "stale_known_failing": list(stale),
        "left_behind": [
            {
                "global_id": each.global_id,
                "remote_id": each.remote_id,
                "quantity": each.quantity,
                "why": redact(each.detail),
            }
            for each in run.left_behind
        ],
        "bought": sum(stock.sold for stock in run.stocks),
        "round_trip_ms": round(run.target.round_trip * 1000, 2),
        "results": [result_document(result) for result in run.results],
        "exchanges": [each.document() for each in run.target.exchanges],
    }  # fmt: skip


def plain_contract(text: str) -> Document:
    """Return the content of a contract file without its comments, which may name hosts and people."""
    content: Document = plain(parse_yaml(text, "contract").content)
    return content


def result_document(result: CheckResult) -> Document:
    """Lay out what one check came to."""
    document: Document = {
        "id": result.check.id,
        **finding_document(result.finding),
        "exchanges": list(result.exchanges),
        "facts": result.facts,
    }
    if result.provisional:
        document["provisional"] = True
    if result.known:
        document["known_failing"] = {"why": result.known.why, "until": result.known.until}
    return document


def finding_document(finding: Finding) -> Document:
    """Lay out what was found, whoever was judged."""
    return {
        "word": finding.word.value,
        "outcome": finding.outcome,
        "detail": finding.detail,
        "reason": finding.reason.value if finding.reason else None,
        "proof": list(finding.proof),
    }


def counts(results: Sequence[CheckResult]) -> dict[str, dict[str, int]]:
    """Count the words of each level."""
    return {
        level.value: {
            word.value: sum(each.word is word and each.check.level is level for each in results) for word in Word
        }
        for level in Level
    }


def dumps(document: Mapping[str, object]) -> str:
    """Write a document as JSON text, the same for the same run."""
    return json.dumps(document, indent=1, ensure_ascii=False)


def exit_status(document: Mapping[str, Any], level: Level) -> int:
    """Return the exit status of the run that a document tells of."""
    status = Verdict(document["verdict"][level.value]).exit_status
    return 1 if document["stale_known_failing"] and status in (0, 3) else status


def proof_of(document: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """Return the exchanges of a document by their numbers."""
    return {each["number"]: each for each in document["exchanges"]}


def moment(at: datetime) -> str:
    """Write a moment as reports have it: UTC, to the second."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
