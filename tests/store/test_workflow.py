"""上报, 退回, 复核, 核实说明, 更新指标体系: the acts that move a saved session on."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfeval.checks import Finding, Level, run
from perfeval.errors import PerfevalError
from perfeval.indicators.library import find, loads
from perfeval.indicators.model import IndicatorSet
from perfeval.samples import sample_text
from perfeval.scoring.review import review_diff
from perfeval.session import files
from perfeval.session.change import edit
from perfeval.session.seal import seal, seal_holds
from perfeval.store import Store, Workspace
from perfeval.store.workflow import (
    NotReady,
    accept,
    all_findings,
    answer_mark,
    explain,
    mark,
    move,
    open_points,
    submit,
    upgrade,
    upgrades,
)
from perfeval.store.workspace import create

CLEAN = """
id: clean
unit: {name: 某局, code: "101", department_in_charge: 某厅, prepared_by: 甲, phone: "1", head: 乙,
       filled_on: "2025-03-01"}
year: 2024
projects:
  a:
    set: mof-project-2020
    name: 甲项目
    funds: {t: {budget: 10, executed: 10}}
    tier_rates: {产出指标: 100%, 效益指标: 100%, 满意度指标: 100%}
"""


@pytest.fixture
def clean(store: Store) -> Workspace:
    return create(store, files.loads(CLEAN), find, who="甲")


@pytest.fixture
def sample(store: Store) -> Workspace:
    return create(store, files.loads(sample_text()), find, who="甲")


def fill(workspace: Workspace, path: str, value: object) -> None:
    workspace.apply(edit(workspace.session, path, value, who="甲"))


# --- 上报 ------------------------------------------------------------------------------------


def test_errors_nobody_explained_stand_in_the_way(sample: Workspace) -> None:
    with pytest.raises(NotReady, match="有 6 处未改正也未说明") as refused:
        submit(sample, who="甲")
    assert {one.id for one in refused.value.findings} == {"L05", "L07", "L28", "L29", "L26", "L31"}
    assert sample.session.stage == "草稿"
    assert len(sample.records) == 1


@pytest.mark.parametrize(
    "text",
    [
        "{id: none, unit: {name: 某局}, year: 2024}",
        "{id: blank, unit: {name: 某局}, year: 2024, department: {set: henan-department-2024}}",
        CLEAN.replace("    funds", "    excluded: 未实施\n    funds"),
    ],
    ids=["nothing", "blank", "excluded"],
)
def test_nothing_filled_in_is_not_handed_in(store: Store, text: str) -> None:
    workspace = create(store, files.loads(text), find, who="甲")
    with pytest.raises(PerfevalError, match="没有可上报的内容"):
        submit(workspace, who="甲")
    assert workspace.session.stage == "草稿"
    assert workspace.session.submissions == ()


def test_handing_in_seals_the_self_part(store: Store, clean: Workspace) -> None:
    head = clean.records[-1].hash
    done = submit(clean, who="乙")
    again = Workspace.open(store, clean.session.id)
    assert (done.number, done.head, done.who) == (1, head, "乙")
    assert done.seal == seal(again.session)
    assert again.session.stage == "已上报"
    assert seal_holds(again.session) is True


def test_an_edit_after_handing_in_voids_the_seal_visibly(clean: Workspace) -> None:
    submit(clean, who="乙")
    fill(clean, "projects/a/funds/t/executed", "9")
    assert seal_holds(clean.session) is False
    clean.undo(who="甲")
    assert seal_holds(clean.session) is True


def test_marks_and_stages_leave_the_seal(clean: Workspace) -> None:
    submit(clean, who="乙")
    move(clean, "复核中", who="丙")
    mark(clean, "projects/a/tier_rates/产出指标", score="45", opinion="少一项", who="丙")
    assert seal_holds(clean.session) is True


def test_lost_points_without_a_reason_matter_only_now(clean: Workspace) -> None:
    fill(clean, "projects/a/tier_rates/产出指标", "90%")
    with pytest.raises(NotReady, match="L08"):
        submit(clean, who="甲")
    fill(clean, "projects/a/deviation_reason", "一项推迟到下年")
    assert submit(clean, who="甲").number == 1


class Interrupted(Workspace):
    """A workspace during whose checks somebody else changes something."""

    other: Workspace | None = None

    def find(self, set_id: str) -> IndicatorSet:
        if self.other is not None:
            other, self.other = self.other, None
            fill(other, "projects/a/goal", "审核时改的")
        return super().find(set_id)


def test_what_changes_during_the_checks_is_not_handed_in(store: Store, clean: Workspace) -> None:
    interrupted = Interrupted.open(store, "clean")
    assert isinstance(interrupted, Interrupted)
    interrupted.other = clean
    with pytest.raises(PerfevalError, match="审核的时候别人又改了内容，没有上报"):
        submit(interrupted, who="甲")
    again = Workspace.open(store, "clean")
    assert (again.session.stage, again.session.submissions) == ("草稿", ())
    assert submit(interrupted, who="甲").seal == seal(interrupted.session)


def test_handing_in_is_no_mere_move(clean: Workspace) -> None:
    with pytest.raises(PerfevalError, match="上报要先审核再锁定"):
        move(clean, "已上报", who="甲")
    assert clean.session.stage == "草稿"


def test_the_stages_follow_each_other(clean: Workspace) -> None:
    with pytest.raises(PerfevalError, match="不能转为“复核中”"):
        move(clean, "复核中", who="丙")
    move(clean, "科室填报", who="甲")
    move(clean, "负责人审签", who="甲")  # 财务审核 skipped
    submit(clean, who="甲")
    move(clean, "复核中", who="丙")
    with pytest.raises(PerfevalError, match="理由"):
        move(clean, "退回修改", who="丙")
    move(clean, "退回修改", who="丙", why="佐证不足")
    assert submit(clean, who="甲").number == 2
    stages = [r.change.new for r in clean.records if r.change.path == "stage"]
    assert stages == ["科室填报", "负责人审签", "已上报", "复核中", "退回修改", "已上报"]


# --- marks -----------------------------------------------------------------------------------


def test_the_verdict_follows_from_the_scores(sample: Workspace) -> None:
    assert mark(sample, "B3", score="1", opinion="可剔除部分", who="丙").verdict == "核增"
    assert mark(sample, "G1", score="10", opinion="没有样本", who="丙").verdict == "核减"
    assert mark(sample, "A1", who="丙").verdict == "认可"
    assert mark(sample, "D1", returned=True, opinion="补材料", who="丙").verdict == "退回修改"
    diff = review_diff(sample.session, "department", sample.find)
    assert (diff.own.total_text, diff.reviewed.total_text) == ("96.40", "87.40")
    assert sorted(open_points(sample.session, sample.scorecard)) == [
        "department/answers/B3",
        "department/rows/D1",
        "department/rows/G1",
    ]


def test_an_accepted_score_does_not_follow_a_figure_changed_later(
    store: Store, sample: Workspace
) -> None:
    mark(sample, "X1", who="丙")
    fill(sample, "department/inputs/全年执行数/value", "838.1")
    again = Workspace.open(store, sample.session.id)
    assert open_points(again.session, again.scorecard) == ["department/answers/X1"]
    diff = review_diff(again.session, "department", again.find)
    assert [(row.code, row.outdated) for row in diff.marked] == [("X1", True)]
    assert (diff.own.total_text, diff.reviewed.total_text) == ("97.55", "96.40")
    sample.undo(who="甲")
    assert open_points(sample.session, sample.scorecard) == []


def test_the_rest_is_accepted_as_one_act_and_taken_back_at_once(sample: Workspace) -> None:
    mark(sample, "department/answers/B3", who="乙", score="1", opinion="据附件")
    answer_mark(sample, "department/answers/B3", accepted=True, who="甲")
    rows = [row.path for row in sample.scorecard.department.indicators]  # type: ignore[union-attr]
    others = [path for path in rows if path != "department/answers/B3"]
    before = len(sample.records)
    assert accept(sample, others, who="乙") == len(others)
    assert len({one.change.group for one in sample.records[before:]}) == 1
    assert {one.verdict for path, one in sample.session.marks.items() if path in others} == {"认可"}
    assert sample.session.marks["department/answers/B3"].verdict == "核增"
    sample.undo(who="乙")
    assert list(sample.session.marks) == ["department/answers/B3"]


def test_accepting_again_ends_the_answer_to_the_mark_before(sample: Workspace) -> None:
    mark(sample, "department/answers/B3", who="乙", score="1", opinion="据附件")
    answer_mark(sample, "department/answers/B3", accepted=True, who="甲")
    assert accept(sample, ["department/answers/B3"], who="乙") == 1
    assert not sample.session.feedback
    with pytest.raises(PerfevalError):
        accept(sample, ["department/answers/没有"], who="乙")


@pytest.mark.parametrize(
    ("path", "score", "opinion", "told"),
    [
        ("Z9", "1", "", "不是一项指标"),
        ("B3", "2.5", "x", "应在 0 与分值 2 之间"),
        ("B3", "二", "x", "不是数值"),
        ("B3", "1", "", "要写明意见"),
    ],
)
def test_a_mark_that_cannot_be_is_refused(
    sample: Workspace, path: str, score: str, opinion: str, told: str
) -> None:
    with pytest.raises(PerfevalError, match=told):
        mark(sample, path, score=score, opinion=opinion, who="丙")
    assert sample.session.marks == {}


def test_a_project_or_the_whole_named_for_a_mark_tells_its_indicators(clean: Workspace) -> None:
    with pytest.raises(PerfevalError, match="有好几项指标，请指明是哪一项") as told:
        mark(clean, "projects/a", score="1", opinion="说明", who="丙")
    named = [line.split()[0] for line in str(told.value).split("\n")[1:]]
    assert "projects/a/tier_rates/产出指标" in named
    for path in named:
        assert mark(clean, path, who="丙").verdict == "认可"


def test_the_unit_answers_a_mark(sample: Workspace) -> None:
    with pytest.raises(PerfevalError, match="还没有复核意见"):
        answer_mark(sample, "G1", accepted=True, who="甲")
    mark(sample, "G1", score="10", opinion="没有样本", who="丙")
    with pytest.raises(PerfevalError, match="理由"):
        answer_mark(sample, "G1", accepted=False, who="甲")
    answer_mark(sample, "G1", accepted=False, reason="有电话回访记录", who="甲")
    assert sample.session.feedback["department/rows/G1"].reason == "有电话回访记录"


def test_an_answer_to_a_mark_goes_when_the_mark_is_made_anew(sample: Workspace) -> None:
    mark(sample, "G1", score="10", opinion="没有样本", who="丙")
    answer_mark(sample, "G1", accepted=False, reason="有电话回访记录", who="甲")
    mark(sample, "G1", score="15", opinion="样本不足", who="丙")
    assert sample.session.feedback == {}
    sample.undo(who="丙")
    assert sample.session.marks["department/rows/G1"].score == "10"
    assert sample.session.feedback["department/rows/G1"].reason == "有电话回访记录"


# --- 核实说明 --------------------------------------------------------------------------------


def test_an_explanation_holds_until_a_number_changes(sample: Workspace) -> None:
    def difference() -> list[tuple[str, bool]]:
        found = run(sample.session, sample.scorecard, sample.find)
        return [(one.message, one.waiver is not None) for one in found if one.id == "L27"]

    finding = next(
        one for one in run(sample.session, sample.scorecard, sample.find) if one.id == "L27"
    )
    assert finding.level is Level.WARNING
    explain(sample, finding, "年底对账前的数", who="甲")
    assert [explained for _, explained in difference()] == [True]
    fill(sample, "department/inputs/全年执行数/value", "742.50")
    ((message, explained),) = difference()
    assert not explained
    assert "年底对账前的数" in message


def test_a_line_of_several_findings_is_explained_at_once_and_undone_at_once(
    sample: Workspace,
) -> None:
    for n in range(5):
        fill(sample, f"department/inputs/数{n}", "1")

    def findings() -> list[Finding]:
        return [one for one in all_findings(sample) if one.id == "L40"]

    (collapsed,) = findings()
    assert len(collapsed.members) == 5
    count = len(sample.records)
    explain(sample, collapsed, "备用的数，不计分", who="甲")
    assert len(sample.session.waivers) == 5
    assert len(sample.records) == count + 1
    assert all(one.waiver for one in findings())
    sample.undo(who="甲")
    assert not sample.session.waivers


def test_two_people_explain_at_the_same_time(store: Store, sample: Workspace) -> None:
    other = Workspace.open(store, sample.session.id)
    by_id = {one.id: one for one in all_findings(sample) if not one.members}
    explain(sample, by_id["L27"], "年底对账前的数", who="甲")
    explain(other, by_id["L05"], "四舍五入所致", who="乙")  # has not seen the first
    assert {one.check: one.who for one in other.session.waivers} == {"L27": "甲", "L05": "乙"}


def test_an_explanation_given_again_replaces_the_one_before(sample: Workspace) -> None:
    def finding() -> Finding:
        return next(one for one in all_findings(sample) if one.id == "L27")

    explain(sample, finding(), "年底对账前的数", who="甲")
    explain(sample, finding(), "对账前的数", who="甲")
    assert [one.reason for one in sample.session.waivers] == ["对账前的数"]
    fill(sample, "department/inputs/全年执行数/value", "742.50")
    assert finding().lapsed is not None
    explain(sample, finding(), "重新说明", who="甲")
    assert [one.reason for one in sample.session.waivers] == ["重新说明"]


# --- pinned sets -----------------------------------------------------------------------------


def changed_set() -> IndicatorSet:
    text = Path("indicator_sets/mof-project-2020.yaml").read_text(encoding="utf-8")
    return loads(text.replace("{name: 优, min: 90}", "{name: 优, min: 95}"), "changed")


def test_upgrading_shows_what_would_change_first(store: Store, clean: Workspace) -> None:
    fill(clean, "projects/a/tier_rates/产出指标", "84%")  # 92 points
    new = changed_set()
    (one,) = upgrades(clean, lambda _: new)
    assert [(d.place, d.old, d.new) for d in one.differences] == [("grades/优/min", "90", "95")]
    assert clean.scorecard.projects[0].result is not None
    assert clean.scorecard.projects[0].result.grade == "优"
    upgrade(clean, lambda _: new, who="甲")
    again = Workspace.open(store, clean.session.id)
    for workspace in (clean, again):
        result = workspace.scorecard.projects[0].result
        assert result is not None
        assert result.grade == "良"
    assert again.verify() == []
    clean.undo(who="甲")
    back = clean.scorecard.projects[0].result
    assert back is not None
    assert back.grade == "优"
