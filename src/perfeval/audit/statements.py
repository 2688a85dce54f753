"""The text of a 决算 report: what each number states, and the identities its sentences claim.

Reports follow a national wording (收支总计, 与上年度相比, 占…%, 完成年初预算的…%, “三公”). A
sentence is read number by number: the words before a number say its part (an amount by name, a
change, a share, a rate of completion), and what it refers to was said before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from perfeval.audit.accounts import Accounts, public_name, short_name
from perfeval.audit.document import Document, Paragraph, Table
from perfeval.audit.equations import Register, Term, total
from perfeval.audit.figures import Found, Measure, Mention, figures_in
from perfeval.audit.observed import Observed, Severity
from perfeval.exchange.intake.labels import bare
from perfeval.numbers import Exact, unit_size

_UP = r"增加|增长|上升|提高|增支|追加"
_DOWN = r"减少|下降|降低|压减|减支|压缩"
_CHANGE = re.compile(rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))(?:了|支出|额|金额|率)*(?:为|约|达)?$")
_COMPARED = re.compile(r"比|较|同比|相比")
_TO_BUDGET = re.compile(r"(?:比|较|与)(?:年初|全年|调整)?预算")
_SHARE = re.compile(r"占(?P<whole>[^占，,。；;]{0,45}?)的?(?:比例|比重|百分比)?(?:为|约|达到|达)?$")
_COMPLETED = re.compile(
    r"(?:完成|为|是|达到)(?:了)?(?P<which>年初|全年|调整后|调整|本年)?预算(?:数)?的?(?:比例)?(?:为)?$"
)
_RATE = re.compile(
    r"(?P<name>预算执行率|执行率|预算完成率|预算调整率|结转结余率|控制率)(?:为|是|达)?$"
)
_INITIAL = re.compile(r"年初(?:部门)?预算(?:资金|数|总额|安排|批复)*(?:合计|共计|为|是)*$")
_FULL = re.compile(r"(?:全年|调整后)(?:总)?(?:的)?预算(?:资金|数|总额|金额)*(?:为|是)*$")
_ADDED = re.compile(r"(?:增加|追加|调增|调减|核减|减少)(?:预算)?(?:资金|金额)(?:为)?$")
_EXECUTED = re.compile(r"(?:实际|全年)*(?:执行|支出)(?:数|金额|总额)+(?:为|是)*$")
_SPENT = re.compile(r"(?:支出)?决算(?:数)?(?:为|是)?$")
_BUDGET = re.compile(r"(?:支出)?(?:全年)?预算(?:数)?(?:为|是)?$")
_LEFT = re.compile(r"(?:年底|年末)?(?:结转)?结余(?:资金|总额)?(?:为)?$")
_BESIDE = re.compile(
    r"决算数?(?:(?P<more>大于|超过|高于|多于)|(?P<less>小于|低于|少于)|(?P<as>等于))(?:年初|全年|调整)?预算"
    r"|决算数?(?:与|比|较)(?:年初|全年|调整)?预算数?(?:相比)?(?:(?P<up>增加|增长)|(?P<down>减少|下降)"
    r"|(?P<same>持平|一致|相同|无差异|没有差异))"
)
"""How a sentence says that the outturn stands beside the budget."""
_PATH = re.compile(
    r"(?P<l1>[^。；，（(]{2,30})[（(]类[）)](?:支出)?"
    r"(?:(?P<l2>[^。；，（(]{2,40})[（(]款[）)])?(?:(?P<l3>[^。；，（(]{2,50})[（(]项[）)])?"
)
MAX_SAID = 240
"""How far back a sentence is looked at for what a number refers to."""
MAX_PARTS = 60
_STOP = re.compile("[；;。]")
_BREAK = re.compile(r"[，。；：,;:]")
_PUBLIC = re.compile(r"三公|因公出国|公务用车(?:购置|运行)|公务接待")

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


def name_of(label: str) -> str:
    """Return the fact a phrase of the national wording names, or an empty text."""
    plain = re.sub(r"[“”\"\s]", "", label)
    for pattern, name in _NAMES:
        if found := pattern.search(plain):
            return name.format(*found.groups())
    return ""


@dataclass(slots=True)
class _State:
    """What has been said so far in a paragraph."""

    subject: str = ""
    whole: Mention | None = None
    last: Mention | None = None
    named: dict[str, Mention] = field(default_factory=dict)
    parts: dict[str, Mention] = field(default_factory=dict)
    """Budget, spending and the like of the subject, by role."""
    deltas: list[tuple[Mention, int]] = field(default_factory=list)
    delta: Mention | None = None
    delta_name: str = ""
    sign: int = 1
    to_budget: bool = False
    shared: list[Mention] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    """The part of its subject each amount was, in order."""


class Statements:
    """Reads the paragraphs of a report in order; identities are made once all is read."""

    def __init__(self, register: Register, accounts: Accounts, observed: list[Observed]) -> None:
        self.register, self.accounts, self.observed = register, accounts, observed
        self.section = ""
        self.ten_thousands: set[str] = set()
        self.later: list[Callable[[], None]] = []
        self.group: tuple[dict[str, Mention], dict[str, list[Mention]]] | None = None

    def read(self, document: Document, skip: set[int]) -> None:
        """Read every paragraph except those (by ``id``) that were read otherwise."""
        self.ten_thousands = amounts_in_ten_thousands(document)
        for block in document.blocks:
            if isinstance(block, Table):
                continue
            if block.is_heading or (len(block.text) < 40 and "情况说明" in block.text):
                self.heading(block.text)
                continue
            found = list(figures_in(block))
            self.register.figures += len(found)
            if found and id(block) not in skip:
                self.paragraph(block, found)
        for make in self.later:
            make()
        self.end_group()

    def heading(self, text: str) -> None:
        """Note the section; subsections keep their section's subject."""
        if not re.match(r"[（(]|\d", text):
            self.section = text
            self.end_group()

    # --- a paragraph -------------------------------------------------------------------------

    def paragraph(self, paragraph: Paragraph, founds: list[Found]) -> None:
        """Read the numbers of a paragraph one after the other."""
        text, state, before = paragraph.text, _State(), 0
        sentence = 0
        for found in founds:
            gap = text[before : found.start]
            if "。" in gap:
                sentence = before + gap.rfind("。") + 1
                state.delta = None
            label = _BREAK.split(gap)[-1]
            said = text[max(sentence, found.start - MAX_SAID) : found.start]
            self.subject(gap, state)
            if found.mention.measure is Measure.AMOUNT:
                self.amount(self.in_its_unit(found.mention, label), label, said, state)
            elif found.mention.measure is Measure.RATE:
                self.rate(found.mention, label, said, state)
            before = found.end
        self.partition(text, state)
        self.counted(text, founds)
        self.of_group(text, state)
        self.beside_budget(paragraph, state)

    def beside_budget(self, paragraph: Paragraph, state: _State) -> None:
        """“决算数大于预算数” beside one budget and one outturn that say otherwise."""
        said = list(_BESIDE.finditer(paragraph.text))
        budgets = [one for one in state.roles if one.endswith("预算")]
        if len(said) != 1 or len(budgets) != 1 or state.roles.count("决算") != 1:
            return
        budget, spent, words = state.parts[budgets[0]], state.parts["决算"], said[0].groupdict()
        over = spent.interval.low >= budget.interval.high
        under = spent.interval.high <= budget.interval.low
        more, less = words["more"] or words["up"], words["less"] or words["down"]
        if under if more else over if less else over or under:
            told = "大于" if over else "小于"
            self.observed.append(
                Observed(
                    "方向", Severity.LOGIC, f"{state.subject} 决算与预算",
                    f"文中说“{said[0][0]}”，决算 {spent.raw} {told}预算 {budget.raw}",
                    paragraph.at(said[0].start()), said[0][0], said[0][0], told,
                )
            )  # fmt: skip

    def in_its_unit(self, mention: Mention, label: str) -> Mention:
        """Return an amount in 万元 where 元 was printed for it, and say so.

        The same digits in 万元 elsewhere, and an amount too small to be 元, tell it.
        """
        if mention.unit != "元" or not mention.places or mention.value >= Exact(1, 10):
            return mention
        digits = mention.raw.removesuffix("元")
        if digits not in self.ten_thousands or "单价" in label:
            return mention
        self.observed.append(
            Observed(
                "单位", Severity.FORMAT, label.strip() or mention.raw,
                f"印为 {mention.raw}，文中别处为 {digits}万元，单位应为万元",
                mention.place, mention.quote, mention.raw, f"{digits}万元",
            )
        )  # fmt: skip
        return replace(mention, size=unit_size("万元"), value=mention.value * 10000)

    def subject(self, gap: str, state: _State) -> None:
        """Note whose budget and spending is spoken of."""
        if path := list(_PATH.finditer(gap)):
            state.subject = self.path_name(path[-1])
        elif _PUBLIC.search(gap) and (self.is_public or "三公" in gap):
            clause = _BREAK.split(gap)[-1]
            name = public_name(clause) or public_name(gap)
            state.subject = f"三公·{name or '合计'}"
        elif name := name_of(_BREAK.split(gap)[-1]):
            state.subject = name
        else:
            return
        if not state.parts or "。" in gap:
            state.parts = {}
            state.roles.clear()

    @property
    def is_public(self) -> bool:
        return "三公" in self.section

    def path_name(self, path: re.Match[str]) -> str:
        """Return the fact of 类/款/项 as table 05 has it; report names that only resemble."""
        names = [re.sub(r"^\d{1,2}[.、．]|^.*[:：]", "", n) for n in path.groups() if n]
        key = tuple(short_name(bare(name)) for name in names)
        prefix = "一般公共预算支出·"
        if len(key) == 1:
            return prefix + key[0]
        if code := self.accounts.paths.get(key):
            return prefix + code
        return f"{prefix}{'/'.join(key)}"

    # --- amounts -----------------------------------------------------------------------------

    def amount(self, mention: Mention, label: str, said: str, state: _State) -> None:
        """An amount: a change against the last year, a part of the subject, or a named fact."""
        change = _CHANGE.search(label)
        if change and _COMPARED.search(said) and not _ADDED.search(label):
            state.sign = 1 if change["up"] else -1
            state.deltas.append((mention, state.sign))
            state.delta, state.delta_name = mention, self.name(label, state)
            state.to_budget = bool(_TO_BUDGET.search(said))
            return
        role = self.role(label, said)
        if role:
            state.parts[role] = mention
            state.roles.append(role)
            if role == "全年预算" and state.parts.get("年初预算") and "年中调整" in state.parts:
                self.adjusted(state.parts)
            name = state.subject
            if name.startswith(("三公", "一般公共", "政府性", "国有", "收支", "支出")):
                if role == "决算":
                    self.state(
                        name if not name.startswith("三公") else f"{name}·决算", mention, state
                    )
                elif role == "执行" and name.startswith("三公"):
                    self.state(f"{name}·决算", mention, state)
                elif role in {"预算", "年初预算"}:
                    self.register.state(f"{name}·{role}", mention)
            elif role in {"年初预算", "全年预算", "年中调整", "执行"} and self.is_whole(said):
                self.register.state(
                    {
                        "年初预算": "年初预算数",
                        "全年预算": "全年预算数",
                        "年中调整": "年中调整数",
                        "执行": "全年执行数",
                    }[role],
                    mention,
                )
            if role in {"决算", "执行"}:
                state.last = mention
            return
        name = self.name(label, state)
        state.last = mention
        if name:
            self.state(name, mention, state)
            state.parts["决算"] = mention
        if state.whole is None and not state.shared:
            state.whole = mention

    def name(self, label: str, state: _State) -> str:
        """Return which fact an amount's own words name; 涉及 only says how far an act goes."""
        if "涉及" in label:
            return ""
        if path := list(_PATH.finditer(label)):
            return self.path_name(path[-1])
        if _PUBLIC.search(label) and (self.is_public or "三公" in label):
            if re.search("外宾|国内公务接待|团组", label):
                return ""
            found = public_name(label)
            return f"三公·{found or '合计'}·决算" if found or "三公" in label else ""
        return name_of(label)

    def state(self, name: str, mention: Mention, state: _State) -> None:
        """Note a named amount, for the document and for this paragraph."""
        state.named.setdefault(name, mention)
        self.register.state(name, mention)

    @staticmethod
    def role(label: str, said: str) -> str:
        """Return which part of its subject an amount is."""
        for pattern, role in (
            (_INITIAL, "年初预算"), (_FULL, "全年预算"), (_ADDED, "年中调整"), (_SPENT, "决算"),
            (_BUDGET, "预算"), (_EXECUTED, "执行"), (_LEFT, "结余"),
        ):  # fmt: skip
            if pattern.search(label):
                return role
        return ""

    @staticmethod
    def is_whole(said: str) -> bool:
        """Whether the unit's whole budget is spoken of, not a project's."""
        return not re.search("项目|三公|采购", re.split("[；;。]", said)[-1])

    def adjusted(self, parts: dict[str, Mention]) -> None:
        """年初预算 + 年中调整 = 全年预算."""
        told = "全年预算数 = 年初预算数 + 年中调整数"
        terms = total((parts["年初预算"], parts["年中调整"]))
        self.register.require("加总", told, parts["全年预算"], terms)

    # --- rates -------------------------------------------------------------------------------

    def rate(self, mention: Mention, label: str, said: str, state: _State) -> None:
        """A share, a change, a completion, or a rate by name."""
        if completed := _COMPLETED.search(label):
            self.completed(mention, completed["which"] or "", state)
        elif label == "的" and "预算" in state.parts:
            self.completed(mention, "", state)
        elif share := _SHARE.search(label):
            self.share(mention, share["whole"], state)
        elif change := _CHANGE.search(label):
            if state.delta is not None:
                self.changed(mention, 1 if change["up"] else -1, state)
        elif rate := _RATE.search(label):
            self.by_name(mention, rate["name"], said, state)

    def completed(self, mention: Mention, which: str, state: _State) -> None:
        """决算 ÷ 预算."""
        subject, parts = state.subject, dict(state.parts)
        spent = parts.get("决算") or parts.get("执行") or state.last
        budget = parts.get("年初预算") if which == "年初" else parts.get("预算")
        budget = budget or parts.get("全年预算") or parts.get("年初预算")
        self.register.state(f"{subject}·完成率", mention) if subject.startswith("三公") else None

        def make() -> None:
            divisor = budget or self.register.first(
                f"{subject}·{which or ''}预算", f"{subject}·预算"
            )
            if spent is not None and divisor is not None and spent is not divisor:
                told = f"完成{which}预算的比例 = 决算数 ÷ {which}预算数"
                self.divide("完成率", told, mention, total([spent]), total([divisor]))

        self.later.append(make)

    def share(self, mention: Mention, phrase: str, state: _State) -> None:
        """A part ÷ its whole."""
        part, whole, named = state.last, state.whole, dict(state.named)
        name = name_of(phrase)
        public = self.is_public and state.subject.startswith("三公")
        if part is not None and (not phrase or (name and named.get(name) is whole)):
            state.shared.append(part)

        def make() -> None:
            divisor = whole
            if name:
                divisor = named.get(name) or self.register.first(name)
            elif public:
                divisor = self.register.first("三公·合计·决算")
            elif phrase.strip():
                return
            if part is not None and divisor is not None and (part is not divisor or name):
                told = f"占{phrase or '比'} = 部分 ÷ {phrase or '合计'}"
                self.divide("占比", told, mention, total([part]), total([divisor]))

        self.later.append(make)

    def changed(self, mention: Mention, sign: int, state: _State) -> None:
        """增减额 ÷ 上年数, and both in one direction."""
        delta, direction, to_budget = state.delta, state.sign, state.to_budget
        assert delta is not None
        if sign != direction and delta.value:
            self.observed.append(
                Observed(
                    "方向", Severity.LOGIC, "增减额与增减率方向相反",
                    f"前面说{'增加' if direction > 0 else '减少'} {delta.raw}，"
                    f"后面说{'增长' if sign > 0 else '下降'} {mention.raw}",
                    mention.place, mention.quote, printed=mention.raw,
                )
            )  # fmt: skip
        now = state.named.get(state.delta_name) or state.last
        base = state.parts.get("预算") or state.parts.get("年初预算")
        if to_budget and base is not None:
            told = "增减率 = 增减额 ÷ 预算数"
            self.divide("增减率", told, mention, total([delta]), total([base]))
        elif now is not None and now is not delta and not to_budget:
            told = "增减率 = 增减额 ÷ 上年数，上年数 = 本年数 ∓ 增减额"
            before = (*total([now]), Term(Exact(-direction), (delta,)))
            self.divide("增减率", told, mention, total([delta]), before)
        state.delta = None

    def by_name(self, mention: Mention, name: str, said: str, state: _State) -> None:
        """执行率, 调整率, 结余率, 控制率 out of the numbers the paragraph gives."""
        parts = state.parts
        over, under = {
            "预算调整率": ("年中调整", "年初预算"), "结转结余率": ("结余", "全年预算"),
            "控制率": ("执行", "预算"),
        }.get(name, ("执行", "全年预算"))  # fmt: skip
        top, bottom = parts.get(over), parts.get(under)
        if name == "预算调整率" and top is None and state.deltas:
            top = state.deltas[-1][0]
        if name in {"预算执行率", "执行率"} and "全年预算" in parts and self.is_whole(said):
            self.register.state("预算执行率", mention)
        if name == "结转结余率" and top is not None:
            self.register.state("结转结余总额", top)
        if top is not None and bottom is not None:
            told = f"{name} = {over}数 ÷ {under}数"
            self.divide(name, told, mention, total([top]), total([bottom]))

    def divide(
        self, check: str, told: str, left: Mention, over: tuple[Term, ...], under: tuple[Term, ...]
    ) -> None:
        """Require a quotient, in the printed unit of its result."""
        self.register.require(check, told, left, over, under)

    # --- sums --------------------------------------------------------------------------------

    def partition(self, text: str, state: _State) -> None:
        """A whole is the sum of the parts the same paragraph gives with their shares."""
        whole, parts = state.whole, state.shared
        named = state.named
        inside = [one for one in parts if one is not whole]
        once = len(inside) == len(set(map(id, inside)))
        if whole is not None and len(inside) > 1 and once and re.search("其中|以下方面", text):
            self.register.require("加总", "合计 = 其中各项之和", whole, total(inside))
        buying = [
            named[k] for k in ("政府采购·货物", "政府采购·工程", "政府采购·服务") if k in named
        ]
        if len(buying) == 3:
            told = "政府采购支出总额 = 货物 + 工程 + 服务"
            self.register.require("加总", told, named.get("政府采购支出"), total(buying))
        if {"人员经费", "公用经费", "一般公共预算基本支出"} <= named.keys():
            told = "基本支出 = 人员经费 + 公用经费"
            parts = [named["人员经费"], named["公用经费"]]
            self.register.require("加总", told, named["一般公共预算基本支出"], total(parts))
        if len(state.deltas) > 2 and "综上" in text:
            (first, direction), *rest = state.deltas
            rest = rest[:-1] if rest[-1][0].value == first.value else rest
            terms = tuple(Term(Exact(sign * direction), (one,)) for one, sign in rest)
            self.register.require("加总", "增减额 = 各项增减之和", first, terms)

    def counted(self, text: str, founds: list[Found]) -> None:
        """“共有车辆N辆，其中：…”: counts of one unit in a sentence add up."""
        stop = 0
        for at, found in enumerate(founds):
            if found.start < stop:
                continue
            unit, end = found.mention.unit, found.end
            if unit not in {"辆", "台"} or not re.match(r"[，,]其中[:：]", text[end : end + 4]):
                continue
            break_ = _STOP.search(text, end)
            stop = break_.start() if break_ else len(text)
            parts = [
                o.mention
                for o in founds[at + 1 : at + 1 + MAX_PARTS]
                if o.start < stop and o.mention.unit == unit
            ]
            if len(parts) > 1:
                told = f"{unit}数合计 = 各类之和"
                self.register.require("加总", told, found.mention, total(parts))

    def of_group(self, text: str, state: _State) -> None:
        """年初预算 and 决算 of 类 款 项 add up to what was said before them."""
        if text.rstrip("。").endswith("其中：") and state.subject == "一般公共预算支出":
            self.end_group()
            if {"年初预算", "决算"} <= state.parts.keys():
                self.group = (dict(state.parts), {"年初预算": [], "决算": []})
        elif self.group is not None and re.match(r"\d{1,2}[.、．]", text) and _PATH.search(text):
            for role, listed in self.group[1].items():
                if role in state.parts:
                    listed.append(state.parts[role])

    def end_group(self) -> None:
        """Require the sums of a group that has ended."""
        if self.group is None:
            return
        wholes, parts = self.group
        self.group = None
        for role, listed in parts.items():
            if len(listed) > 1:
                self.register.require("加总", f"{role}合计 = 各项之和", wholes[role], total(listed))


def amounts_in_ten_thousands(document: Document) -> set[str]:
    """Return the digits of every amount a document prints in 万元, trailing zeros apart."""
    found: set[str] = set()
    for block in document.blocks:
        if isinstance(block, Paragraph):
            found.update(re.findall(r"([\d,]+\.\d+)万元", block.text))
    return found
