"""Which fields there are, what is said of a text in one, what is offered: plain values."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from perfeval.indicators.library import find
from perfeval.numbers import Exact, exact
from perfeval.scoring.engine import score_session
from perfeval.session.change import apply
from perfeval.session.model import Evaluation, InputValue, OwnIndicator, Session
from perfeval.session.starting import with_starter_rows
from perfeval.tui import claimed_fields, edits, outline
from perfeval.tui.fields import (
    Field,
    Kind,
    Proposal,
    normalised,
    problem_with,
    proposal_for,
    reading_of,
    refused,
    remark,
    stored,
)
from perfeval.tui.folding import folded
from perfeval.tui.paste import block, plan
from perfeval.tui.place_view import place_view
from perfeval.tui.proposals import input_proposals
from perfeval.tui.sheet_view import form_sheet, locked
from perfeval.tui.shown import Shown

MONEY = Field("x", "全年预算数", Kind.FIGURE, unit="万元")
RATE = Field("x", "年度指标值", Kind.TARGET, unit="%")


def shown(session: Session, prefix: str = "department") -> Shown:
    """An evaluation of a session, scored."""
    result = dict(score_session(session, find).results)[prefix]
    evaluation = edits.evaluation_at(session, prefix)
    return Shown(session, prefix, evaluation, find(evaluation.set), result)


def empty_session() -> Session:
    """A new session of the department with the rows its set proposes."""
    session = Session.model_validate({"id": "lx", "unit": {"name": "某局"}, "year": 2024})
    department = Evaluation(set="henan-department-2024")
    return with_starter_rows(session.model_copy(update={"department": department}), find)


def fields_at(view: Shown, place: str) -> dict[str, Field]:
    """The fields of a place by their labels, without what a report says of the same (填报数)."""
    sections = (
        one for one in place_view(view, place).sections if one.title != claimed_fields.TITLE
    )
    return {field.label: field for section in sections for field in section.fields}


# --- what is typed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stands"),
    [
        ("８５．５", "85.5"),
        ("85。5", "85.5"),
        ("１，２００", "1,200"),
        ("－3", "-3"),
        ("9８％", "98%"),
    ],
)
def test_a_figure_stands_in_plain_width(typed: str, stands: str) -> None:
    assert normalised(MONEY, typed) == stands
    assert not refused(MONEY, stands)


@pytest.mark.parametrize(
    ("text", "signs"), [("1e3", "e"), ("1_0", "_"), ("12a", ""), ("=1+1", "="), ("200余人", "")]
)
def test_signs_that_no_figure_has_are_refused(text: str, signs: str) -> None:
    assert refused(MONEY, text) == signs


def test_a_figure_that_cannot_be_read_is_told_with_what_to_do() -> None:
    assert problem_with(MONEY, "200余") == "“200余”不是数值，如按 200 计，请直接填 200"
    assert problem_with(MONEY, "2项") == "“2项”的单位是项，这里应填万元"
    assert not problem_with(MONEY, "8381000元")
    inside = Field("x", "档内得分", Kind.FIGURE, unit="分", least=Exact(12), most=Exact(15))
    assert problem_with(inside, "11.9") == "不能低于 12"
    assert problem_with(inside, "16") == "不能高于 15"


def test_how_a_text_is_read_is_said() -> None:
    assert reading_of(RATE, "<=10%", 2024) == "读作：不超过 10%"
    assert reading_of(RATE, "12月底前", 2024) == "读作：不晚于 2024年12月31日"
    assert reading_of(MONEY, "8381000元", 2024) == "读作：838.1 万元"


def test_what_nearly_is_a_figure_is_offered_as_one() -> None:
    people = Field("x", "受益人数", Kind.FIGURE, unit="人")
    offer = proposal_for(people, "200余人")
    assert offer is not None
    assert offer.text == "200"
    told = remark(people, "200余人", 2024, focused=True)
    assert told.wrong
    assert "建议 200" in told.text
    assert "Ctrl+A" in told.text


def test_an_offer_of_the_session_is_said_while_the_field_is_empty() -> None:
    field = Field("x", "年中调整数", Kind.FIGURE, proposal=Proposal("170.33", "全年减年初"))
    assert remark(field, "", 2024, focused=False).text == "建议 170.33"
    assert "全年减年初" in remark(field, "", 2024, focused=True).text
    assert proposal_for(field, "170.33") is None


def test_what_is_saved_is_what_the_session_holds() -> None:
    element = Field("department/answers/A1/elements/甲", "甲", Kind.ELEMENT)
    assert [stored(element, text) for text in ("是", "否", "")] == [True, False, None]
    origins = Field("projects/p1/fund_origins", "资金来源类别", Kind.TEXT)
    assert stored(origins, "年初、追加") == ["年初", "追加"]
    assert stored(Field("projects/p1/tier_rates/产出指标", "得分率", Kind.FIGURE), " ") is None
    scheme = Field(
        "projects/p1/weight_scheme", "权重方案", Kind.CHOICE, options=("甲", "乙"), codes=("", "b")
    )
    assert stored(scheme, "乙") == "b"


def test_long_labels_break_between_any_two_characters() -> None:
    assert folded("已细化到具体市县和承担单位的资金数", 16) == [
        "已细化到具体市县", "和承担单位的资金", "数",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("得分填报 9.84，应为 8.85", 14, ["得分填报", "9.84，应为", "8.85"]),
        ("得分填报9.84，应为8.85", 14, ["得分填报9.84，", "应为8.85"]),
        ("不超过得满分，超过不得分", 12, ["不超过得满", "分，超过不得", "分"]),
        ("甲\n乙丙", 4, ["甲", "乙丙"]),
        ("x" * 9, 4, ["xxxx", "xxxx", "x"]),
    ],
)
def test_figures_stay_whole_and_no_line_begins_with_a_comma(
    text: str, width: int, lines: list[str]
) -> None:
    assert folded(text, width) == lines


def test_later_lines_hang() -> None:
    assert folded("4 规则 不超过得满分", 10, hang=2) == ["4 规则 不", "  超过得满", "  分"]
    assert folded("说明在这里", 10, first=6, hang=4) == ["说明", "    在这里"]


# --- which fields ----------------------------------------------------------------------------


def test_an_indicator_shows_what_it_needs_and_nothing_else(sample: Session) -> None:
    view = shown(sample)
    rate = fields_at(view, "department/answers/B3")
    assert list(rate)[:5] == [
        "全年预算数",
        "年初预算数",
        "可剔除调整数",
        "年度指标值",
        "实际完成值",
    ]
    assert rate["全年预算数"].note == "用于3项"
    assert rate["可剔除调整数"].empty == "空着按 0"
    assert not rate["可剔除调整数"].must
    assert rate["实际完成值"].kind is Kind.SHOWN
    assert rate["实际完成值"].value == "25.51%"
    assert rate["偏差原因"].waits  # 0 of 2 points
    checklist = fields_at(view, "department/answers/A1")
    assert [f.kind for f in checklist.values()].count(Kind.ELEMENT) == 4
    assert "实际完成值" not in checklist
    assert not checklist["偏差原因"].must
    assert "分子" in fields_at(view, "department/rows/D1")


def test_a_level_bounds_its_score(sample: Session) -> None:
    judged = edits.changes(
        sample,
        [("department/rows/F1/level", "达成年度指标"), ("department/rows/F1/manual_score", "")],
        who="",
    )
    for change in judged:
        sample = apply(sample, change)
    field = fields_at(shown(sample), "department/rows/F1")["档内得分"]
    assert (field.least, field.most) == (Exact(12), Exact(15))
    assert field.proposal is not None
    assert field.proposal.text == "15"


def test_not_applicable_leaves_only_its_reason(sample: Session) -> None:
    [change] = edits.changes(sample, [("department/answers/B6/not_applicable", "无采购")], who="")
    view = shown(apply(sample, change))
    assert list(fields_at(view, "department/answers/B6")) == ["不适用", "佐证材料"]


def test_two_of_three_propose_the_third() -> None:
    session = empty_session()
    assert session.department is not None
    inputs = {"年初预算数": InputValue(value="667.77"), "全年预算数": InputValue(value="838.1")}
    department = session.department.model_copy(update={"inputs": inputs})
    view = shown(session.model_copy(update={"department": department}))
    offers = input_proposals(view)
    assert offers["年中调整数"].text == "170.33"
    assert "结转结余总额" not in offers  # two are missing there


def test_counts_of_the_project_list_are_offered(sample: Session) -> None:
    assert sample.department is not None
    bare = sample.department.model_copy(update={"inputs": {}})
    view = shown(sample.model_copy(update={"department": bare}))
    offers = input_proposals(view)
    assert offers["部门项目总数"].text == "9"
    assert offers["已完成自评项目数量"].text == "8"


# --- the tree --------------------------------------------------------------------------------


def test_scores_stand_in_one_column_at_every_depth(sample: Session) -> None:
    view = shown(sample)
    nodes = outline.outline("department", view.evaluation, view.set, view.result, set())
    lines = [" " * (2 * node.depth + 2) + node.line(40, 2 * node.depth + 2) for node in nodes]
    assert {cell_len(line) for line in lines} == {40}
    assert [node.name for node in nodes][:2] == ["基础数据", "预算执行情况"]
    assert nodes[0].score == "19/23"


def test_a_mark_is_a_word(sample: Session) -> None:
    view = shown(sample)
    nodes = outline.outline(
        "department", view.evaluation, view.set, view.result, {"department/answers/B3/target"}
    )
    marks = {node.place.rsplit("/", 1)[-1]: node.mark for node in nodes}
    assert (marks["B3"], marks["B2"], marks["B10"], marks["A1"]) == (
        "问题",
        "未证实",
        "人工",
        "已评",
    )


def counted(view: Shown) -> tuple[int, int]:
    """How many indicators have their answer, as the banner says it."""
    return outline.counted(view.evaluation, view.set, view.result)


def test_27_of_27_are_counted(sample: Session) -> None:
    assert counted(shown(sample)) == (27, 27)


def test_a_tier_that_waits_for_its_rate_is_counted(sample: Session) -> None:
    """预算执行率 and three tiers, of which one has no 得分率: 3/4, not 3/3."""
    assert counted(shown(sample, "projects/p1")) == (4, 4)
    rates = dict(sample.projects["p1"].tier_rates)
    del rates["产出指标"]
    bare = sample.projects["p1"].model_copy(update={"tier_rates": rates})
    view = shown(sample.model_copy(update={"projects": {"p1": bare}}), "projects/p1")
    assert counted(view) == (3, 4)


def test_a_lone_dash_is_nothing_entered(sample: Session) -> None:
    """Forms print a dash where nothing is: 19 of 23 figures are entered, then 18."""
    before = shown(sample)
    assert outline.entered(before.evaluation, before.set) == (19, 23)
    [change] = edits.changes(sample, [("department/inputs/全年执行数/value", "—")], who="")
    view = shown(apply(sample, change))
    assert outline.entered(view.evaluation, view.set) == (18, 23)
    field = fields_at(view, "department/answers/X1")["全年执行数"]
    assert field.waits
    assert remark(field, field.value, 2024, focused=False).text == "按未填计；没有发生的请填 0"


def test_a_carry_over_below_0_is_not_offered() -> None:
    """More was spent than budgeted: one of the two is wrong, and no 结转结余 makes it right. A
    budget that was cut is real.
    """

    def offers(**figures: str) -> dict[str, str]:
        session = empty_session()
        assert session.department is not None
        inputs = {name: InputValue(value=text) for name, text in figures.items()}
        department = session.department.model_copy(update={"inputs": inputs})
        view = shown(session.model_copy(update={"department": department}))
        return {name: one.text for name, one in input_proposals(view).items()}

    more = offers(全年预算数="838.10", 全年执行数="841.99", 财政收回数="0")
    assert "结转结余总额" not in more
    less = offers(全年预算数="838.10", 全年执行数="741.99", 财政收回数="0")
    assert less["结转结余总额"] == "96.11"
    assert offers(年初预算数="838.10", 全年预算数="667.77")["年中调整数"] == "-170.33"


def test_a_project_shows_groups_it_has_no_rows_in_yet(sample: Session) -> None:
    bare = sample.projects["p1"].model_copy(update={"tier_rates": {}})
    view = shown(sample.model_copy(update={"projects": {"p1": bare}}), "projects/p1")
    nodes = outline.outline("projects/p1", view.evaluation, view.set, view.result, set())
    assert "数量指标" in [node.name for node in nodes]
    rate = fields_at(view, "projects/p1#产出指标")["得分率"]
    assert rate.path == "projects/p1/tier_rates/产出指标"


# --- acts on rows ----------------------------------------------------------------------------


def test_equal_points_add_up() -> None:
    assert edits.shared_points(exact("10"), 3) == ["3.34", "3.33", "3.33"]
    assert edits.shared_points(exact("15"), 5) == ["3"] * 5
    assert edits.shared_points(exact("1"), 0) == []


def test_what_rows_leave_over_is_told(sample: Session) -> None:
    view = shown(sample)
    assert place_view(view, "department#产出指标#重点工作任务完成").state.endswith("剩余分值 0")
    [change] = edits.changes(sample, [("department/rows/D1/points", "7")], who="")
    over = shown(apply(sample, change))
    assert place_view(over, "department#产出指标#重点工作任务完成").state.endswith("超出 2 分")


def test_a_removed_row_takes_its_place_in_the_order_along(sample: Session) -> None:
    for change in edits.changes(sample, edits.remove_row(sample, "department", "D2"), who=""):
        sample = apply(sample, change)
    assert sample.department is not None
    assert "D2" not in sample.department.rows
    assert "D2" not in sample.department.row_order
    assert edits.next_key(sample.department, "重点工作任务完成") == "D2"


def test_a_row_moves_inside_its_group_only(sample: Session) -> None:
    assert sample.department is not None
    assert edits.move_row(sample.department, "department", "D1", -1) == []
    [(path, order)] = edits.move_row(sample.department, "department", "D1", 1)
    assert path == "department/row_order"
    assert order[:3] == ["D2", "D1", "D3"]


# --- pasting ---------------------------------------------------------------------------------


def test_a_block_is_read_as_spreadsheets_write_it() -> None:
    assert block('名称\t分值\r\n"第一行\n第二行"\t5\r\n\r\n') == [
        ["名称", "分值"],
        ["第一行 第二行", "5"],
    ]


def pasted(session: Session, text: str, at: tuple[int, int]) -> tuple[Session, str]:
    """The session after a paste into the 自评表, and what was said of it."""
    view = shown(session)
    sheet = form_sheet(view)
    made = plan(view, sheet, at, text)
    for change in edits.changes(session, made.edits, who="", kind="import"):
        session = apply(session, change)
    return session, made.summary


def line_of(session: Session, key: str) -> int:
    """The line of the 自评表 with a key."""
    view = shown(session)
    sheet = form_sheet(view)
    return [row.key for row in sheet.rows].index(key)


def test_rows_are_added_to_the_group_and_known_ones_changed(sample: Session) -> None:
    text = "三级指标\t分值\t年度指标值\t实际完成值\n"
    text += "重点工作1计划完成率\t5\t100%\t97%\n新的工作\t2\t≥3场\t4"
    after, told = pasted(sample, text, (line_of(sample, "+重点工作任务完成"), 2))
    assert told == "新增 1 行，修改 1 行"
    assert after.department is not None
    assert after.department.rows["D1"].actual == "97%"
    new = after.department.rows["D4"]
    assert new == OwnIndicator(
        group="重点工作任务完成", name="新的工作", points="2", target="≥3场", actual="4"
    )
    assert after.department.row_order[-1] == "D4"


def test_a_column_fills_downward_from_the_cursor(sample: Session) -> None:
    after, told = pasted(sample, "96%\n97%\n98%", (line_of(sample, "department/rows/D1"), 5))
    assert told == "修改 3 行"
    assert after.department is not None
    assert [after.department.rows[key].actual for key in ("D1", "D2", "D3")] == [
        "96%",
        "97%",
        "98%",
    ]


def test_what_a_formula_computes_is_not_pasted_over(sample: Session) -> None:
    _, told = pasted(sample, "三级指标\t实际完成值\n预算执行率\t99%\n没有的指标\t1", (0, 3))
    assert told == "不用 2 行"


def test_a_pasted_score_is_kept_as_what_the_unit_says(sample: Session) -> None:
    after, _ = pasted(sample, "三级指标\t实际完成值\t得分\n重点工作1计划完成率\t97%\t4.9", (0, 3))
    assert after.claimed["department/rows/D1/score"] == "4.9"


def test_cells_of_another_office_are_only_looked_at(sample: Session) -> None:
    view = form_sheet(shown(sample))
    mine = locked(view, lambda path: path.startswith("department/rows/D1/"))
    open_cells = {
        cell.path
        for row in mine.rows
        for cell in row.cells
        if isinstance(cell, Field) and not cell.read_only
    }
    assert open_cells == {
        f"department/rows/D1/{name}"
        for name in ("name", "points", "target", "actual", "deviation_reason")
    }
