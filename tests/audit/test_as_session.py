"""A published report becomes a session: every value with its line, printed scores as 填报数."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from perfeval.audit.as_session import Filled, as_session
from perfeval.audit.auditing import examine
from perfeval.audit.readers import read, read_bytes
from perfeval.checks import Level
from perfeval.checks import run as run_checks
from perfeval.cli.app import run
from perfeval.errors import PerfevalError
from perfeval.indicators.library import find, set_files
from perfeval.numbers import Exact
from perfeval.scoring.engine import score_session
from perfeval.scoring.scorecard import Scorecard, Status
from perfeval.session.model import OwnIndicator, Session
from tests.audit import own
from tests.audit.seed import needs_seed, seed_document
from tests.audit.test_forms import FORM


def filled(text: str) -> Filled:
    return as_session(examine(read_bytes(text.encode(), "报告.txt")), "s-1", find, set_files(None))


@cache
def mine() -> Filled:
    return filled(own.text())


def scored(made: Filled) -> tuple[Session, Scorecard]:
    session = made.ledger.applied()
    return session, score_session(session, made.find)


def line_of(text: str, words: str) -> str:
    """The line of the report these words stand on."""
    return next(f"第{n}行" for n, line in enumerate(text.splitlines(), 1) if words in line)


def test_unit_year_and_money() -> None:
    session = mine().ledger.applied()
    assert (session.unit.name, session.year, session.money_unit) == (
        "青石市档案服务中心", 2023, "万元",
    )  # fmt: skip
    assert (session.id, session.source) == ("s-1", "报告.txt")


def test_the_inputs_are_what_the_report_says_and_where() -> None:
    """Of the two 全年预算数 the one that everything else fits is taken; the other is 填报数."""
    session = mine().ledger.applied()
    assert session.department is not None
    line = line_of(own.text(), "经年中调整")
    again = line_of(own.text(), "2021年我单位")
    left = line_of(own.text(), "年底结余")
    assert {k: (v.value, v.source) for k, v in session.department.inputs.items()} == {
        "年初预算数": ("597.08", f"报告.txt {line}"),
        "年中调整数": ("3.32", f"报告.txt {line}"),
        "全年预算数": ("600.40", f"报告.txt {again}"),
        "全年执行数": ("552.38", f"报告.txt {line}"),
        "结转结余总额": ("0", f"报告.txt {left}"),
    }
    assert session.claimed["department/inputs/全年预算数"] == "604.00"


def test_the_indicators_are_the_reports_own_with_its_points() -> None:
    """No known set has these indicators, so one is made of what is printed."""
    session, card = scored(mine())
    assert session.department is not None
    rows = [(r.group, r.name, r.points, r.actual, r.manual_score) for _, r in in_order(session)]
    assert rows == [
        ("投入管理指标", "目标相关性", "2", "", "2.0"),
        ("投入管理指标", "任务科学性", "3", "", "3.0"),
        ("投入管理指标", "编制完整性", "5", "", "5.0"),
        ("投入管理指标", "资产规范性", "5", "", "5.0"),
        ("产出指标", "重点工作完成情况", "25", "", "24.0"),
        ("产出指标", "履职目标实现率", "15", "95%", "15.0"),
        ("效益指标", "服务对象满意度", "20", "", "20.0"),
        ("效益指标", "公众知晓情况", "15", "", "14.5"),
    ]
    reason = next(row.manual_reason for _, row in in_order(session))
    assert (
        reason
        == f"报告自评得 2.0 分（报告.txt {line_of(own.text(), '目标相关性')}），没有写出计分依据"
    )
    assert card.department is not None
    points = {tier.name: tier.points for tier in card.department.tiers}
    assert points == {"预算执行情况": 10, "投入管理指标": 15, "产出指标": 40, "效益指标": 35}


def in_order(session: Session) -> list[tuple[str, OwnIndicator]]:
    assert session.department is not None
    return [(key, session.department.rows[key]) for key in session.department.row_order]


def test_it_scores_to_what_the_report_should_have_said() -> None:
    _, card = scored(mine())
    assert card.department is not None
    assert card.department.total == Exact(9770, 100)
    assert [(t.name, t.score) for t in card.department.tiers] == [
        ("预算执行情况", Exact(920, 100)), ("投入管理指标", 15), ("产出指标", 39),
        ("效益指标", Exact(345, 10)),
    ]  # fmt: skip
    totals = [one.result.total for one in card.projects if one.result]
    assert totals == [Exact(9217, 100), 86, Exact(8704, 100), Exact(9035, 100)]


def test_printed_scores_and_rates_are_claimed() -> None:
    claimed = mine().ledger.applied().claimed
    assert {k: v for k, v in claimed.items() if "/rows/" not in k and "/answers/" not in k} == {
        "department/total": "97.52",
        "department/rate": "97.52%",
        "department/grade": "优",
        "department/inputs/全年预算数": "604.00",
        "department/tiers/预算执行情况/score": "9.02",
        "department/tiers/预算执行情况/rate": "92.00%",
        "department/tiers/投入管理指标/score": "15.00",
        "department/tiers/投入管理指标/rate": "100.00%",
        "department/tiers/产出指标/score": "39.00",
        "department/tiers/产出指标/rate": "97.50%",
        "department/tiers/效益指标/score": "34.50",
        "department/tiers/效益指标/rate": "98.57%",
        "projects/p1/execution_rate": "75.00%",
        "projects/p1/score": "92.71",
        "projects/p2/execution_rate": "66.00%",
        "projects/p2/score": "86.00%",
        "projects/p3/execution_rate": "68.00%",
        "projects/p3/score": "87.04",
        "projects/p4/execution_rate": "73.00%",
        "projects/p4/score": "90.35",
    }
    scores = {k.rsplit("/", 2)[1]: v for k, v in claimed.items() if k.startswith("department/rows")}
    assert scores["r5"] == "24.0"
    assert claimed["department/answers/X1/score"] == "9.02"


def test_projects_with_money_rates_reasons_and_other_names() -> None:
    projects = [one for _, one in mine().ledger.applied().ordered_projects()]
    assert [(p.name, p.funds["total"].budget, p.funds["total"].executed) for p in projects] == [
        ("馆藏档案数字化加工项目", "161.17", "120.87"),
        ("革命文物保护利用专项", "63.66", "42.02"),
        ("市博物馆免费开放补助", "20.85", "14.18"),
        ("档案库房消防改建", "12.95", "9.45"),
    ]
    assert projects[0].tier_rates == {
        "产出指标": "95.17%", "效益指标": "92.60%", "满意度指标": "93.04%",
    }  # fmt: skip
    assert projects[3].also_named == ("档案库房消防改造",)
    assert projects[1].deviation_reason == "修缮方案两次调整"


def test_the_accounts_are_named_figures() -> None:
    stated = mine().ledger.applied().statements
    assert (stated["决算支出"].value, stated["决算支出"].source) == (
        "552.36", f"报告.txt {line_of(own.text(), '本年收入合计	8')} 第6列",
    )  # fmt: skip
    assert stated["自评项目数"].value == "4"
    assert stated["自评资金"].value == "258.63"
    assert stated["有可能实现目标的项目数"].value == "2"


def test_every_change_says_the_line_it_is_from() -> None:
    changes = mine().ledger.changes(who="甲", why="导入 报告.txt")
    assert {one.kind for one in changes} == {"import"}
    assert len({one.group for one in changes}) == 1
    why = {one.path: one.why for one in changes}
    assert why["claimed/department~1total"].endswith("第286行 第6列")
    assert why["projects/p1"].startswith("导入 报告.txt 第270行 第")
    assert all("行" in told for path, told in why.items() if not path.endswith("order"))


def test_the_checks_find_what_the_report_got_wrong() -> None:
    session, card = scored(mine())
    made = mine()
    errors = [f for f in run_checks(session, card, made.find) if f.level is Level.ERROR]
    assert [(one.id, one.claimed, one.expected) for one in errors] == [
        ("L05", "9.02", "9.20"),
        ("L07", "97.52", "97.70"),
        ("L28", "92.71", "92.17"),
        ("L08", "", ""),
        ("L29", "86.00%", "86"),
        ("L26", "604.00", "600.40"),
        ("L31", "5", "4"),
    ]


@pytest.mark.parametrize("make", [own.as_word, own.as_page, own.as_workbook])
def test_another_kind_of_file_makes_the_same_session(make: Callable[[str], bytes]) -> None:
    """A workbook holds the tables only, so of it the projects and the accounts."""
    document = read_bytes(make(own.text()), "报告")
    other = as_session(examine(document), "s-1", find, set_files(None)).ledger.applied()
    session = mine().ledger.applied()
    assert values(other, "projects") == values(session, "projects")
    assert {k: v.value for k, v in other.statements.items()}.items() >= {
        k: v.value for k, v in session.statements.items() if k.endswith("决算")
    }.items()
    if make is not own.as_workbook:
        assert values(other, "department") == values(session, "department")
        assert other.claimed == session.claimed


def values(session: Session, part: str) -> object:
    """What was filled in, without the places it is from."""
    kept = session.model_dump(include={part})
    texts = json.dumps(kept, ensure_ascii=False)
    return re.sub(r'"(source|manual_reason|also_named)": ("[^"]*"|\[[^]]*\])', "", texts)


def test_a_corrected_report_has_no_arithmetic_error() -> None:
    made = filled(own.corrected())
    session, card = scored(made)
    assert [f.message for f in run_checks(session, card, made.find) if f.level is Level.ERROR] == []


def test_a_form_in_a_report_becomes_a_project_with_rows() -> None:
    session, card = scored(filled(FORM))
    ((key, project),) = session.projects.items()
    assert (project.name, [row.name for _, row in project.rows_of("数量指标")]) == (
        "河道清淤专项经费", ["清淤河段长度"],
    )  # fmt: skip
    assert session.claimed[f"projects/{key}/score"] == "96.17"
    (line,) = card.projects
    assert line.result is not None
    assert line.result.total == Exact(9617, 100)


def test_points_that_cannot_make_100_leave_the_department_out() -> None:
    """The projects and the money are there; what was left out is said."""
    wrong = own.text().replace("指标25分，得24.0分", "指标35分，得24.0分")
    made = filled(wrong.replace("权重\t10\t15\t40", "权重\t10\t15\t50"))
    session, card = scored(made)
    assert made.ledger.notes == ["部门整体没有建立：报告印出的各指标分值合不成 100 分，请核对权重"]
    assert session.department is None
    assert len(card.projects) == 4


def test_an_indicator_the_text_leaves_out_keeps_its_points() -> None:
    """得分情况表 gives the 一级 their points; where it does not, what is left to 100 is a row."""
    line = "②公众知晓情况，指标15分，得14.5分。"
    _, card = scored(filled(own.text().replace(line, "")))
    assert card.department is not None
    assert [tier.points for tier in card.department.tiers] == [10, 15, 40, 35]
    _, card = scored(filled(own.text().replace(line, "").replace("40\t35\t100", "40\t\t100")))
    assert card.department is not None
    last = card.department.tiers[-1]
    assert (last.name, last.points) == ("报告没有列出的指标", Exact(15))


def test_a_report_without_a_self_evaluation_makes_no_session() -> None:
    with pytest.raises(PerfevalError, match="建不成自评任务"):
        filled("2023年度支出合计100.00万元。")


# --- the verb --------------------------------------------------------------------------------


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = run(list(arguments))
    said = capsys.readouterr()
    return code, said.out + said.err


def test_the_verb_saves_it_once_and_all_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "报告.txt"
    report.write_text(own.text(), encoding="utf-8")
    code, out = told(capsys, "audit", str(report), "--to-session", "auto", "--as", "甲")
    assert code == 1
    assert "已按报告建立自评任务 qssdafwzx-2023" in out
    _, out = told(capsys, "score", "qssdafwzx-2023")
    assert "97.70" in out
    _, out = told(capsys, "history", "qssdafwzx-2023")
    assert "9.02（导入 报告.txt 第286行 第2列）" in out
    assert told(capsys, "verify", "qssdafwzx-2023")[0] == 0
    _, out = told(capsys, "sessions", "upgrade", "qssdafwzx-2023")
    assert "固定的指标体系与现在的相同" in out  # nobody else has the set made for it
    _, out = told(capsys, "audit", str(report), "--to-session", "qssdafwzx-2023")
    assert "qssdafwzx-2023" in out
    assert "已有" in out or "已存在" in out
    told(capsys, "undo", "qssdafwzx-2023")
    _, out = told(capsys, "score", "qssdafwzx-2023", "--json")
    assert json.loads(out)["projects"] == []


# --- the user's document ---------------------------------------------------------------------


@needs_seed
def test_the_users_document() -> None:
    """97.84 was printed; by the report's own numbers it is 96.85, and 90.31 is 89.82."""
    path = seed_document()
    assert path is not None
    made = as_session(examine(read(path)), "s-1", find, set_files(None))
    session, card = scored(made)
    assert session.department is not None
    assert session.department.set == "henan-department-2024"
    assert card.department is not None
    assert card.department.indicator("X1").score == Exact(885, 100)
    assert card.department.total == Exact(9685, 100)
    assert session.claimed["department/total"] == "97.84"
    values = {k: one.value for k, one in session.department.inputs.items()}
    assert values["全年预算数"] == "838.1"
    assert session.claimed["department/inputs/全年预算数"] == "837.1"
    manual = [r.name for r in card.department.indicators if r.status is Status.MANUAL]
    assert "年度履职目标相关性" in manual
    assert "预算执行率" not in manual
    totals = [one.result.total for one in card.projects if one.result]
    assert totals == [100, 100, 100, 94, 100, Exact(8982, 100), Exact(9997, 100), 100]
    assert "大会未召开" in next(p.excluded for p in session.projects.values() if p.excluded)
    errors = [f for f in run_checks(session, card, made.find) if f.level is Level.ERROR]
    assert [(one.id, one.claimed, one.expected) for one in errors] == [
        ("L05", "9.84", "8.85"),
        ("L07", "97.84", "96.85"),
        ("L28", "90.31", "89.82"),
        ("L29", "100%", "100"),
        ("L26", "837.1", "838.10"),
        ("L31", "16", "8"),
    ]
