"""The national wording of 决算 reports: which words before a number say what the number is."""

from __future__ import annotations

import re

from perfeval.exchange.intake.labels import bare

_UP = r"增加|增长|上升|提高|增支|追加"
_DOWN = r"减少|下降|降低|压减|减支|压缩"
CHANGE = re.compile(rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))(?:了|支出|额|金额|率)*(?:为|约|达)?$")
COMPARED = re.compile(r"比|较|同比|相比")
TO_BUDGET = re.compile(r"(?:比|较|与)(?:年初|全年|调整)?预算")
SHARE = re.compile(r"占(?P<whole>[^占，,。；;]{0,45}?)的?(?:比例|比重|百分比)?(?:为|约|达到|达)?$")
COMPLETED = re.compile(
    r"(?:完成|为|是|达到)(?:了)?(?P<which>年初|全年|调整后|调整|本年)?预算(?:数)?的?(?:比例)?(?:为)?$"
)
RATE = re.compile(
    r"(?P<name>预算执行率|执行率|预算完成率|预算调整率|结转结余率|控制率)(?:为|是|达)?$"
)
INITIAL = re.compile(r"年初(?:部门)?预算(?:资金|数|总额|安排|批复)*(?:合计|共计|为|是)*$")
FULL = re.compile(r"(?:全年|调整后)(?:总)?(?:的)?预算(?:资金|数|总额|金额)*(?:为|是)*$")
ADDED = re.compile(r"(?:增加|追加|调增|调减|核减|减少)(?:预算)?(?:资金|金额)(?:为)?$")
EXECUTED = re.compile(r"(?:实际|全年)*(?:执行|支出)(?:数|金额|总额)+(?:为|是)*$")
SPENT = re.compile(r"(?:支出)?决算(?:数)?(?:为|是)?$")
BUDGET = re.compile(r"(?:支出)?(?:全年)?预算(?:数)?(?:为|是)?$")
LEFT = re.compile(r"(?:年底|年末)?(?:结转)?结余(?:资金|总额)?(?:为)?$")
BESIDE = re.compile(
    r"决算数?(?:(?P<more>大于|超过|高于|多于)|(?P<less>小于|低于|少于)|(?P<as>等于))(?:年初|全年|调整)?预算"
    r"|决算数?(?:与|比|较)(?:年初|全年|调整)?预算数?(?:相比)?(?:(?P<up>增加|增长)|(?P<down>减少|下降)"
    r"|(?P<same>持平|一致|相同|无差异|没有差异))"
)
"""How a sentence says that the outturn stands beside the budget."""
PATH = re.compile(
    r"(?P<l1>[^。；，（(]{2,30})[（(]类[）)](?:支出)?"
    r"(?:(?P<l2>[^。；，（(]{2,40})[（(]款[）)])?(?:(?P<l3>[^。；，（(]{2,50})[（(]项[）)])?"
)
STOP = re.compile("[；;。]")
BREAK = re.compile(r"[，。；：,;:]")
PUBLIC = re.compile(r"三公|因公出国|公务用车(?:购置|运行)|公务接待")

_NAMES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"财政拨款收[入、]*支(?:出)?总计", "财政拨款收支总计"),
        (r"收[入、]*支(?:出)?总计", "收支总计"),
        (r"机关运行经费", "机关运行经费"),
        (r"政府采购(?:支出)?货物|货物(?:类)?(?:采购)?支出", "政府采购·货物"),
        (r"政府采购(?:支出)?工程|工程(?:类)?(?:采购)?支出", "政府采购·工程"),
        (r"政府采购(?:支出)?服务|服务(?:类)?(?:采购)?支出", "政府采购·服务"),
        (r"政府采购支出(?:总额|合计)?", "政府采购支出"),
        (r"授予小微企业合同", "小微企业合同"),
        (r"授予中小企业合同", "中小企业合同"),
        (r"一般公共预算(?:财政拨款)?基本支出", "一般公共预算基本支出"),
        (r"一般公共预算(?:财政拨款)?项目支出", "一般公共预算项目支出"),
        (r"一般公共预算(?:财政拨款)?支出", "一般公共预算支出"),
        (r"政府性基金预算(?:财政拨款)?项目支出", "政府性基金项目支出"),
        (r"政府性基金(?:预算)?(?:财政拨款)?支出", "政府性基金支出"),
        (r"国有资本经营预算(?:财政拨款)?项目支出", "国有资本项目支出"),
        (r"国有资本经营(?:预算)?(?:财政拨款)?支出", "国有资本支出"),
        (r"(?:本年)?收入(?:决算)?(?:合计|总计)", "收入合计"),
        (r"(?:本年)?支出(?:决算)?(?:合计|总计)", "支出合计"),
        (r"财政拨款收入", "财政拨款收入"),
        (r"(上级补助|附属单位上缴|事业|经营|其他)收入", "收入项·{0}"),
        (r"基本支出", "基本支出"),
        (r"项目支出", "项目支出"),
        (r"(上缴上级|经营|对附属单位补助)支出", "支出合计 {0}支出"),
        (r"人员经费", "人员经费"),
        (r"公用经费", "公用经费"),
    )
)


_ROLES = (
    (INITIAL, "年初预算"),
    (FULL, "全年预算"),
    (ADDED, "年中调整"),
    (SPENT, "决算"),
    (BUDGET, "预算"),
    (EXECUTED, "执行"),
    (LEFT, "结余"),
)


def role_of(label: str) -> str:
    """Return which part of its subject the amount after a label is, or an empty text."""
    return next((role for pattern, role in _ROLES if pattern.search(label)), "")


def name_of(label: str) -> str:
    """Return the fact a phrase of the national wording names, or an empty text."""
    plain = re.sub(r"[“”\"\s]", "", label)
    for pattern, name in _NAMES:
        if found := pattern.search(plain):
            return name.format(*found.groups())
    return ""


def public_name(label: str) -> str:
    """Return which of the 三公 a label names, or an empty text."""
    plain = bare(label)
    if "出国" in plain:
        return "因公出国"
    if "接待" in plain:
        return "公务接待"
    if "购置及运行" in plain or plain in {"公务用车", "公务用车费"}:
        return "公务用车"
    if "公务用车购置" in plain:
        return "公务用车购置"
    if "公务用车运行" in plain:
        return "公务用车运行维护"
    return ""


def short_name(text: str) -> str:
    """Return a subject's name as it is compared: 科学技术（类）支出 is 科学技术支出."""
    plain = bare(text)
    return plain.removesuffix("支出") or plain
