r"""Finding cells by what stands beside or above them: labels as offices write them.

A label is compared without spaces, line breaks, brackets, colons and the marks of a template;
full-width and traditional characters count as their plain forms: ``年 初\n预算数（万元）`` is
年初预算数.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from perfeval.numbers import to_ascii

_TRADITIONAL = str.maketrans(
    "項執預數標績產滿額總單稱實質時會濟態響務對權選門資級評價結轉餘當財撥體續類別號區點與為減"
    "應達際補費經歸於負責聯絡話電報編碼調後準則說內備註無優並計劃設開終絕據來業環節",
    "项执预数标绩产满额总单称实质时会济态响务对权选门资级评价结转余当财拨体续类别号区点与为减"
    "应达际补费经归于负责联络话电报编码调后准则说内备注无优并计划设开终绝据来业环节",
)
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_MARKS = re.compile(r"[\s:：;；,，、.。*★▲_\-—－·]+")
_COLUMN_FORMULA = re.compile(r"(?<=.)[①-⑳].*$")
"""What a form writes behind a column's name: ``支出实现率⑤=④/③``."""
_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.)]|\(?[一二三四五六七八九十]\)|[0-9]{1,2}[、)])"
)


@lru_cache(maxsize=32768)
def whole(text: str) -> str:
    """Return a label with its brackets: spaces and marks gone, plain characters."""
    return "".join(to_ascii(text).translate(_TRADITIONAL).split()).strip(":;,.")


@lru_cache(maxsize=32768)
def bare(text: str) -> str:
    """Return a label as it is compared: without brackets, numbering, spaces and marks."""
    plain = _COLUMN_FORMULA.sub("", _NUMBERED.sub("", whole(text)))
    while plain != (plain := _BRACKETED.sub("", plain)):
        pass
    return _MARKS.sub("", plain)


_LONGEST = 24
"""A longer text is no label."""


class Labels:
    """What the labels of a table may read, by field, the first that fits: one pattern for all.

    A form repeats its labels and a folder its forms, so what a text names is remembered.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        named = (f"(?P<{field}>{pattern})" for field, pattern in table.items())
        self.table: Final = table
        self._any = re.compile("|".join(named))
        self.field = lru_cache(maxsize=16384)(self._field)

    def _field(self, text: str) -> str:
        label = bare(text)
        found = self._any.fullmatch(label) if 0 < len(label) <= _LONGEST else None
        return found.lastgroup or "" if found else ""


SCORE = r"(单位|部门|项目|自我)?(自评|评价|绩效)?(得分|评分|分数|自评分)(值)?"
BUDGET = (
    r"(全年|年度|本年|调整后|调整|当年|财政|项目)*(预算)(数|资金|金额|安排|总额|资金总额|安排数)?"
    r"|(资金)?到位(数|资金|金额)?|预算(资金)?\(?调整后\)?数?|实际到位(资金|数)?"
)
EXECUTED = (
    r"(全年|本年|实际|累计|年度|当年|预算|项目)*(执行|支出|使用|支付)(数|额|金额|资金|总额)"
    r"|(全年|本年|实际|累计|年度)(执行|支出)|执行|使用"
)
INITIAL = r"(年初|期初|当年年初)(部门)?预算(数|资金|金额|安排|安排数)?|年初(数|安排)|计划投资(额)?"
RATE = r"(预算|资金|支出)?(执行|支出实现|支出完成|预算完成)率%?"
REASON = (
    r".*(偏差|未完成|扣分|未达标|差异).*(原因|措施|说明).*|原因分析.*|.*原因及.*措施.*"
    r"|偏差(情况)?(说明)?|自评说明|备注"
)

INDICATOR_COLUMNS = Labels(
    {
        "l1": r"一级(指标|目标)?|指标类[别型]",
        "l2": r"二级(指标|目标)?",
        "l3": r"三级(指标|目标)?(名称|内容)?|(绩效|具体|评价)?指标(名称|内容)|四级指标",
        "op": r"指标性质|(计算|指标|运算|比较)?符号|性质",
        "unit": r"(度量|计量|指标)单位|单位",
        "target": (
            r"(本?年度?|全年|年初|预期|计划|绩效|设定|当年|期初|年末)*(绩效)?(设定)?"
            r"(指标|目标)(设定)?值|预期(当年实现)?值|指标值(内容)?|目标|计划(完成)?值|年初目标"
        ),
        "actual": (
            r"(本?年度?|全年|年末|实际|当年|期末)*(实际|完成|达到|实现)(的)?(指标|目标|完成)?"
            r"(值|情况|数)?|(指标)?完成(值|情况|结果)?|实际值|全年完成"
        ),
        "points": r"(指标|标准|目标)?(分值|权重|权重分|标准分|满分|总分值?)(分值|值)?|权重分?值?",
        "coefficient": r"得分系数|系数",
        "automatic": r"自动得分",
        "manual": r"人工赋分",
        "review": r".*(复核|审核|抽查|评审|财政部门|主管部门|核定).*(分|意见|结果).*",
        "score": SCORE,
        "standard": (
            r".*(评分|评价|计分|赋分|考评)(标准|规则|依据|办法|细则).*|指标(解释|说明|含义)"
            r"|计算(公式|方法).*|数据来源|评分标准.*"
        ),
        "trust": r"可信程度",
        "reason": REASON,
    }
)
FUND_COLUMNS = Labels(
    {
        "initial": INITIAL,
        "budget": BUDGET,
        "executed": EXECUTED,
        "points": r"分值|权重|满分",
        "rate": RATE,
        "score": SCORE,
        "review": INDICATOR_COLUMNS.table["review"],
        "reason": REASON,
    }
)
LIST_COLUMNS = Labels(
    {
        "number": r"序号|编号",
        "name": r"(预算|二级|支出)?项目(支出)?(名称)?|项目全称",
        "code": r"项目(编码|代码|编号)",
        "budget_unit": r"(预算|填报|编报)单位(名称)?|单位(名称)?",
        "implementing_unit": r"(项目)?(实施|承担|项目|用款)单位",
        "department": r"主管部门(名称)?",
        "owner": r"(责任|业务|归口|主管|牵头)(科室|处室|股室)|科室|处室",
        "category": r"项目(类别|类型|性质|分类)",
        "fund_origins": r"资金(来源|性质)(类别)?",
        "initial": INITIAL,
        "budget": BUDGET,
        "executed": EXECUTED,
        "rate": RATE,
        "tier_rate": r"(.{2,8}?)(指标)?(得分率|完成率)",
        "score": r"(项目)?(自评|评价)(总)?(得分|分数|结果得分|分)|(自评)?总分|得分",
        "grade": r"(自评|评价|绩效)?(等级|等次|结论|评级)",
        "reason": REASON,
        "excluded": r"(不|未)参加自评.*",
    }
)
HEAD_LABELS = Labels(
    {
        "name": r"(专项|预算)?项目(支出)?名称|(专项)?资金名称|转移支付名称",
        "code": r"项目(编码|代码|编号)",
        "department": r"(市级|省级|中央|区级|县级|一级|地方|预算)*主管部门(名称|及代码)?|主管单位",
        "implementing_unit": (
            r"(项目|资金)?(实施|承担|使用|用款)(单位|部门)(名称|及代码)?|项目单位|预算单位"
        ),
        "unit": (
            r"(部门|单位|部门单位|填报单位|自评单位|评价单位|填报部门|填报)(名称|全称)?|部门名称"
            r"|单位名称"
        ),
        "head": r"(单位|部门|项目)(负责人|领导)(签字|签章)?",
        "prepared_by": r"(填报|填表|制表|经办)人(员)?|联系人",
        "phone": r"(联系|办公)?电话(号码)?",
        "filled_on": r"(填报|填表|自评|报送)(日期|时间)",
        "category": r"项目(类别|类型|性质)",
        "start": r"(项目)?(开始|起始)(日期|时间)",
        "end": r"(项目)?(结束|完成|终止)(日期|时间)",
        "year": r"(评价|预算|自评|所属)?年度",
        "money_unit": r"(金额|计量|货币)?单位",
    }
)


def field_of(table: Labels, text: str) -> str:
    """Return which field of a table a label names, or an empty text."""
    return table.field(text)


def may_be_labels(cells: Sequence[tuple[int, str]]) -> bool:
    """Whether a row may hold labels: several cells, and none that is a plain number."""
    if len(cells) < 2:
        return False
    # From the right: that is where a row has its figures.
    return not any(_is_plain_number(text) for _, text in reversed(cells))


def _is_plain_number(text: str) -> bool:
    first = text[:1]
    return (first.isdecimal() or first in ("-", ",")) and bool(_PLAIN_NUMBER.fullmatch(text))


_PLAIN_NUMBER = re.compile(r"-?[\d,]+(\.\d*)?%?")


def columns_of(table: Labels, cells: Iterable[tuple[int, str]]) -> dict[str, int]:
    """Return the column of each field a row of labels names; the first one of a name counts."""
    found: dict[str, int] = {}
    for column, text in cells:
        field = table.field(text)
        if field and field not in found:
            found[field] = column
    return found


def over_two_rows(
    table: Labels, above: list[tuple[int, str]], cells: list[tuple[int, str]]
) -> list[tuple[int, str]]:
    """Return a row of labels with what the row above says of its columns.

    年初 over 预算数 is one label, and so is a 分值 merged over both rows. The row is left as it is
    unless two of its own cells make labels and the row above names a column more.
    """
    if not may_be_labels(above):
        return cells
    upper, lower = dict(above), dict(cells)
    joined, made = [], 0
    for column in sorted({*upper, *lower}):
        over, under = upper.get(column, ""), lower.get(column, "")
        text = next((one for one in (over + under, under, over) if table.field(one)), under)
        made += bool(under and table.field(text) and text != over)
        joined.append((column, text))
    more = len(columns_of(table, joined)) > len(columns_of(table, cells))
    return joined if made >= 2 and more else cells


_UNIT = re.compile(r"(?:单位|金额)?[:：]?\(?(亿元|百万元|万元|千元|元)\)?")
_POINTS = re.compile(r"\(?(\d{1,3}(?:\.\d{1,2})?)分")
_YEAR = re.compile(r"(20[0-4]\d)(?:年|财政年度)?")


def money_unit(text: str) -> str:
    """Return the money unit a heading states (``项目资金（万元）``, ``单位：元``), else nothing."""
    plain = whole(text)
    if not ("(" in plain or "单位" in plain or "金额" in plain):
        return ""
    for found in _UNIT.finditer(plain):
        before = plain[: found.start()]
        if "(" in found[0] or before.endswith(("单位:", "单位", ":", "(")) or "单位" in found[0]:
            return found[1]
    return ""


def points_in(text: str) -> str:
    """Return the points a label states in brackets (``产出指标（50分）``), or an empty text."""
    found = _POINTS.search(whole(text))
    return found[1] if found else ""


def year_in(text: str) -> int:
    """Return the year a heading states, or 0."""
    found = _YEAR.search(whole(text))
    return int(found[1]) if found else 0


_TEMPLATE = re.compile(r"(指标|目标|任务)?\d{0,2}[:：.、]?[/\\—\-…. ×xX*]*")


def is_template(text: str) -> bool:
    """Whether a cell holds only what the blank form had there: ``指标2``, ``……``, ``/``."""
    return bool(_TEMPLATE.fullmatch(whole(text)))


_PREFIX = re.compile(r"^(?:三级)?指标\s*\d{1,2}\s*[:：.、\-]?\s*(?=\S)")


def indicator_name(text: str) -> str:
    """Return an indicator's name without the form's own numbering (``指标1：工程完工率``)."""
    return _PREFIX.sub("", re.sub(r"\s*\n\s*", "", text)).strip()
