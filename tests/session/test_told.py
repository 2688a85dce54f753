"""修改记录 as sentences: every kind of change says what was done to what, in the office's words."""

from __future__ import annotations

import re

import pytest

from perfeval.indicators.library import find
from perfeval.session.change import Change, apply, edit
from perfeval.session.model import Session
from perfeval.session.told import principal, told
from tests.session.test_labels import FILE, MARK, SAMPLE, USED, leaves, used

B3 = "部门整体 · B3 预算调整率"
ROW = {"group": "产出数量", "name": "培训场次", "points": "5"}
AT_B3 = "department/answers/B3"


def sentence(path: str, old: object, new: object, *, kind: str = "edit") -> str:
    change = Change(kind=kind, path=path, old=old, new=new, who="甲")
    return told(used(), find, change, whole=True)


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (f"{AT_B3}/target", "<=10%", "<=15%", f"{B3} · 年度指标值：<=10% -> <=15%"),
        (f"{AT_B3}/deviation_reason", "", "追加\n经费", f"{B3} · 偏差原因：（空） -> 追加 经费"),
        (f"{AT_B3}/not_applicable", "", "无此项", f"{B3}按不适用处理：无此项"),
        (f"{AT_B3}/not_applicable", "无此项", "", f"{B3}恢复计分"),
        ("stage", "草稿", "已上报", "阶段由“草稿”转为“已上报”"),
        (
            "submissions", [], [{"number": 1, "seal": "b" * 64, "head": "c" * 64}],
            f"第 1 次上报，上报锁定 {'b' * 16}",
        ),
        (
            "marks/department~1answers~1B3", None, MARK,
            f"复核核减为 1 分：{B3}，意见：据附件",
        ),
        (
            "marks/department~1answers~1B3", {"verdict": "认可", "score": "2"},
            {"verdict": "退回修改", "score": "2", "opinion": "补批文"},
            f"复核退回修改 2 分：{B3}，意见：补批文（此前认可 2 分）",
        ),
        (
            "marks/department~1answers~1B3", MARK, None,
            f"取消复核：{B3}，此前核减为 1 分",
        ),
        (
            "feedback/department~1answers~1B3", None, {"accepted": False, "reason": "有批复"},
            f"反馈意见不采纳：{B3}，理由：有批复",
        ),
        (
            "waivers", [], [{"check": "L27", "path": "department", "reason": "时点不同"}],
            "写核实说明（L27 部门整体）：时点不同",
        ),
        (
            "waivers", [{"check": "L27", "path": "department", "reason": "时点不同"}], None,
            "取消核实说明（L27 部门整体）：时点不同",
        ),
        ("evidence/abc", None, FILE | {"paths": [AT_B3]}, f"附上佐证材料 B3-1 批文.pdf：{B3}"),
        ("evidence/abc", FILE | {"paths": [AT_B3]}, None, f"取下佐证材料 B3-1 批文.pdf：{B3}"),
        (
            "evidence/abc/paths", [AT_B3], [AT_B3, "projects/p1"],
            "佐证材料 B3-1 批文.pdf 也附于 科普工作经费",
        ),
        ("evidence/abc/page", "", "3", "佐证材料 · B3-1 批文.pdf · 页：（空） -> 3"),
        (f"{AT_B3}/evidence", [], ["abc"], f"{B3} 所列佐证材料：增加 B3-1 批文.pdf"),
        ("department/rows/D9", None, ROW, "部门整体 · 增加个性指标“培训场次”（5 分）"),
        ("department/rows/D9", ROW, None, "部门整体 · 删除个性指标“培训场次”（5 分）"),
        ("projects/p99", None, {"name": "新项目", "set": "x"}, "增加项目“新项目”"),
        ("projects/p99", {"name": "旧项目", "set": "x"}, None, "删除项目“旧项目”"),
        ("projects/p1/excluded", "", "年中取消", "科普工作经费不参加自评：年中取消"),
        ("projects/p1/excluded", "年中取消", "", "科普工作经费恢复参加自评"),
        (
            "projects/p1/funds/f9", None, {"source": "财政拨款", "budget": "30"},
            "科普工作经费 · 增加资金来源“财政拨款”",
        ),
        ("department/inputs/年初预算数", None, {"value": "838.1", "source": "决算表"},
         "部门整体 · 基础数据 · 年初预算数：（空） -> 838.1、决算表"),
        ("pinned/henan-department-2024", "d" * 64, "e" * 64,
         "更新指标体系《部门整体支出绩效自评指标体系（河南）》，"
         f"校验码 {'d' * 16} -> {'e' * 16}"),
        ("department/set", "x", "henan-department-2024",
         "部门整体改用指标体系《部门整体支出绩效自评指标体系（河南）》"),
        ("sent/财务科", None, {"head": "e" * 64}, "分发给“财务科”"),
        ("sent/财务科/returned", "", "e" * 64, "收回“财务科”交回的部分"),
        (
            "remedies/department~1answers~1B3~1扣分", None,
            {"problem": "超", "measure": "编细年初预算", "due": "2025年底", "state": "整改中"},
            f"整改 · {B3} · 扣分：（空） -> 整改中，编细年初预算，2025年底",
        ),
        ("texts/主要职责", "", "科普工作", "报告文字 · 主要职责：（空） -> 科普工作"),
        ("claimed/department~1total", "97.39", "96.4", "填报数 · 部门整体 · 总分：97.39 -> 96.4"),
    ],
)  # fmt: skip
def test_a_change_is_a_sentence(path: str, old: object, new: object, said: str) -> None:
    assert sentence(path, old, new) == said


def test_of_an_order_it_is_told_what_moved() -> None:
    order = [key for key, _ in SAMPLE.ordered_projects()]
    moved = [order[1], order[0], *order[2:]]
    name = SAMPLE.projects[order[1]].name
    assert sentence("project_order", order, moved) == f"项目“{name}”移到第 1 位"
    assert sentence("project_order", order, order[::-1]) == f"项目的顺序（{len(order)} 项）"


def test_an_undo_says_so_and_a_long_text_is_whole_where_it_is_asked_for() -> None:
    reason = "因年中追加经费，" * 20
    change = Change(kind="undo", path=f"{AT_B3}/deviation_reason", old=reason, new="")
    row = Change(kind="undo", path="department/rows/D9", old=None, new=ROW)
    assert told(used(), find, row) == "撤销：部门整体 · 恢复个性指标“培训场次”（5 分）"
    cut = told(used(), find, change)
    assert cut.startswith("撤销：")
    assert "…" in cut
    assert reason in told(used(), find, change, whole=True)


def test_a_line_of_a_list_leaves_out_what_a_reader_knows_and_the_middle_of_long_names() -> None:
    change = Change(path="marks/department~1answers~1B3", new=MARK)
    assert told(used(), find, change) == "复核核减为 1 分：B3 预算调整率，意见：据附件"
    longest = max(SAMPLE.projects, key=lambda key: len(SAMPLE.projects[key].name))
    name = SAMPLE.projects[longest].name
    change = Change(path=f"projects/{longest}/goal", old="", new="办成")
    assert told(used(), find, change).startswith(f"{name[:5]}..{name[-9:]} · 年度总体目标：")


def test_no_sentence_shows_a_path_or_a_code_name() -> None:
    """Every value of a session, added and taken away again."""
    session = used()
    for path in leaves(session):
        for old, new in ((None, "x"), ("x", None)):
            said = told(session, find, Change(path=path, old=old, new=new))
            assert re.search(r"[\u4e00-\u9fff]", said), path
            assert not re.search(r"[a-z]{3,}_|department|projects/|answers|/value", said), path


@pytest.mark.parametrize("path", USED)
def test_what_really_stands_in_a_session_is_told_whole_and_gone(path: str) -> None:
    session = Session.model_validate(SAMPLE.model_dump())
    change = edit(session, path, USED[path])
    after = apply(session, change)
    for one in (change, change.inverse()):
        assert told(after, find, one)


def test_the_principal_changes_of_an_act() -> None:
    def paths(*changes: Change) -> list[str]:
        return [one.path for one in principal(changes)]

    seal = Change(path="submissions", old=[], new=[{"number": 1}])
    stage = Change(path="stage", old="草稿", new="已上报")
    assert paths(seal, stage) == ["submissions"]
    assert paths(stage) == ["stage"]
    mark = Change(path="marks/department~1answers~1B3", new=MARK)
    gone = Change(path="feedback/department~1answers~1B3", old={"accepted": True}, new=None)
    answer = Change(path="feedback/department~1answers~1B3", old=None, new={"accepted": True})
    assert paths(mark, gone) == ["marks/department~1answers~1B3"]
    assert paths(gone) == ["feedback/department~1answers~1B3"]
    assert len(paths(mark, answer)) == 2
    file = Change(path="evidence/abc", new=FILE)
    listed = Change(path=f"{AT_B3}/evidence", old=[], new=["abc"])
    assert paths(file, listed) == ["evidence/abc"]
