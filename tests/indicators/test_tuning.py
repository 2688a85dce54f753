"""调整指标体系: a unit's own set from a shipped one, which itself is never touched."""

import pytest
from pydantic import TypeAdapter

from perfeval.errors import PerfevalError, UnreadableInput
from perfeval.indicators.library import find, loads
from perfeval.indicators.model import Evidence
from perfeval.indicators.rules import Rule
from perfeval.indicators.tuning import RULE_KINDS, Draft, RuleKind, kind_of, own_id, set_text

SETS = ("henan-department-2024", "mof-project-2020", "sichuan-dazhou-department")
HENAN = "henan-department-2024"


def kind(type_: str, nth: int = 0) -> RuleKind:
    return [one for one in RULE_KINDS if one.type == type_][nth]


def problems(draft: Draft) -> list[str]:
    return [problem.message for problem in draft.checked()[1]]


@pytest.mark.parametrize("set_id", SETS)
def test_a_set_written_out_reads_back_equal(set_id: str) -> None:
    assert loads(set_text(find(set_id))) == find(set_id)


@pytest.mark.parametrize("set_id", SETS)
def test_every_rule_of_the_everyday_kinds_survives_being_edited(set_id: str) -> None:
    rules = TypeAdapter(Rule)
    draft = Draft.of(find(set_id))
    for indicator in draft.base.all_indicators():
        rule = draft.indicator(indicator.code)["rule"]
        if (of := kind_of(rule)) is not None:
            again = of.rule(of.texts(rule))
            assert rules.validate_python(again) == rules.validate_python(rule), indicator.name


def test_an_untouched_draft_is_sound_and_has_nothing_to_save() -> None:
    draft = Draft.of(find(HENAN))
    assert problems(draft) == []
    with pytest.raises(PerfevalError, match="没有改动"):
        draft.finished("财绩〔2025〕1号", "2025-03-01")


def test_points_that_no_longer_add_up_are_told_at_once() -> None:
    draft = Draft.of(find(HENAN))
    draft.change("B3", points="3")
    assert problems(draft) == ["“预算和财务管理”19 分，指标合计 20 分"]
    draft.change("B4", points="1")
    assert problems(draft) == []


def test_a_group_and_its_tier_can_grow_with_an_indicator() -> None:
    draft = Draft.of(find(HENAN))
    draft.change("B3", points="3")
    draft.change_points("投入管理指标", "20", "预算和财务管理")
    assert problems(draft) == ["“投入管理指标”30 分，下级合计 31 分"]
    draft.change_points("投入管理指标", "31")
    assert any("101" in one for one in problems(draft))


def test_the_units_own_set_answers_for_what_the_unit_changed() -> None:
    shipped = find(HENAN)
    draft = Draft.of(shipped)
    draft.change(
        "B3", rule=kind("inverse_linear").rule({"zero_at": "3"}), standard="超过按比例减分"
    )
    own = draft.finished("财绩〔2025〕1号", "2025-03-01")

    assert (own.id, own.title) == ("henan-department-2024-own", f"{shipped.title}（本单位）")
    assert own.basis == "财绩〔2025〕1号"
    assert "2025-03-01 调整，依据：财绩〔2025〕1号" in own.note
    changed = next(one for one in own.all_indicators() if one.code == "B3")
    assert changed.evidence["rule"] is Evidence.USER
    assert changed.standard == "超过按比例减分"
    before = next(one for one in shipped.all_indicators() if one.code == "B3")
    assert before.evidence["rule"] is Evidence.PROPOSED, "the shipped set stays untouched"


def test_a_change_taken_back_is_no_change() -> None:
    draft = Draft.of(find(HENAN))
    draft.change("B3", points="3")
    draft.change("B3", points="2")
    assert draft.edits == {}
    assert loads(set_text(draft.base)) == draft.checked()[0]


def test_the_own_set_of_an_own_set_keeps_its_id() -> None:
    assert own_id(own_id(HENAN)) == own_id(HENAN) == "henan-department-2024-own"
    assert len(own_id("a" * 61)) == 61


def test_a_missing_parameter_says_how_it_is_written() -> None:
    with pytest.raises(PerfevalError, match=r"请填“各档”.*95% 2；90% 1；其他 0"):
        kind("band_table").rule({"bands": ""})
    with pytest.raises(PerfevalError, match="“95%”读不懂"):
        kind("band_table").rule({"bands": "95%；90% 1"})


def test_bands_are_written_as_people_say_them() -> None:
    high = kind("band_table").rule({"bands": "95% 2；90% 1\n其他 0"})
    assert high["bands"] == [
        {"min": "95%", "score": "2"},
        {"min": "90%", "score": "1"},
        {"score": "0"},
    ]
    low = kind("band_table", 1).rule({"bands": "10% 2；20% 1；其他 0"})
    assert kind_of(low) is kind("band_table", 1)
    assert kind("band_table", 1).texts(low) == {"bands": "10% 2；20% 1；其他 0"}


def test_an_impossible_band_is_found_by_the_linter() -> None:
    draft = Draft.of(find(HENAN))
    draft.change("B3", rule=kind("band_table").rule({"bands": "90% 1；95% 2；其他 0"}))
    assert any("重叠" in one for one in problems(draft))
    with pytest.raises(UnreadableInput):
        draft.finished("文", "2025-03-01")
