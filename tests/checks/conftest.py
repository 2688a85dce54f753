"""A session without a single finding, and a way to put one thing wrong in it."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import Finding, run
from perfeval.indicators import library
from perfeval.indicators.model import IndicatorSet
from perfeval.scoring.engine import score_session
from perfeval.session.change import apply, edit
from perfeval.session.files import loads
from perfeval.session.model import Session

CLEAN = """
id: clean
unit: {name: 某市科普中心, code: "101001", department_in_charge: 某市科协, prepared_by: 甲,
       phone: "000", head: 乙, filled_on: "2025-03-01"}
year: 2024
department:
  set: small
  inputs: {年初预算数: 700, 年中调整数: 138.1, 全年预算数: 838.1, 全年执行数: 829.72,
           “三公”经费支出数: 2.46, “三公”经费预算数: 2.6}
  answers:
    X1: {deviation_reason: 办公设备采购比预算节约}
  rows:
    n: {group: 数量指标, name: 科普活动场次, points: 60, unit: 场, target: ≥50场, actual: 50场}
    s: {group: 满意度, name: 公众满意度, points: 30, unit: "%", target: ≥90%,
        numerator: 95, denominator: 100}
projects:
  a:
    set: mof-project-2020
    name: 科普活动经费
    goal: 举办科普活动
    start: 2024-01-01
    end: 2024-12-31
    funds: {total: {initial: 100, budget: 100, executed: 100}}
    rows:
      n: {group: 数量指标, name: 活动场次, points: 20, unit: 场, target: ≥10场, actual: 10场}
      t: {group: 时效指标, name: 完成时间, points: 20, target: 11月底前, actual: 10月}
      c: {group: 成本指标, name: 单场成本, points: 10, unit: 万元, target: ≤10万元, actual: 9万元}
      b: {group: 社会效益指标, name: 知识知晓率, points: 30, unit: "%", target: ≥90%, actual: 92%}
      s: {group: 服务对象满意度指标, name: 观众满意度, points: 10, unit: "%", target: ≥90%,
          numerator: 95, denominator: 100}
"""

SMALL = """
id: small
title: 小体系
scope: department
grades: [{name: 优, min: 90}, {name: 良, min: 80}, {name: 中, min: 60}, {name: 差, min: 0}]
grades_evidence: PUBLISHED
inputs:
  年初预算数: {unit: 万元}
  年中调整数: {unit: 万元}
  全年预算数: {unit: 万元}
  全年执行数: {unit: 万元}
  “三公”经费支出数: {unit: 万元}
  “三公”经费预算数: {unit: 万元}
identities:
  - {formula: 年初预算数 + 年中调整数 = 全年预算数, level: 错误, evidence: PUBLISHED}
  # Says nothing; it only puts the two figures to use, which a sound set must.
  - formula: "0 * [“三公”经费支出数] = 0 * [“三公”经费预算数]"
    evidence: PUBLISHED
own_defaults:
  rules:
    at_least: {type: proportional_capped}
    at_most: {type: inverse_ratio}
    equal: {type: equal_target}
    qualitative:
      type: qualitative_levels
      levels:
        - {name: 好, min: 0.8, max: 1}
        - {name: 中, min: 0.6, max: 0.8}
        - {name: 差, min: 0, max: 0.6}
  evidence: {rule: PUBLISHED}
tiers:
  - name: 预算执行情况
    points: 10
    indicators:
      - {code: X1, name: 预算执行率, points: 10, unit: "%", formula: 全年执行数 / 全年预算数,
         if_zero: error, rule: {type: execution_rate_points}, evidence: {rule: PUBLISHED}}
  - name: 产出指标
    points: 90
    groups:
      - {name: 数量指标, points: 60, own: {}}
      - {name: 满意度, points: 30, own: {}}
checks:
  得分率领先执行率: {value: 5%, evidence: PUBLISHED}
  未支出比例: {value: 20%, evidence: PUBLISHED}
  超额标记: {value: 1.2, evidence: PUBLISHED}
  超额须说明: {value: 1.3, evidence: PUBLISHED}
"""


class Audit:
    """Scores and checks sessions; ``sets`` may replace a set for one test."""

    def __init__(self) -> None:
        self.clean = loads(CLEAN)
        self.small = SMALL
        self.sets: dict[str, IndicatorSet] = {}

    def find(self, id: str) -> IndicatorSet:
        if id not in self.sets:
            self.sets[id] = library.loads(self.small) if id == "small" else library.find(id)
        return self.sets[id]

    def put(self, edits: dict[str, Any], session: Session | None = None) -> Session:
        """Return the clean session with other values at some paths."""
        session = session or self.clean
        for path, value in edits.items():
            session = apply(session, edit(session, path, value))
        return session

    def of(self, session: Session) -> list[Finding]:
        return run(session, score_session(session, self.find), self.find)

    def __call__(self, edits: dict[str, Any] | None = None, *ids: str) -> list[Finding]:
        """Return the findings of the clean session with ``edits``, of the checks ``ids``."""
        found = self.of(self.put(edits or {}))
        return [one for one in found if not ids or one.id in ids]

    def one(self, edits: dict[str, Any], *ids: str) -> Finding:
        """Return the only finding of a check (of several, where more might speak)."""
        found = self(edits, *ids)
        assert len(found) == 1, [one.message for one in found]
        return found[0]

    def text(self, text: str) -> list[Finding]:
        return self.of(loads(text))


@pytest.fixture
def audit() -> Audit:
    return Audit()


@pytest.fixture(scope="session")
def new_audit() -> type[Audit]:
    return Audit
