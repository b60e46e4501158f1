"""The report as one JSON document: everything else is made from it, and it is judged again offline.

That is done by the evidence inside it and under the ruleset that it names.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mockpos import __version__
from mockpos.conformance.check import TESTED, Check, Level, Reason, Verdict, Word, verdict_of
from mockpos.conformance.checks import CHECKS, RULESET
from mockpos.conformance.evidence import Exchange, read_exchange
from mockpos.conformance.judge import Case, Finding, judge
from mockpos.conformance.run import CheckResult, Run
from mockpos.contract.loader import contract_from_text
from mockpos.domain.errors import BadInput
from mockpos.files import read_text
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


_SCRIPT = re.compile(r'<script type="application/json" id="mockpos-conform-report">(.*?)</script>', re.DOTALL)
_LARGEST = 200_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a report's evidence says. ``altered`` names where the report says otherwise."""

    document: Mapping[str, Any]
    words: dict[str, Word]
    altered: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def verdict(self, level: Level) -> Verdict:
        """Return the verdict of one level, by the words judged again. A rule that was left out is not known."""
        if self.document["preflight"]:
            return Verdict.NOTHING_TESTED
        ruled = [check for check in CHECKS if check.since <= self.document["ruleset"] and check.level in level.counted]
        asked = [check for check in ruled if check.id not in self.document["checks_not_asked_for"]]
        return verdict_of(self.words.get(check.id, Word.CANNOT_TEST) for check in asked)

    @property
    def certificate(self) -> str | None:
        """Return the certificate's line, which is there only when every ``must`` passed and nothing was altered."""
        musts = [check.id for check in CHECKS if check.level is Level.MUST and check.since <= self.document["ruleset"]]
        if self.altered or any(self.words.get(each) not in (Word.PASS, Word.WARN) for each in musts):
            return None
        document = self.document
        name = f"{document['contract']['name']} {document['contract']['version']}"
        kit = f"mockpos conform {document['kit']}, run {document['run']}"
        day = document["began_at"][:10]
        return f"Certificate: {name} met every must of ruleset {document['ruleset']} on {day} ({kit})"


def read_report(path: Path) -> dict[str, Any]:
    """Read a report, HTML or JSON. Raises BadInput."""
    text = read_text(path)
    if len(text) > _LARGEST:
        raise BadInput(f"{path}: too large for a report")
    inside = _SCRIPT.search(text)
    try:
        document = json.loads(inside.group(1) if inside else text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("mockpos_conform_report") != FORMAT:
        raise BadInput(f"{path}: no report of `mockpos conform` (format {FORMAT})")
    if document.get("subject") == CHECKOUT:
        raise BadInput(f"{path}: the report of a checkout (`mockpos checkout-plan`), not of an automator")
    return document


def verify(document: Mapping[str, Any]) -> Verification:
    """Judge a report again. Raises BadInput for one whose evidence cannot be read."""
    try:
        contract = contract_from_text(json.dumps(document["contract"]["content"]), "the contract in the report")
        exchanges = {each["number"]: read_exchange(each, contract) for each in document["exchanges"]}
        results = {result["id"]: result for result in document["results"]}
        words, altered = {}, []
        for check in CHECKS:
            if check.since > document["ruleset"] or check.id not in results:
                continue
            told = Word(results[check.id]["word"])
            words[check.id] = _again(check, results[check.id], exchanges, document)
            if words[check.id] is not told:
                altered.append(f"{check.id}: the report says {told}, its evidence says {words[check.id]}")
        not_asked = document["checks_not_asked_for"]
        verification = Verification(
            document=document,
            words=words,
            altered=altered,
            lacking=[check.id for check in CHECKS if check.since > document["ruleset"]],
            missing=[c.id for c in CHECKS if c.since <= document["ruleset"] and c.id not in {*results, *not_asked}],
        )
        for level in Level:
            _compare_verdicts(verification, level)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"the report's evidence cannot be read ({type(error).__name__}: {error})") from None
    return verification


def _compare_verdicts(verification: Verification, level: Level) -> None:
    told, found = verification.document["verdict"][level.value], verification.verdict(level)
    known = any("known_failing" in result for result in verification.document["results"])
    if told != found and not known:
        verification.altered.append(f"the verdict at level {level}: the report says {told}, its evidence says {found}")


def _again(
    check: Check, result: Mapping[str, Any], exchanges: Mapping[int, Exchange], document: Mapping[str, Any]
) -> Word:
    told = Word(result["word"])
    numbers = result["exchanges"]
    if told not in TESTED and (check.whole_run or not numbers):
        return told  # it claims nothing, and there is nothing to judge
    evidence = list(exchanges.values()) if check.whole_run else [exchanges[number] for number in numbers]
    reason = Reason(result["reason"]) if result["reason"] else Reason.PRECONDITION
    codes = document["asked"]["codes"]
    case = Case(
        check=check,
        exchanges=evidence,
        facts=result["facts"],
        codes=frozenset(codes) if codes is not None else None,
        stopped=(reason, str(result["detail"])),
    )
    return judge(case).word
