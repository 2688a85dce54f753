"""自评汇总表, project lists, 决算 tables, and blocks off the clipboard."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.exchange.intake.ledger import Verdict
from perfeval.exchange.intake.reading import NothingFound, plan, read_block
from perfeval.indicators.library import find, set_files
from perfeval.samples import sample_text
from perfeval.session.files import loads
from perfeval.session.model import Fund

SUMMARY = [
    ["部门（单位）项目支出自评汇总表"],
    ["部门（单位）名称：某市科协"],
    [
        *(
            "序号",
            "项目名称",
            "全年预算数\n(万元)",
            "执行数\n(万元)",
            "执行率",
            "产出指\n标得分\n率",
        ),
        *("效益指\n标得分\n率", "满意度指\n标得分率", "自评得\n分", "偏差原因"),
    ],
    [1, "科普工作经费", 42.37, 42.37, "100%", "100%", "100%", "100%", 100, None],
    [2, "会市合作", 30, 26.6, "88.67%", "91.9%", "83.33%", "100%", 90.31, "逐步完成"],
    [3, "驻村经费", 3, 2.99, "99.67%", "100%", "100%", "100%", "100%", "节约"],
    ["合计", None, 75.37, 71.96, "95.48%"],
    [
        "经研究，2024年追加项目：第七次代表大会会议经费，因人事调整等原因，此次大会未召开，不参加自评工作。"
    ],
]


def test_the_summary_gives_projects_their_money_and_rates_and_keeps_scores_apart(
    office: Any,
) -> None:
    session = office.handed(office.workbook(SUMMARY)).session
    assert [one.name for _, one in session.evaluated_projects()] == [
        "科普工作经费",
        "会市合作",
        "驻村经费",
    ]
    project = session.projects["p2"]
    assert project.funds["total"].executed == "26.6"
    assert project.tier_rates == {
        "产出指标": "91.9%",
        "效益指标": "83.33%",
        "满意度指标": "100%",
    }
    assert project.deviation_reason == "逐步完成"
    assert session.claimed["projects/p2/score"] == "90.31"
    assert session.claimed["projects/p2/execution_rate"] == "88.67%"
    assert session.claimed["projects/p3/score"] == "100%"
    (excluded,) = [one for one in session.projects.values() if one.excluded]
    assert excluded.name == "第七次代表大会会议经费"
    assert session.unit.name == "某市科协"


def test_the_published_summary_is_wrong_where_it_is_wrong(office: Any) -> None:
    """会市合作: 8.87 + 45.95 + 25.00 + 10 is 89.82, printed 90.31; a score printed 100%."""
    found = office.handed(office.workbook(SUMMARY)).findings
    texts = {(one.id, one.path) for line in found for one in (line.members or (line,))}
    assert ("L28", "projects/p2/score") in texts or ("L07", "projects/p2/score") in texts
    assert any(id == "L29" and "p3" in path for id, path in texts)


def test_two_rows_of_headings_and_a_list_in_yuan(office: Any) -> None:
    rows = [
        ["序号", "项目名称", "预算（元）", "支出（元）", "得分率", None, "自评得分"],
        [None, None, None, None, "产出", "效益", None],
        [1, "甲", 420000, 400000, 0.95, 1, 93],
    ]
    book, page = office.sheet()
    for row in rows:
        page.append(row)
    page.merge_cells("E1:F1")
    page["E3"].number_format = page["F3"].number_format = "0%"
    session = office.handed(office.saved(book)).session
    project = session.projects["p1"]
    assert session.money_unit == "元"
    assert project.tier_rates == {"产出指标": "95%", "效益指标": "100%"}


def test_a_plain_list_updates_what_is_known_and_adds_what_is_not() -> None:
    session = loads(sample_text())
    block = "项目编码\t项目名称\t全年预算数\n\t临时科技馆运转经费\t41\n1001\t新项目\t12.5"
    ledger = plan(session, read_block(block), find)
    after = ledger.applied()
    assert after.projects["p8"].funds["total"].budget == "41"
    assert after.projects["p10"].name == "新项目"
    assert after.projects["p10"].code == "1001"
    overwritten = [one for one in ledger.entries if one.verdict is Verdict.OVERWRITES]
    assert ("projects/p8/funds/total/budget", "40.65", "41") in [
        (one.path, one.old, one.value) for one in overwritten
    ]


BLOCK = "项目编码\t项目名称\t全年预算数\n\t临时科技馆运行经费\t"
SOURCES = {
    "a": Fund(source="其中：当年财政拨款", budget="30万元"),
    "b": Fund(source="上年结转资金", budget="23700元"),
}


@pytest.mark.parametrize(
    ("funds", "amount", "after", "told"),
    [
        # the sum of the sources is what the list has: nothing to change
        (SOURCES, "32.37", {"a": "30万元", "b": "23700元"}, "由各资金来源相加得出"),
        # it is not: no source is overwritten by the total
        (SOURCES, "40", {"a": "30万元", "b": "23700元"}, "合计为 32.37，请改各来源的金额"),
        # the total row is found wherever it stands
        (
            {"a": Fund(source="其中：财政拨款", budget="30"), "t": Fund(budget="32.37")},
            "40",
            {"a": "30", "t": "40"},
            "",
        ),
        ({"x": Fund(source="本年财政拨款", budget="300000元")}, "30", {"x": "300000元"}, ""),
        ({"x": Fund(source="本年财政拨款", budget="300000元")}, "31", {"x": "31"}, ""),
    ],
)
def test_a_list_knows_only_totals_and_overwrites_no_source(
    funds: dict[str, Fund], amount: str, after: dict[str, str], told: str
) -> None:
    session = loads(sample_text())
    project = session.projects["p8"].model_copy(update={"funds": funds, "fund_order": ()})
    session = session.model_copy(update={"projects": {**session.projects, "p8": project}})
    ledger = plan(session, read_block(BLOCK + amount), find)
    found = ledger.applied().projects["p8"].funds
    assert {key: fund.budget for key, fund in found.items()} == after
    (entry,) = [one for one in ledger.entries if one.address == "C2"]
    assert told in entry.reason


def bare(
    office: Any, *rows: list[Any] | list[str], unit: str = "万元"
) -> list[tuple[str, str, str]]:
    """Return what becomes of the amounts of a list of names and amounts: verdict, value, reason."""
    session = loads("{id: s, unit: {name: 某局}, year: 2024, money_unit: " + unit + "}")
    ledger = plan(session, office.reading(office.workbook([*rows])), find)
    taken = [one for one in ledger.entries if one.path.endswith(("budget", "executed"))]
    return [(str(one.verdict), one.value, one.reason) for one in taken]


def test_a_list_of_names_and_amounts_says_what_it_was_read_as(office: Any) -> None:
    rows = ["项目名称", "金额"], ["甲", 12.5], ["乙", None], ["丙", 300], ["合计", 312.5]
    told = "“金额”按全年预算数读，没有写单位，按万元读，请核对"
    assert bare(office, *rows) == [("采用", "12.5", told), ("采用", "300", told)]


@pytest.mark.parametrize(
    ("head", "amount", "value", "told"),
    [
        (["序号", "项目名称", "金额（元）"], 420000, "420000元", "“金额”按全年预算数读，请核对"),
        (["项目名称", "预算数(万元)"], 42, "42", ""),
        (["项目名称", "支出金额"], 42, "42", "没有写单位，按万元读，请核对"),
        (["项目名称", "项目资金"], "42万元", "42万元", "“项目资金”按全年预算数读，请核对"),
    ],
)
def test_what_a_bare_list_states_is_not_assumed(
    office: Any, head: list[str], amount: Any, value: str, told: str
) -> None:
    row = ["甲", amount] if len(head) == 2 else [1, "甲", amount]
    ((verdict, taken, reason),) = bare(office, head, row)
    assert (verdict, taken, reason) == ("采用", value, told)


def test_a_unit_stated_above_a_bare_list_counts(office: Any) -> None:
    rows = ["2024年项目"], ["单位：元"], ["项目名称", "金额"], ["甲", 42000]
    assert bare(office, *rows)[0][:2] == ("采用", "42000元")


@pytest.mark.parametrize(("unit", "amounts"), [("万元", (420000, 35)), ("元", (42.37, 30000))])
def test_one_amount_that_is_no_projects_puts_the_unit_of_all_in_doubt(
    office: Any, unit: str, amounts: tuple[float, float]
) -> None:
    rows: list[list[Any]] = [["项目名称", "金额"], ["甲", amounts[0]], ["乙", amounts[1]]]
    told = [reason for verdict, _, reason in bare(office, *rows, unit=unit) if verdict == "不采用"]
    assert len(told) == 2
    assert all(f"{amounts[0]} 不像一个项目的金额" in one for one in told)
    assert all("请把栏目名写成“金额（" in one for one in told)


@pytest.mark.parametrize(
    "rows",
    [
        [["项目", "金额"], ["甲", 3]],  # 项目 may be an item of an account
        [["甲", 3], ["乙", 4]],
        [["项目名称", "金额"], ["甲", "见附件"]],
        [["项目名称", "金额", "开户行"], ["甲", 3, "某行"]],
    ],
)
def test_what_may_be_another_table_is_refused_with_what_to_add(office: Any, rows: Any) -> None:
    with pytest.raises(NothingFound, match="至少要有“项目名称”和“金额（万元）”或“金额（元）”两栏"):
        office.reading(office.workbook(rows))


@pytest.mark.parametrize(
    "block",
    [
        "产出指标\t数量指标\t培训场次\t≥5场\t6场\t10\t10",
        "数量指标\t培训场次\t≥5场\t6场\t10",
        "二级指标\t三级指标\t年度指标值\t实际完成值\t分值\n数量指标\t培训场次\t≥5场\t6场\t10",
    ],
)
def test_a_pasted_block_proposes_own_rows(block: str) -> None:
    project = "{set: mof-project-2020, name: 培训}"
    session = loads("{id: s, unit: {name: 某局}, year: 2024, projects: {a: " + project + "}}")
    ledger = plan(session, read_block(block), find, into="projects/a")
    (row,) = ledger.applied().projects["a"].rows.values()
    assert (row.group, row.name, row.target) == ("数量指标", "培训场次", "≥5场")
    assert (row.actual, row.points) == ("6场", "10")


def test_a_pasted_block_of_projects() -> None:
    session = loads("{id: s, unit: {name: 某局}, year: 2024}")
    after = plan(session, read_block("甲\t10\t9.5\n乙\t20\t20"), find).applied()
    assert [one.name for one in after.projects.values()] == ["甲", "乙"]
    assert after.projects["p1"].funds["total"].executed == "9.5"


def test_a_block_of_nothing_known_is_refused() -> None:
    with pytest.raises(NothingFound):
        read_block("随便写的一段话")


# --- 部门整体 and 决算 -----------------------------------------------------------------------

DEPARTMENT = [
    ["部门整体支出绩效自评表"],
    ["（2024年度）", None, "单位名称：某市科协"],
    ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
    ["投入管理指标", "预算和财务管理", "预算调整率", "≤10%", "25.51%", 2, 0],
    [None, None, "“三公经费”控制率", "≤100%", "94.62%", 2, 2],
    [None, None, "资产管理规范情况", "规范", "规范", 2, 2],
    ["产出指标", "重点工作任务完成", "重点工作1计划完成率", "100%", "95%", 5, 5],
    ["总分", None, None, None, None, 100, 97.84],
]


def test_the_departments_form_meets_the_set_by_names(office: Any) -> None:
    session = loads("{id: s, unit: {name: 某市科协}, year: 2024}")
    reading = office.reading(office.workbook(DEPARTMENT))
    ledger = plan(session, reading, find, sets=set_files(None))
    after = ledger.applied()
    assert after.department is not None
    assert after.department.set == "henan-department-2024"
    # A rate that a formula gives is what was printed, not the answer.
    assert after.claimed["department/answers/B3/actual"] == "25.51%"
    assert "B3" in after.department.answers
    assert after.department.answers["B3"].actual == ""
    assert after.department.answers["B3"].target == "≤10%"
    assert after.claimed["department/answers/B3/score"] == "0"
    (row,) = after.department.rows.values()
    assert (row.name, row.actual, row.points) == ("重点工作1计划完成率", "95%", "5")
    assert after.claimed["department/total"] == "97.84"


def test_an_unknown_indicator_is_refused_with_the_nearest_name(office: Any) -> None:
    session = loads("{id: s, unit: {name: 某市科协}, year: 2024}")
    ledger = plan(session, office.reading(office.workbook(DEPARTMENT)), find, sets=set_files(None))
    refused = [one for one in ledger.entries if one.verdict is Verdict.REFUSED]
    assert {one.raw for one in refused} >= {"资产管理规范情况"}
    assert all("是否想写“资产管理规范性”？" in one.reason for one in refused)


ACCOUNTS = {
    "01": [
        ["收入支出决算总表"],
        ["公开01表"],
        ["单位：万元"],
        ["项目", "行次", "决算数", "项目", "行次", "决算数"],
        ["栏次", None, 1, "栏次", None, 2],
        ["一、一般公共预算财政拨款收入", 1, 741.64, "六、科学技术支出", 37, 538.43],
        ["本年收入合计", 27, 741.64, "本年支出合计", 58, 741.64],
        ["年初结转和结余", 29, None, "年末结转和结余", 60, 0],
    ],
    "03": [
        ["支出决算表"],
        ["公开03表", None, "单位：万元"],
        ["科目编码", "科目名称", "本年支出合计", "基本支出", "项目支出", "经营支出"],
        ["栏次", None, 1, 2, 3, 4],
        [None, "合计", 741.64, 599.20, 142.44, None],
        ["206", "科学技术支出", 538.43, 398.98, 139.45, None],
    ],
    "06": [
        ["一般公共预算财政拨款基本支出决算明细表"],
        ["公开06表"],
        ["经济分类", "科目名称", "决算数", "经济分类", "科目名称", "决算数"],
        ["301", "工资福利支出", 433.53, "302", "商品和服务支出", 36.28],
        ["人员经费合计", None, 562.92, "公用经费合计", None, 36.28],
    ],
    "09": [
        ["一般公共预算财政拨款“三公”经费支出决算表"],
        ["公开09表"],
        ["预算数", *[None] * 5, "决算数"],
        ["合计", "因公出国（境）费", "小计", "购置费", "运行费", "公务接待费"] * 2,
        list(range(1, 13)),
        [2.6, 0, 2.2, 0, 2.2, 0.4, 2.46, 0, 2.2, 0, 2.2, 0.26],
    ],
}


def test_final_accounts_give_inputs_and_named_figures(office: Any) -> None:
    session = loads(
        "{id: s, unit: {name: 某市科协}, year: 2024, department: {set: henan-department-2024}}"
    )
    tables = [(f"公开{number}表", rows) for number, rows in ACCOUNTS.items()]
    after = plan(session, office.reading(office.workbook(*tables)), find).applied()
    stated = {name: one.value for name, one in after.statements.items()}
    assert stated["决算支出"] == "741.64"
    assert (stated["基本支出决算"], stated["项目支出决算"]) == ("599.2", "142.44")
    assert (stated["人员经费决算"], stated["公用经费决算"]) == ("562.92", "36.28")
    assert after.department is not None
    inputs = after.department.inputs
    assert inputs["“三公”经费预算数"].value == "2.6"
    assert inputs["“三公”经费实际支出数"].value == "2.46"
    assert inputs["“三公”经费实际支出数"].source == "决算公开09表"


def test_accounts_below_one_another_on_one_sheet(office: Any) -> None:
    rows = [row for table in ACCOUNTS.values() for row in [*table, []]]
    session = loads("{id: s, unit: {name: 某市科协}, year: 2024}")
    after = plan(session, office.reading(office.workbook(rows)), find).applied()
    assert after.statements["决算支出"].value == "741.64"
    assert after.statements["“三公”经费预算数"].value == "2.6"
