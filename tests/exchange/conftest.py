"""Spreadsheet engines to recompute a workbook with, and sessions of every shape to write."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from types import ModuleType
from xml.etree import ElementTree

import formualizer
import ironcalc
import openpyxl
import pytest

from perfeval.exchange.workbook import export_workbook
from perfeval.indicators import library
from perfeval.indicators.model import Indicator, IndicatorSet
from perfeval.indicators.rules import (
    AlternativeOf,
    ManualDeduction,
    MixedWeighted,
    QualitativeLevels,
    RuleBase,
    VetoZero,
)
from perfeval.scoring.engine import score_session
from perfeval.session.files import load
from perfeval.session.model import Session

SAMPLE = Path(__file__).parents[2] / "src" / "perfeval" / "samples" / "xinxiang-kexie-2024.yaml"
_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
Value = str | float
Place = tuple[str, str]
"""A sheet's name and a cell's address."""


# --- a workbook as a file --------------------------------------------------------------------


@dataclass(frozen=True)
class FormulaCell:
    """A formula as the file has it, with the value written beside it."""

    formula: str
    cached: Value


def sheet_names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    return [sheet.attrib["name"] for sheet in book.findall("m:sheets/m:sheet", _NS)]


def formula_cells(path: Path) -> dict[Place, FormulaCell]:
    """Read every formula and its cached value out of the file itself."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for number, name in enumerate(sheet_names(path), 1):
            sheet = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
            for cell in sheet.iter(f"{{{_NS['m']}}}c"):
                formula = cell.find("m:f", _NS)
                if formula is None:
                    continue
                text = cell.findtext("m:v", "", _NS)
                numeric = cell.get("t") != "str" and text != ""
                cached: Value = float(text) if numeric else text
                found[name, cell.attrib["r"]] = FormulaCell(formula.text or "", cached)
    return found


def rewrite(path: Path, change: Callable[[str], str]) -> Path:
    """Copy a workbook with the text of every sheet changed."""
    copy = path.with_name(f"{path.stem}-changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename.startswith("xl/worksheets/sheet"):
                data = change(data.decode()).encode()
            new.writestr(info, data)
    return copy


def stripped(path: Path) -> Path:
    """Copy a workbook without any cached value, so that nothing can be read back unproved."""
    copy = rewrite(path, lambda xml: re.sub(r"(</f>)<v>[^<]*</v>", r"\1", xml))
    assert all(cell.cached == "" for cell in formula_cells(copy).values())
    return copy


# --- engines ---------------------------------------------------------------------------------

Recompute = Callable[[Path], Callable[[Place], Value]]


def _place(address: str) -> tuple[int, int]:
    letters, row = re.fullmatch(r"([A-Z]+)(\d+)", address).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(row), column


def by_ironcalc(path: Path) -> Callable[[Place], Value]:
    names = sheet_names(path)
    model = ironcalc.load_from_xlsx(str(path))
    model.evaluate()

    def value(place: Place) -> Value:
        found = model.get_cell_value(names.index(place[0]), *_place(place[1]))
        return "" if found is None else found

    return value


def by_formualizer(path: Path) -> Callable[[Place], Value]:
    book = formualizer.load_workbook(str(path))
    book.evaluate_all()

    def value(place: Place) -> Value:
        found = book.get_value(place[0], *_place(place[1]))
        if isinstance(found, date):  # a date cell comes as a date
            return float(found.toordinal() - date(1899, 12, 30).toordinal())
        return "" if found is None else found

    return value


def by_libreoffice(path: Path) -> Callable[[Place], Value]:
    """Recompute with LibreOffice, in a profile of its own; the file must have no caches."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    folder = path.parent / "libreoffice"
    profile = f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}"
    target = ["--headless", "--convert-to", "xlsx", "--outdir", str(folder), str(path)]
    subprocess.run([program, profile, *target], check=True, capture_output=True, timeout=300)
    converted = {place: cell.cached for place, cell in formula_cells(folder / path.name).items()}
    return converted.__getitem__


def differing(path: Path, recompute: Recompute) -> dict[Place, tuple[str, Value, Value]]:
    """Recompute a workbook without its caches; return the cells whose cache is another value."""
    value = recompute(stripped(path))
    cells = formula_cells(path)
    assert cells
    found = {}
    for place, cell in cells.items():
        again = value(place)
        if not _equal(cell.cached, again):
            found[place] = (cell.formula, cell.cached, again)
    return found


def _equal(one: Value, other: Value) -> bool:
    numbers = (int, float)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, numbers) and isinstance(other, numbers):
        return abs(one - other) < 1e-9
    return one == other


# --- sessions --------------------------------------------------------------------------------

EVERY_RULE = (Path(__file__).parent / "every_rule.yaml").read_text(encoding="utf-8")
SETS = ("henan-department-2024", "sichuan-dazhou-department", "every-rule")
PROJECT_SETS = ("mof-project-2020", "every-rule-project")


def find(set_id: str) -> IndicatorSet:
    """Return a shipped set, or the one of these tests that uses every rule."""
    if set_id == "every-rule":
        return library.loads(EVERY_RULE)
    if set_id == "every-rule-project":
        text = EVERY_RULE.replace("id: every-rule", f"id: {set_id}")
        return library.loads(text.replace("scope: department", "scope: project"))
    return library.find(set_id)


def parts(rule: RuleBase) -> Iterator[RuleBase]:
    """Yield a rule and the rules inside it."""
    yield rule
    match rule:
        case VetoZero():
            yield from parts(rule.rule)
        case MixedWeighted():
            yield from parts(rule.quantitative)
            yield from parts(rule.qualitative)
        case AlternativeOf():
            for member in rule.members:
                yield from parts(member.rule)


class Maker:
    """Makes sessions that look like filled-in forms, with the numbers that break arithmetic.

    Round budgets, small counts and rates of two decimals give half cents and exact thresholds,
    which random amounts never do. Some figures stay blank and some rows are 不适用.
    """

    TARGETS = (
        *("100%", "≥95%", "≤10%", "≤100%", "90%以上", "80%-95%", "≥0%", "0%", "=50%", "效果明显"),
        *("", "≥50个", "≤90万元", "10-20场", "0起", "12月底前", ">3", "<2.5"),
    )
    UNITS = ("%", "个", "", "万元", "‰")

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def often(self, share: float = 0.85) -> bool:
        return self.random.random() < share

    def money(self) -> str:
        budget = self.random.choice((80, 100, 160, 200, 400, 800, 1000, 3200, 8000))
        return self.one(
            str(budget),
            f"{budget * self.random.randint(1, 10000) / 10000:.2f}",
            f"{self.random.uniform(0, 9999):.2f}",
            *("0" if not self.often(0.6) else str(budget),),
        )

    def figure(self, unit: str) -> str:
        match unit:
            case "万元" | "元":
                return self.money()
            case "%" | "‰":
                return self.rate()
            case _:
                return str(self.random.choice((0, 1, 2, 3, 7, 8, 15, 48, 72, 360)))

    def rate(self) -> str:
        tenths = self.random.choice((50, 60, 80, 90, 95, 97.5, 99.99, 100, 101, 120, 130))
        return self.one(f"{tenths}%", f"{self.random.randint(0, 13000) / 100:.2f}%", "100%", "0%")

    def inputs(self, indicators: IndicatorSet) -> dict[str, str]:
        return {
            name: self.figure(entry.unit) if self.often(0.95) else self.one("", "2项以上", "不适用")
            for name, entry in indicators.inputs.items()
            if self.often(0.95)
        }

    def answer(self, indicator: Indicator) -> dict[str, object]:
        rule, answer = indicator.rule, dict[str, object]()
        if self.often(0.06):
            return {"not_applicable": "本年度没有这项工作"}
        names = [name for name in rule.element_names() if self.often(0.97)]
        answer["elements"] = {name: self.often(0.7) for name in names}
        for part in parts(rule):
            if isinstance(part, QualitativeLevels) and self.often():
                answer["level"] = self.random.choice(part.levels).name
                share = self.random.randint(0, 100)
                answer["level_score"] = f"{float(indicator.points) * share / 100:.2f}"
            if isinstance(part, AlternativeOf) and self.often():
                answer["elected"] = self.random.choice(part.members).name
        if indicator.formula is None or self.often(0.2):
            answer["actual"] = self.figure(indicator.unit) if self.often(0.9) else "已完成"
        if indicator.target_required or self.often(0.2):
            answer["target"] = self.one("≤10%", "≥95%", "100%", "≤100%", "80%-95%", "")
        if any(isinstance(modifier, ManualDeduction) for modifier in indicator.modifiers):
            answer["deduction"] = self.one("", "0.5", "1")
        judged = rule.needs == "score"
        if self.often(0.9 if judged else 0.08):
            score = float(indicator.points) * self.random.randint(0, 8) / 8
            answer["manual_score"] = f"{score:.3f}"
            answer["manual_reason"] = "=人工赋分理由"
        return answer

    def rows(self, indicators: IndicatorSet) -> dict[str, dict[str, object]]:
        rows: dict[str, dict[str, object]] = {}
        for tier in indicators.tiers:
            for group in tier.own_groups():
                count = self.random.choice((1, 2, 3)) if self.often(0.6) else 0
                for _ in range(count):
                    rows[f"r{len(rows) + 1}"] = self.row(group.name)
        return rows

    def row(self, group: str) -> dict[str, object]:
        unit = self.one(*self.UNITS)
        row: dict[str, object] = {
            "group": group,
            "name": f"个性指标{self.random.randint(1, 99)}",
            "points": self.one("5", "10", "2.5", "15", "50", "7"),
            "unit": unit,
            "target": self.one(*self.TARGETS),
            "qualitative": self.often(0.2),
        }
        if self.often(0.3):
            row["numerator"], row["denominator"] = (
                self.one("7", "15", "47", ""),
                self.one("48", "0"),
            )
        if self.often(0.8):
            row["actual"] = self.one(self.figure(unit), "11月30日", "达成年度指标", "95%")
        if self.often(0.3):
            row["level"], row["level_score"] = "达成年度指标", self.one("4.5", "5", "99")
        if self.often(0.15):
            row["manual_score"], row["manual_reason"] = "1.5", "按佐证材料"
        if self.often(0.08):
            row["not_applicable"] = "本年度未开展"
        return row

    def evaluation(self, indicators: IndicatorSet) -> dict[str, object]:
        answers = {i.code: self.answer(i) for i in indicators.all_indicators() if self.often(0.97)}
        return {
            "set": indicators.id,
            "inputs": self.inputs(indicators),
            "answers": answers,
            "rows": self.rows(indicators),
        }

    def project(self, set_id: str) -> dict[str, object]:
        indicators = find(set_id)
        scheme = self.one("", *indicators.weight_schemes)
        tiers = [name for name, _ in indicators.tier_points(scheme).items()]
        funds = {"f": {"budget": self.money(), "executed": self.one(self.money(), "")}}
        project: dict[str, object] = {
            "set": set_id,
            "name": self.one("科普经费", "=1+1", "一个名称很长的项目" * 8),
            "weight_scheme": scheme,
            "funds": funds,
            "deviation_reason": self.one("", "采购节约"),
        }
        if self.often(0.6):
            rated = tiers[1:] if self.often(0.8) else tiers
            project["tier_rates"] = {tier: self.rate() for tier in rated if self.often(0.95)}
        else:
            project |= self.evaluation(indicators)
            project["inputs"] = {} if self.often(0.7) else self.inputs(indicators)
        if self.often(0.1):
            project["excluded"] = "未实施"
        return project

    def session(self, set_id: str) -> Session:
        projects = {
            f"p{number}": self.project(self.one(PROJECT_SETS[0], *PROJECT_SETS))
            for number in range(self.random.choice((0, 1, 2, 4)))
        }
        department = self.evaluation(find(set_id)) if self.often(0.9) or not projects else None
        return Session.model_validate(
            {
                "id": "made",
                "unit": {"name": "某某局"},
                "year": 2024,
                "money_unit": self.one("万元", "元"),
                "department": department,
                "projects": projects,
            }
        )


def make_session(set_id: str, seed: int) -> Session:
    return Maker(seed).session(set_id)


def write(session: Session, folder: Path) -> Path:
    return export_workbook(session, score_session(session, find), folder, find)


# --- one session with everything ---------------------------------------------------------------


def indicator(group: str, name: str, points: str, **more: str) -> dict[str, str]:
    return {"group": group, "name": name, "points": points, **more}


FULL_ROWS = {
    "r1": indicator(
        "数量指标", "举办主题科普活动场次", "15", unit="场", target="≥1800场", actual="1850"
    ),
    "r2": indicator(
        "数量指标",
        "科普惠农技术培训人次",
        "15",
        unit="人次",
        target="≥2000人次",
        actual="1500",
        deviation_reason="受强降雨影响，三场培训推迟到下一年度，改进措施：分片提前安排",
    ),
    "r3": indicator(
        "质量指标",
        "活动验收合格率",
        "10",
        unit="%",
        target="≥95%",
        numerator="95",
        denominator="100",
    ),
    "r4": indicator(
        "时效指标", "项目完成时间", "10", target="2024年12月底前", actual="2024年11月20日"
    ),
    "r5": indicator(
        "社会效益指标",
        "公众科学素质",
        "20",
        target="有所提升",
        qualitative="true",
        level="达成年度指标",
        level_score="20",
    ),
    "r6": indicator(
        "可持续影响指标",
        "科普阵地持续使用",
        "10",
        target="≥3年",
        unit="年",
        not_applicable="本年度没有新建阵地",
    ),
    "r7": indicator(
        "服务对象满意度指标",
        "参与群众满意度",
        "10",
        unit="%",
        target="≥90%",
        numerator="455",
        denominator="480",
    ),
}


def full_session() -> Session:
    """The worked example with persons, a project of rows and parts of funds, review, evidence."""
    sample = load(SAMPLE)
    project = {
        "set": "mof-project-2020",
        "name": "科普工作经费",
        "code": "410700240000000001",
        "implementing_unit": "科普部",
        "owner": "科普部",
        "goal": "组织专家院士报告会；培育创建各级科普教育基地、科普示范社区、农村中学科技馆。",
        "goal_done": "举办各类科普活动 1850 场，首批“科普旅游”专线 15 条，覆盖 3 区 5 县。",
        "funds": {
            "a": {
                "source": "当年财政拨款",
                "initial": "40",
                "budget": "40",
                "executed": "38.5",
            },
            "b": {"source": "上年结转资金", "initial": "0", "budget": "2.37", "executed": "2.37"},
        },
        "fund_order": ["a", "b"],
        "rows": FULL_ROWS,
        "deviation_reason": "三场培训推迟，资金未全部支付",
    }
    mark = {
        "verdict": "核减",
        "score": "0.5",
        "opinion": "决算尚未公开，不能按已公开计满分",
        "who": "复核员甲",
    }
    data = sample.model_dump(mode="json") | {
        "stage": "已复核",
        "marks": {
            "department/answers/B10": mark,
            "department/answers/A1": {"verdict": "认可", "who": "复核员甲"},
            "projects/p1/rows/r2": {"verdict": "核减", "score": "10", "opinion": "=SUM(1)不是公式"},
        },
        "feedback": {"department/answers/B10": {"accepted": False, "reason": "预算部分已按期公开"}},
        "evidence": {
            "e1": {
                "name": "科普活动台账.pdf", "sha256": "ab" * 32, "size": 1234567, "number": "B3-10",
                "page": "3—5", "paths": ["projects/p1/rows/r1", "department/answers/B3"],
            },
            "e2": {"name": "验收单.jpg", "sha256": "cd" * 32, "size": 812, "number": "B3-2"},
        },
    }  # fmt: skip
    data["unit"] |= {"head": "负责人甲", "prepared_by": "填报人乙", "code": "201001"}
    data["projects"]["p1"] = project
    return Session.model_validate(data)


# --- fixtures --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sample() -> Session:
    return load(SAMPLE)


@pytest.fixture(scope="session")
def sample_book(sample: Session, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the worked example; tests only read it."""
    return write(sample, tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def full() -> Session:
    return full_session()


@pytest.fixture(scope="session")
def full_book(full: Session, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the session with everything; tests only read it."""
    return write(full, tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="session")
def tools() -> ModuleType:
    """The functions above, for tests (a conftest cannot be imported)."""
    return sys.modules[__name__]


def score_cell(path: Path, name: str) -> Place:
    """Return where 部门整体自评表 holds the 得分 of the indicator called ``name``."""
    sheet = openpyxl.load_workbook(path)["部门整体自评表"]
    row = next(row for row in range(4, sheet.max_row) if sheet.cell(row, 3).value == name)
    return "部门整体自评表", f"J{row}"


class Opened:
    """A workbook as somebody has it open: type into a cell, look at another."""

    def __init__(self, path: Path) -> None:
        self.names = sheet_names(path)
        self.model = ironcalc.load_from_xlsx(str(path))
        self.model.evaluate()

    def enter(self, sheet: str, address: str, text: str) -> None:
        self.model.set_user_input(self.names.index(sheet), *_place(address), text)
        self.model.evaluate()

    def formula(self, sheet: str, address: str) -> str:
        return str(self.model.get_cell_formula(self.names.index(sheet), *_place(address)))

    def value(self, sheet: str, address: str) -> Value:
        found = self.model.get_cell_value(self.names.index(sheet), *_place(address))
        return "" if found is None else found
