"""Laws: what is right is never accused, whatever convention printed it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.checks import not_assessed
from perfeval.checks.recomputing import Fit, fit, printed_range, prints_as
from perfeval.checks.subject import interval_of, same_name, total
from perfeval.indicators.formula import parse
from perfeval.numbers import Exact, Interval, decimal_text, figure, half_up, round_down
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.change import join, read
from perfeval.session.files import loads

CLAIM_CHECKS = ("L03", "L04", "L05", "L07", "L28")
SAMPLE = loads(sample_text())

amounts = st.integers(1, 10_000_000).map(lambda cents: Exact(cents, 100))
ratios = st.fractions(min_value=0, max_value=2, max_denominator=10**6).map(
    lambda value: Exact(value.numerator, value.denominator)
)
places = st.integers(0, 4)


@given(value=ratios, digits=places)
def test_a_value_rounded_or_cut_off_prints_as_itself(value: Exact, digits: int) -> None:
    for printed in (half_up(value, digits), round_down(value, digits)):
        read = figure(decimal_text(printed, digits))
        assert prints_as(value, read)
        assert value in printed_range(read)
        assert fit(read, [value], None) is Fit.SAME


@given(parts=st.lists(ratios, min_size=1, max_size=40))
def test_the_sum_of_printed_parts_reaches_the_printed_sum(parts: list[Exact]) -> None:
    """30 rounded parts may be off by 0.155 from the rounded whole, and nothing is wrong."""
    whole = figure(decimal_text(sum(parts, Exact(0)), 2))
    printed = [figure(decimal_text(part, 2)).interval for part in parts]
    assert whole.interval.meets(total(printed))


@given(budget=amounts, spent=amounts)
def test_the_true_rate_lies_in_the_interval_of_the_printed_money(
    budget: Exact, spent: Exact
) -> None:
    printed = {name: half_up(value, 1) for name, value in (("执行", spent), ("预算", budget))}
    reads = {name: figure(decimal_text(value, 1)).interval for name, value in printed.items()}
    if Exact(0) in reads["预算"]:
        return
    assert spent / budget in interval_of(parse("执行 / 预算").node, reads.get)


@given(value=ratios, off=st.integers(2, 50))
def test_a_figure_two_units_off_is_outside(value: Exact, off: int) -> None:
    printed = figure(decimal_text(half_up(value, 2) + Exact(off, 100), 2))
    assert fit(printed, [value], Interval.point(value)) is Fit.OUTSIDE


@given(cents=st.tuples(st.integers(100, 10_000_000), st.integers(0, 10_000_000)))
def test_what_the_engine_computes_is_never_accused_when_claimed(
    new_audit: Any, cents: tuple[int, int]
) -> None:
    """The printed and the exact rate, rounded and cut off: four honest ways to fill in 执行率."""
    budget, spent = Exact(max(cents), 100), Exact(min(cents), 100)
    audit = new_audit()
    base = {
        "department/inputs/年初预算数/value": decimal_text(budget),
        "department/inputs/年中调整数/value": "0",
        "department/inputs/全年预算数/value": decimal_text(budget),
        "department/inputs/全年执行数/value": decimal_text(spent),
    }
    rate = spent / budget
    for printed in (half_up(rate, 4), round_down(rate, 4)):
        for score in (half_up(10 * printed, 2), half_up(10 * rate, 2), round_down(10 * rate, 2)):
            claimed = {
                "department/answers/X1/actual": decimal_text(printed * 100, 2) + "%",
                "department/answers/X1/score": decimal_text(score, 2),
                "department/tiers/预算执行情况/score": decimal_text(score),
                "department/tiers/产出指标/score": "90",
                "department/total": decimal_text(score + 90),
            }
            assert audit(base | {"claimed": claimed}, *CLAIM_CHECKS) == []


def test_a_form_that_claims_what_is_computed_has_nothing_to_correct(audit: Any) -> None:
    card = score_session(SAMPLE, audit.find)
    claimed: dict[str, str] = {}
    for path, result in card.results:
        claimed[f"{path}/total"] = result.total_text
        claimed[f"{path}/grade"] = result.grade or ""
        for tier in result.tiers:
            if tier.score is not None:
                claimed[f"{path}/tiers/{tier.name}/score"] = decimal_text(tier.score)
                claimed[f"{path}/tiers/{tier.name}/rate"] = (
                    decimal_text((tier.rate or Exact(0)) * 100) + "%"
                )
        for row in result.indicators:
            if row.score is not None and "/tier_rates/" not in row.path:
                claimed[f"{row.path}/score"] = decimal_text(row.score)
                if row.value is not None:
                    claimed[f"{row.path}/actual"] = row.value_text
    found = audit.of(SAMPLE.model_copy(update={"claimed": claimed}))
    assert [one.message for one in found if one.id in CLAIM_CHECKS] == []


@given(st.text(alphabet='科普—–-“”"（）() 2０', max_size=12))
def test_comparing_names_is_stable(name: str) -> None:
    assert same_name(same_name(name)) == same_name(name)
    assert same_name(f" {name}　") == same_name(name)


@pytest.mark.parametrize(
    ("whole", "parts", "agrees"),
    [
        # the tail of ten printed items, a legal tail of thirty, one impossible sum
        ("36.30", ["3.63"] * 9 + ["3.61"], True),
        ("100.12", ["3.33"] * 29 + ["3.43"], True),
        ("838.1", ["667.77", "170.33"], True),
        ("837.1", ["667.77", "170.33"], False),
        ("741.99", ["741.64"], False),
    ],
)
def test_tolerance_follows_the_printed_decimals(whole: str, parts: list[str], agrees: bool) -> None:
    added = total(
        [figure(decimal_text(figure(part).value or Exact(0), 2)).interval for part in parts]
    )
    assert figure(whole).interval.meets(added) is agrees


# --- whatever is entered, checking ends ------------------------------------------------------

WORDS = ("0", "", "文字", "不适用", "-1", "1", "0.92", "3人", "2项", "100%", "11月30日")


def leaves(value: Any, path: str) -> Iterator[str]:
    """Yield the path of every text somebody typed."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}/{join(key)}")
    elif isinstance(value, str):
        yield path


PLAIN = SAMPLE.model_dump(mode="json", exclude_defaults=True)
TYPED = sorted(
    path
    for part in ("department", "projects", "claimed", "statements", "assumed")
    for path in leaves(PLAIN[part], part)
    if not path.endswith(("/set", "/name"))
)
PLACES = sorted(
    f"{part}/{join(key)}"
    for part in ("department/inputs", "department/answers", "department/rows", "projects")
    for key in read(SAMPLE, part)
)


@pytest.mark.parametrize("word", ["0", "", "文字"])
@pytest.mark.parametrize("name", SAMPLE.department.inputs if SAMPLE.department else ())
def test_any_input_may_be_nothing_or_no_figure(audit: Any, name: str, word: str) -> None:
    found = audit.of(audit.put({f"department/inputs/{name}/value": word}, SAMPLE))
    assert found


@pytest.mark.parametrize("place", PLACES)
def test_any_answer_may_be_missing(audit: Any, place: str) -> None:
    assert audit.of(audit.put({place: None}, SAMPLE))


@given(
    edits=st.dictionaries(st.sampled_from(TYPED), st.sampled_from(WORDS), min_size=1, max_size=6),
    gone=st.sets(st.sampled_from(PLACES), max_size=2),
)
def test_checking_ends_whatever_is_typed(
    new_audit: Any, edits: dict[str, str], gone: set[str]
) -> None:
    audit = new_audit()
    # a value is put in before its place is taken away
    session = audit.put({**edits, **dict.fromkeys(gone)}, SAMPLE)
    found = audit.of(session)
    assert all(one.message and one.path for one in found)
    assert not_assessed(session, score_session(session, audit.find), audit.find)
