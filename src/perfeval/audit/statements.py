"""The text of a 决算 report: what each number states, and the identities its sentences claim.

Reports follow a national wording (收支总计, 与上年度相比, 占…%, 完成年初预算的…%, “三公”). A
sentence is read number by number: the words before a number say its part (an amount by name, a
change, a share, a rate of completion), and what it refers to was said before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from perfeval.audit import phrases
from perfeval.audit.accounts import Accounts
from perfeval.audit.document import Document, Paragraph, Table
from perfeval.audit.equations import Register, Term, total
from perfeval.audit.figures import Found, Measure, Mention, figures_in
from perfeval.audit.observed import Observed, Severity
from perfeval.audit.paragraphs import (
    Said,
    amounts_in_ten_thousands,
    beside_budget,
    counted,
    partition,
)
from perfeval.audit.phrases import name_of, public_name, short_name
from perfeval.exchange.intake.labels import bare
from perfeval.numbers import Exact, unit_size

MAX_SAID = 240
"""How far back a sentence is looked at for what a number refers to."""


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
        text, state, before = paragraph.text, Said(), 0
        sentence = 0
        for found in founds:
            gap = text[before : found.start]
            if "。" in gap:
                sentence = before + gap.rfind("。") + 1
                state.delta = None
            label = phrases.BREAK.split(gap)[-1]
            said = text[max(sentence, found.start - MAX_SAID) : found.start]
            self.subject(gap, state)
            if found.mention.measure is Measure.AMOUNT:
                self.amount(self.in_its_unit(found.mention, label), label, said, state)
            elif found.mention.measure is Measure.RATE:
                self.rate(found.mention, label, said, state)
            before = found.end
        partition(text, state, self.register)
        counted(text, founds, self.register)
        self.of_group(text, state)
        self.observed += beside_budget(paragraph, state)

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

    def subject(self, gap: str, state: Said) -> None:
        """Note whose budget and spending is spoken of."""
        if path := list(phrases.PATH.finditer(gap)):
            state.subject = self.path_name(path[-1])
        elif phrases.PUBLIC.search(gap) and (self.is_public or "三公" in gap):
            clause = phrases.BREAK.split(gap)[-1]
            name = public_name(clause) or public_name(gap)
            state.subject = f"三公·{name or '合计'}"
        elif name := name_of(phrases.BREAK.split(gap)[-1]):
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

    def amount(self, mention: Mention, label: str, said: str, state: Said) -> None:
        """An amount: a change against the last year, a part of the subject, or a named fact."""
        change = phrases.CHANGE.search(label)
        if change and phrases.COMPARED.search(said) and not phrases.ADDED.search(label):
            state.sign = 1 if change["up"] else -1
            state.deltas.append((mention, state.sign))
            state.delta, state.delta_name = mention, self.name(label, state)
            state.to_budget = bool(phrases.TO_BUDGET.search(said))
            return
        role = phrases.role_of(label)
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

    def name(self, label: str, state: Said) -> str:
        """Return which fact an amount's own words name; 涉及 only says how far an act goes."""
        if "涉及" in label:
            return ""
        if path := list(phrases.PATH.finditer(label)):
            return self.path_name(path[-1])
        if phrases.PUBLIC.search(label) and (self.is_public or "三公" in label):
            if re.search("外宾|国内公务接待|团组", label):
                return ""
            found = public_name(label)
            return f"三公·{found or '合计'}·决算" if found or "三公" in label else ""
        return name_of(label)

    def state(self, name: str, mention: Mention, state: Said) -> None:
        """Note a named amount, for the document and for this paragraph."""
        state.named.setdefault(name, mention)
        self.register.state(name, mention)

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

    def rate(self, mention: Mention, label: str, said: str, state: Said) -> None:
        """A share, a change, a completion, or a rate by name."""
        if completed := phrases.COMPLETED.search(label):
            self.completed(mention, completed["which"] or "", state)
        elif label == "的" and "预算" in state.parts:
            self.completed(mention, "", state)
        elif share := phrases.SHARE.search(label):
            self.share(mention, share["whole"], state)
        elif change := phrases.CHANGE.search(label):
            if state.delta is not None:
                self.changed(mention, 1 if change["up"] else -1, state)
        elif rate := phrases.RATE.search(label):
            self.by_name(mention, rate["name"], said, state)

    def completed(self, mention: Mention, which: str, state: Said) -> None:
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

    def share(self, mention: Mention, phrase: str, state: Said) -> None:
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

    def changed(self, mention: Mention, sign: int, state: Said) -> None:
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

    def by_name(self, mention: Mention, name: str, said: str, state: Said) -> None:
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

    # --- groups ------------------------------------------------------------------------------

    def of_group(self, text: str, state: Said) -> None:
        """年初预算 and 决算 of 类 款 项 add up to what was said before them."""
        if text.rstrip("。").endswith("其中：") and state.subject == "一般公共预算支出":
            self.end_group()
            if {"年初预算", "决算"} <= state.parts.keys():
                self.group = (dict(state.parts), {"年初预算": [], "决算": []})
        elif (
            self.group is not None
            and re.match(r"\d{1,2}[.、．]", text)
            and phrases.PATH.search(text)
        ):
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
