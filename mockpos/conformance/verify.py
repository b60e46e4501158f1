"""Judges a report again, offline, by the evidence inside it and under the ruleset that it names."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockpos.conformance.check import TESTED, Check, Level, Reason, Verdict, Word, verdict_of
from mockpos.conformance.checks import CHECKS
from mockpos.conformance.evidence import Exchange, read_exchange
from mockpos.conformance.judge import Case, judge
from mockpos.conformance.report.document import CHECKOUT, FORMAT
from mockpos.contract.loader import contract_from_text
from mockpos.domain.errors import BadInput
from mockpos.files import read_text

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
