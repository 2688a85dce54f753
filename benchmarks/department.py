"""The workload: departments of the Henan set, with figures that make rounding hard.

Every department answers everything, so that all 28 indicators are computed by rule. The first
is the worked example (96.40); the others have round budgets, counts and two-decimal rates, where
exact half cents occur.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from perfeval.indicators.model import IndicatorSet
from perfeval.session.model import Answer, Evaluation, InputValue, OwnIndicator

SET = "henan-department-2024"

MONEY = {
    "年初预算数": 66777,
    "可剔除调整数": 0,
    "全年预算数": 83810,
    "全年执行数": 74199,
    "结转结余总额": 0,
    "已细化到具体市县和承担单位的资金数": 14000,
    "部门参与分配资金总数": 14000,
    "“三公”经费实际支出数": 246,
    "“三公”经费预算数": 260,
    "实际政府采购金额": 5000,
    "政府采购预算数": 5000,
}
"""Money in 0.01 万元."""
COUNTS = {
    "截留资金例数": 0,
    "挤占资金例数": 0,
    "挪用资金例数": 0,
    "虚列支出例数": 0,
    "其他不合规例数": 0,
    "部门项目总数": 8,
    "已填报绩效目标项目数量": 8,
    "已完成绩效监控项目数量": 8,
    "已完成自评项目数量": 8,
    "已完成部门评价项目数量": 8,
    "部门重点绩效评价项目数": 8,
    "评价提出的意见建议采纳数": 5,
    "提出的意见建议总数": 5,
}
CHECKLISTS = {"A1": 4, "A2": 4, "A3": 4, "B1": 2, "B7": 1, "B9": 2, "B10": 2, "B11": 5}
"""How many elements each checklist has."""
RATES = {"D1": 9500, "D2": 10000, "D3": 10000, "E1": 9500, "E2": 10000, "E3": 10000, "G1": 9500}
"""Rates typed for the unit's own rows, in 0.01 %."""
GROUPS = {"D": "重点工作任务完成", "E": "履职目标实现", "F": "履职效益", "G": "满意度"}
POINTS = {"D1": 5, "D2": 5, "D3": 5, "E1": 4, "E2": 3, "E3": 3, "F1": 15, "G1": 20}
LEVELS = (("达成年度指标", 1200, 1500), ("部分达成年度指标并具有一定效果", 900, 1199))
"""Levels of 履职效益 with the scores (0.01) they allow out of 15."""


@dataclass(frozen=True, slots=True)
class Department:
    """One department's figures as integers, in the units named above, in the order named."""

    money: tuple[int, ...]
    counts: tuple[int, ...]
    elements: tuple[tuple[bool, ...], ...]
    rates: tuple[int, ...]
    level: str
    level_score: int

    def evaluation(self, indicator_set: IndicatorSet) -> Evaluation:
        """Return the department as it would be typed in, every figure a text."""
        inputs = {
            name: InputValue(value=hundredths(value))
            for name, value in zip(MONEY, self.money, strict=True)
        }
        inputs |= {
            name: InputValue(value=str(value))
            for name, value in zip(COUNTS, self.counts, strict=True)
        }
        answers = {"B3": Answer(target="≤10%"), "B4": Answer(target="≤10%")}
        for code, met in zip(CHECKLISTS, self.elements, strict=True):
            names = indicator_set.indicator(code).rule.element_names()
            answers[code] = Answer(elements=dict(zip(names, met, strict=True)))
        rows = {
            code: OwnIndicator(
                group=GROUPS[code[0]],
                name=code,
                points=str(POINTS[code]),
                unit="%",
                target="≥90%" if code == "G1" else "100%",
                actual=f"{hundredths(rate)}%",
            )
            for code, rate in zip(RATES, self.rates, strict=True)
        }
        rows["F1"] = OwnIndicator(
            group=GROUPS["F"],
            name="F1",
            points="15",
            qualitative=True,
            level=self.level,
            level_score=hundredths(self.level_score),
        )
        order = tuple(POINTS)
        return Evaluation(set=SET, inputs=inputs, answers=answers, rows=rows, row_order=order)


def hundredths(value: int) -> str:
    """Print an integer of hundredths: 83810 → ``838.10``."""
    sign, units = ("-", -value) if value < 0 else ("", value)
    return f"{sign}{units // 100}.{units % 100:02d}"


EXAMPLE = Department(
    tuple(MONEY.values()),
    tuple(COUNTS.values()),
    tuple((True,) * count for count in CHECKLISTS.values()),
    tuple(RATES.values()),
    LEVELS[0][0],
    1500,
)
"""The worked example with what its report leaves out filled in at full marks: 96.40."""


def random_department(random: Random) -> Department:
    """Return a department with round budgets, so that exact ties of 四舍五入 occur."""
    budget = random.randrange(80, 8000) * 100
    initial = random.choice([budget, budget - budget // 10, random.randrange(80, 8000) * 100])
    executed = random.randrange(0, budget + budget // 20)
    whole = random.randrange(4, 400)
    asked = random.randrange(1, 48)
    planned = random.randrange(80, 800) * 100
    hosting = random.choice([200, 250, 800, random.randrange(1, 900)])
    # 四舍五入 of an amount near a tie: executed / budget = n.nnnn5
    if random.random() < 0.3:
        executed = budget * random.randrange(5000, 10000) // 10000
    money = (
        initial,
        random.choice([0, 0, random.randrange(0, 5000)]),
        budget,
        executed,
        random.randrange(0, budget // 5),
        random.randrange(0, whole * 100 + 1),
        whole * 100,
        random.randrange(0, hosting + hosting // 10 + 1),
        hosting,
        random.randrange(0, planned + planned // 10),
        planned,
    )
    projects = random.randrange(1, 48)
    done = [random.choice([projects, random.randrange(0, projects + 1)]) for _ in range(3)]
    key = random.randrange(1, projects + 1)
    counts = (
        *(random.choice([0, 0, 0, 0, 1]) for _ in range(5)),
        projects,
        *done,
        random.randrange(0, key + 1),
        key,
        random.randrange(0, asked + 1),
        asked,
    )
    elements = tuple(
        tuple(random.random() < 0.85 for _ in range(count)) for count in CHECKLISTS.values()
    )
    rates = tuple(
        random.choice([10000, random.randrange(0, 12000), random.randrange(0, 110) * 100 + 50])
        for _ in RATES
    )
    level, low, high = random.choice(LEVELS)
    return Department(money, counts, elements, rates, level, random.randint(low, high))


def departments(count: int, seed: int = 2024) -> list[Department]:
    """Return the worked example and ``count − 1`` others."""
    random = Random(seed)
    return [EXAMPLE, *(random_department(random) for _ in range(count - 1))]
