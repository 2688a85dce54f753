"""The Henan set as spreadsheet formulas, for engines that evaluate expressions or workbooks.

One expression per rate, score, tier, total and grade, in the order of computing. They are written
so that Excel's grammar and Python's read the same: names, ``+ - * /``, comparisons and ROUND, MIN,
MAX, IF. Every figure is a cell or a variable; nothing is written out as a decimal.
"""

from __future__ import annotations

from benchmarks.department import CHECKLISTS, COUNTS, MONEY, RATES, Department

_SHORT = {name: name.replace("“", "").replace("”", "") for name in (*MONEY, *COUNTS)}
FIGURES = (
    *_SHORT.values(),
    *(f"{code}_{n}" for code, count in CHECKLISTS.items() for n in range(count)),
    *(f"{code}_率" for code in RATES),
    "F1_分",
)
"""The names of the figures put in, in column order."""


def values(department: Department) -> list[tuple[int, int]]:
    """Return a department's figures in the order of :data:`FIGURES`, each as (number, scale)."""
    return [
        *((value, 100) for value in department.money),
        *((value, 1) for value in department.counts),
        *((int(met), 1) for elements in department.elements for met in elements),
        *((value, 10000) for value in department.rates),
        (department.level_score, 100),
    ]


def _share(points: int, rate: str) -> str:
    return f"IF({rate}>=1,{points},ROUND({points}*MAX(0,{rate}),2))"


def _met(code: str, points: int) -> str:
    parts = "+".join(f"{code}_{n}" for n in range(CHECKLISTS[code]))
    return f"ROUND({points}*({parts})/{CHECKLISTS[code]},2)"


def _sum(codes: list[str]) -> str:
    return f"ROUND({'+'.join(f'{code}_得分' for code in codes)},2)"


_FIRST = ["A1", "A2", "A3", *(f"B{n}" for n in range(1, 12)), *(f"C{n}" for n in range(1, 6))]

FORMULAS: dict[str, str] = {
    "执行率": "ROUND(全年执行数/全年预算数,4)",
    "细化率": "ROUND(已细化到具体市县和承担单位的资金数/部门参与分配资金总数,4)",
    "调整率": "ROUND((全年预算数-年初预算数-可剔除调整数)/年初预算数,4)",
    "结转率": "ROUND(结转结余总额/全年预算数,4)",
    "三公率": "ROUND(三公经费实际支出数/三公经费预算数,4)",
    "采购率": "ROUND(实际政府采购金额/政府采购预算数,4)",
    "违规数": "截留资金例数+挤占资金例数+挪用资金例数+虚列支出例数+其他不合规例数",
    "填报率": "ROUND(已填报绩效目标项目数量/部门项目总数,4)",
    "监控率": "ROUND(已完成绩效监控项目数量/部门项目总数,4)",
    "自评率": "ROUND(已完成自评项目数量/部门项目总数,4)",
    "评价率": "ROUND(已完成部门评价项目数量/部门重点绩效评价项目数,4)",
    "应用率": "ROUND(评价提出的意见建议采纳数/提出的意见建议总数,4)",
    "X1_得分": "ROUND(10*MIN(1,MAX(0,执行率)),2)",
    "A1_得分": _met("A1", 2),
    "A2_得分": _met("A2", 2),
    "A3_得分": _met("A3", 2),
    "B1_得分": _met("B1", 2),
    "B2_得分": _share(2, "细化率"),
    "B3_得分": "IF(调整率*10<=1,2,0)",
    "B4_得分": "IF(结转率*10<=1,2,0)",
    "B5_得分": "IF(三公率<=1,2,0)",
    "B6_得分": _share(2, "采购率"),
    "B7_得分": _met("B7", 1),
    "B8_得分": "MAX(0,1-违规数)",
    "B9_得分": _met("B9", 1),
    "B10_得分": _met("B10", 2),
    "B11_得分": _met("B11", 2),
    "C1_得分": _share(1, "填报率"),
    "C2_得分": _share(1, "监控率"),
    "C3_得分": _share(1, "自评率"),
    "C4_得分": _share(1, "评价率"),
    "C5_得分": _share(1, "应用率"),
    "D1_得分": _share(5, "D1_率"),
    "D2_得分": _share(5, "D2_率"),
    "D3_得分": _share(5, "D3_率"),
    "E1_得分": _share(4, "E1_率"),
    "E2_得分": _share(3, "E2_率"),
    "E3_得分": _share(3, "E3_率"),
    "F1_得分": "ROUND(F1_分,2)",
    "G1_得分": "IF(G1_率*10>=9,20,ROUND(20*MAX(0,G1_率)*10/9,2))",
    "执行": _sum(["X1"]),
    "投入": _sum(_FIRST),
    "产出": _sum(["D1", "D2", "D3", "E1", "E2", "E3"]),
    "效益": _sum(["F1", "G1"]),
    "总分": "ROUND(执行+投入+产出+效益,2)",
    "等级": 'IF(总分>=90,"优",IF(总分>=80,"良",IF(总分>=60,"中","差")))',
}
