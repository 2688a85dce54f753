"""Generated reports: the true ones are clean, planted errors are found and blamed rightly."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from perfeval.audit.auditing import audit
from perfeval.audit.equations import Verdict
from perfeval.audit.model import AuditFinding
from perfeval.audit.readers import read_bytes
from tests.audit.documents import report


def failing(text: str) -> list[AuditFinding]:
    found = audit(read_bytes(text.encode(), "报告.txt")).findings
    return [one for one in found if one.verdict is Verdict.FAIL]


def true_reports(seeds: range) -> None:
    for seed in seeds:
        made = report(seed)
        text = made.text()
        assert made.broken() == [], seed
        found = audit(read_bytes(text.encode(), "报告.txt"))
        assert [one.message for one in found.findings] == [], seed
        assert sum(one.passed for one in found.coverage) > 200


def planted_reports(seeds: range) -> Counter[str]:
    """Plant one to three misprints in each report; count what can be seen, is found, is blamed."""
    counted: Counter[str] = Counter()
    for seed in seeds:
        made = report(seed)
        planted = made.plant(Random(seed), 1 + seed % 3)
        broken = made.broken(planted)  # a true report breaks no law
        found = failing(made.text())
        lines = {place.line for one in found for place in one.places}
        for slot in planted:
            counted["planted"] += 1
            laws = [law for law in broken if slot in law.slots]
            if not laws:
                continue
            counted["detectable"] += 1
            counted["found"] += made.slots[slot].line in lines
            if len(laws) >= 2 and len(planted) == 1:
                wrong = made.slots[slot].text
                first = [one.blame[0] for one in found if one.blame]
                counted["covered twice"] += 1
                counted["blamed first"] += any(told.startswith(wrong) for told in first)
        if not broken:  # each law can hold by itself, and still not all of them together
            counted["seen together"] += bool(found)
    return counted


def test_true_reports_have_no_findings() -> None:
    true_reports(range(25))


def test_planted_errors_are_found_and_blamed() -> None:
    counted = planted_reports(range(100))
    assert counted["detectable"] >= 0.9 * counted["planted"]
    assert counted["found"] >= 0.98 * counted["detectable"], counted
    assert counted["blamed first"] >= 0.95 * counted["covered twice"] > 10, counted
    assert counted["seen together"] <= 1, counted


@pytest.mark.soak
def test_many_true_reports() -> None:
    true_reports(range(1_000, 3_000))


@pytest.mark.soak
def test_many_planted_errors() -> None:
    counted = planted_reports(range(1_000, 3_000))
    assert counted["found"] >= 0.98 * counted["detectable"], counted
    assert counted["blamed first"] >= 0.95 * counted["covered twice"], counted
    assert counted["seen together"] <= 10, counted
