"""分值 and the rows that carry them (L01, L02, L12, L18)."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import Level

ROWS = "projects/a/rows"


def test_rows_that_do_not_add_up_to_their_tier(audit: Any) -> None:
    finding = audit.one({f"{ROWS}/n/points": "25"}, "L01")
    assert (finding.level, finding.claimed, finding.expected) == (Level.ERROR, "55", "50")


def test_rows_that_do_not_add_up_to_their_group(audit: Any) -> None:
    finding = audit.one({"department/rows/n/points": "50"}, "L01")
    assert (finding.claimed, finding.expected) == ("50", "60")
    assert "数量指标" in finding.message


def test_rows_that_add_up(audit: Any) -> None:
    assert audit({f"{ROWS}/n/points": "15.5", f"{ROWS}/c/points": "14.5"}, "L01") == []


def test_a_weight_scheme_the_set_does_not_have(audit: Any) -> None:
    finding = audit.one({"projects/a/weight_scheme": "mine"}, "L01")
    assert finding.path == "projects/a/weight_scheme"


@pytest.mark.parametrize("points", ["0", "-5"])
def test_a_row_worth_nothing(audit: Any, points: str) -> None:
    finding = audit.one({f"{ROWS}/n/points": points}, "L02")
    assert (finding.level, finding.claimed) == (Level.ERROR, points)


def test_a_row_whose_points_are_not_filled_in(audit: Any) -> None:
    assert audit({f"{ROWS}/n/points": ""}, "L01", "L02") == []


def test_the_same_name_twice_in_one_group(audit: Any) -> None:
    other = {"group": "数量指标", "name": "活动 场次", "points": "5", "actual": "1"}
    finding = audit.one({f"{ROWS}/n2": other}, "L12")
    assert finding.level is Level.WARNING
    assert finding.paths == (f"{ROWS}/n2/name", f"{ROWS}/n/name")


def test_the_same_name_elsewhere_is_another_indicator(audit: Any) -> None:
    other = {"group": "质量指标", "name": "活动场次", "points": "5", "actual": "1"}
    assert audit({f"{ROWS}/q": other}, "L12") == []
    assert audit({"department/rows/n/name": "活动场次"}, "L12") == []


def test_a_tier_without_an_indicator(audit: Any) -> None:
    finding = audit.one({f"{ROWS}/b": None}, "L18")
    assert finding.level is Level.ERROR
    assert "“效益指标”30 分，没有指标" in finding.message


def test_a_tier_the_scheme_leaves_out(audit: Any) -> None:
    edits = {f"{ROWS}/s": None, "projects/a/weight_scheme": "no-satisfaction"}
    assert audit(edits, "L18") == []


def test_a_row_without_points_is_not_scored_yet(audit: Any) -> None:
    edits = {f"{ROWS}/n/points": "", "claimed": {f"{ROWS}/n/score": "4"}}
    assert audit(edits, "L03", "L04") == []
