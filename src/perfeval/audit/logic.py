"""What hangs together only by meaning: full marks below target, classes that overlap, money left.

Nothing here rests on a rule that the report does not print: what a standard would decide is asked
about (UNCERTAIN, NOT ASSESSABLE), and only what cannot be so is FAIL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfeval.audit.accounts import Accounts
from perfeval.audit.document import Document, Paragraph
from perfeval.audit.equations import Register, Verdict
from perfeval.audit.figures import Mention
from perfeval.audit.observed import Observed, Severity
from perfeval.audit.selfeval import SelfEvaluation
from perfeval.audit.tiers import ScoredLine
from perfeval.numbers import Exact, decimal_text

_CHANCES = re.compile(
    r"(?P<chance>确定能|有可能|完全不可能|不可能)实现绩效目标的项目(?:有)?(?P<n>\d+)个[，,]涉及资金(?P<money>[\d,]+(?:\.\d+)?)万元"
)
_COVER = re.compile(r"占[^，。；]{0,30}项目支出(?:总额)?的(?P<rate>\d+(?:\.\d+)?)%")
_FORMULA = re.compile(r"^(?P<name>[^=＝]{2,24})[=＝](?P<formula>[^。]{4,160})")
_MONEY_WORDS = re.compile("金额|资金|支出数|预算数")
_ITEMS = re.compile(r"\d+(?:项|个|台|批)")
_AMOUNT = re.compile(r"\d(?:万|亿)?元")
_SAMPLE = re.compile(r"问卷|样本|发放|回收|\d+份|满意率|\d+(?:\.\d+)?%|调查[^。]{0,12}\d+人")
_GRADE = re.compile(
    r"(?P<score>\d+(?:\.\d+)?)分[^。]{0,20}?(?:等级|等次|级别|结论)[^。优良中差]{0,6}[“\"]?(?P<grade>优|良|中|差)"
)
_UNDONE = re.compile(
    r"[^。；，、]{0,30}(?:未开展|未完成|未召开|未实施|没有开展|没有完成)(?!的项目)[^。；，]{0,12}"
)
_SURVEY = re.compile("调查问卷|问卷调查")
MAX_ITEMS = 400
_GRADES = (("优", 90), ("良", 80), ("中", 60), ("差", 0))


def _money(value: Exact) -> str:
    return decimal_text(value, 2)


def _tail(name: str, most: int = 24) -> str:
    return name if len(name) <= most else "…" + name[-most:]


def read_logic(
    document: Document, register: Register, accounts: Accounts, selfeval: SelfEvaluation
) -> Iterator[Observed]:
    """Yield what does not fit together."""
    yield from _balance(register, selfeval)
    yield from _against_accounts(register)
    yield from _execution(register)
    yield from _projects(register, accounts, selfeval, document)
    yield from _reasons(selfeval)
    survey = next((b for b in document.paragraphs if _SURVEY.search(b.text)), None)
    for line in selfeval.scored:
        yield from _scored(line, survey)
    for block in document.paragraphs:
        yield from _chances(block, register)
        yield from _coverage(block, register, selfeval)
        yield from _grade(block)
    yield from _formulas(document)
    yield from _subjects(register, accounts)


# --- money -----------------------------------------------------------------------------------


def _balance(register: Register, selfeval: SelfEvaluation) -> Iterator[Observed]:
    """预算 − 支出 = 结转结余 + 财政收回: no money left while a budget is unspent."""
    spent = register.first("全年执行数")
    budgets = register.facts.get("全年预算数", [])
    left = next((e for e in register.equations if e.check == "结转结余率"), None)
    if left is None or spent is None or not budgets:
        return
    over = left.over[0].factors[0]
    budget = left.under[0].factors[0]
    rest = budget.value - spent.value - over.value
    if abs(rest) <= budget.step / 2 + spent.step / 2 + over.step / 2 or rest < 0:
        return
    yield Observed(
        "平衡", Severity.LOGIC, "结转结余",
        f"全年预算 {budget.raw} − 执行数 {spent.raw} = {_money(budget.value - spent.value)}万元，"
        f"结转结余印为 {over.raw}，还有 {_money(rest)}万元 没有去处；如已由财政收回，请写明收回数",
        over.place, over.quote, over.raw, f"{_money(rest)}万元 = 结转结余 + 财政收回",
        Verdict.UNCERTAIN,
    )  # fmt: skip


_PAIRS = (
    ("全年执行数", "支出合计", "自评的全年执行数", "决算的本年支出"),
    ("年初预算数", "一般公共预算支出·年初预算", "自评的年初预算数", "决算说明的年初预算"),
)


def _against_accounts(register: Register) -> Iterator[Observed]:
    """What the self-evaluation and the 决算 both state."""
    for name, other, told, other_told in _PAIRS:
        mine, theirs = register.first(name), register.first(other)
        if mine is None or theirs is None or mine.interval.meets(theirs.interval):
            continue
        gap = _money(abs(mine.value - theirs.value))
        yield Observed(
            "表间", Severity.LOGIC, told,
            f"{told} {mine.raw}，{other_told} {theirs.raw}（{theirs.place}），相差 {gap}万元；"
            "口径不同的，请写明",
            mine.place, mine.quote, mine.raw, theirs.printed(theirs.value), Verdict.UNCERTAIN,
        )  # fmt: skip


def _execution(register: Register) -> Iterator[Observed]:
    """得分率 of 预算执行 beside 预算执行率: the same below 100 % where the score is pro rata."""
    rate, score = register.first("预算执行率"), register.first("一级·预算执行·得分率")
    if rate is None or score is None or rate.interval.meets(score.interval):
        return
    if rate.value >= 1 and score.value == 1:
        return
    yield Observed(
        "得分", Severity.LOGIC, "预算执行情况得分率",
        f"预算执行情况得分率 {score.raw}，预算执行率 {rate.raw}（{rate.place}），按比例计分应相同",
        score.place, score.quote, score.raw, rate.raw, Verdict.UNCERTAIN,
    )  # fmt: skip


def _projects(
    register: Register, accounts: Accounts, selfeval: SelfEvaluation, document: Document
) -> Iterator[Observed]:
    """The projects' spending beside 项目支出 and beside its 项, with one cause for one gap."""
    spent = [one for one in selfeval.table if "执行数" in one.values]
    whole = register.first("一般公共预算项目支出", "项目支出")
    if not 2 <= len(spent) <= MAX_ITEMS or whole is None or len(accounts.names) > MAX_ITEMS * 5:
        return
    values = {one.key: one.values["执行数"] for one in spent}
    together = sum((one.value for one in values.values()), Exact(0))
    room = sum((one.step / 2 for one in values.values()), whole.step / 2)
    gap = whole.value - together
    if abs(gap) <= room:
        return
    items = {
        name: mentions[0]
        for name, mentions in register.facts.items()
        if name.startswith("一般公共预算项目支出·") and len(name.partition("·")[2]) == 7
    }
    free = dict(values)
    odd: list[tuple[str, Mention]] = []
    for name, item in items.items():
        match = next((k for k, v in free.items() if v.interval.meets(item.interval)), None)
        if match is None:
            odd.append((name, item))
        else:
            free.pop(match)
    also = ""
    if len(odd) == 1:
        name, item = odd[0]
        rest = sum((one.value for one in free.values()), Exact(0))
        if abs(item.value - rest - gap) <= room:
            code = name.partition("·")[2]
            also = (
                f"；{accounts.names.get(code, code)} {item.raw} 与归入它的项目之和 {_money(rest)}"
                f" 也差 {_money(abs(gap))}，是同一个原因"
            )
    left_out = next(
        (b for b in document.paragraphs if "不参加自评" in b.text or "未参加自评" in b.text), None
    )
    causes = []
    if left_out is not None and gap > 0:
        causes.append(f"未参加自评的项目支出了 {_money(gap)}（{left_out.place}）")
    unspent = [
        one for one in spent
        if "全年预算数" in one.values
        and one.values["执行数"].value < one.values["全年预算数"].value
        and one.values["执行数"].value + gap <= one.values["全年预算数"].value
    ]  # fmt: skip
    for one in unspent[:3]:
        was = one.values["执行数"]
        causes.append(f"“{_tail(one.name)}”执行数 {was.raw} 应为 {_money(was.value + gap)}")
    yield Observed(
        "汇总", Severity.LOGIC, "各项目执行数之和",
        f"汇总表各项目执行数之和 {_money(together)}万元，项目支出 {whole.raw}，"
        f"相差 {_money(abs(gap))}万元{also}",
        spent[0].place, "自评汇总表 执行数", f"{_money(together)}万元", whole.raw,
        Verdict.UNCERTAIN, tuple(causes),
    )  # fmt: skip


_LATE = re.compile("未完成|未开展|未实施|滞后|延期|未达到|未支付")


def _reasons(selfeval: SelfEvaluation) -> Iterator[Observed]:
    """偏差原因: points lost without one, and one beside full marks that speaks of a failure."""
    told = {one.key for one in selfeval.lines if one.reason}
    silent = [
        one for one in selfeval.table
        if one.reason == "" and "得分" in one.values and one.values["得分"].value < 100
        and one.key not in told
    ]  # fmt: skip
    if silent:
        names = "、".join(_tail(one.name) for one in silent[:3])
        more = f" 等 {len(silent)} 个项目" if len(silent) > 3 else ""
        yield Observed(
            "扣分", Severity.LOGIC, "汇总表偏差原因", f"{names}{more}没有得满分，也没有写偏差原因",
            silent[0].place, silent[0].quote, silent[0].values["得分"].raw, "偏差原因",
            Verdict.UNCERTAIN,
        )  # fmt: skip
    for one in selfeval.table:
        late = _LATE.search(one.reason or "")
        if late and "得分" in one.values and one.values["得分"].value == 100:
            yield Observed(
                "满分", Severity.LOGIC, f"{one.name} 偏差原因",
                f"“{_tail(one.name)}”得满分 {one.values['得分'].raw}，偏差原因却写“{one.reason}”",
                one.place, (one.reason or "")[:80], one.values["得分"].raw,
                verdict=Verdict.UNCERTAIN,
            )  # fmt: skip


def _coverage(block: Paragraph, register: Register, selfeval: SelfEvaluation) -> Iterator[Observed]:
    """A coverage above 100 %: a budget over a spending; the like-for-like figure is shown."""
    for match in _COVER.finditer(block.text):
        if (
            Exact(match["rate"].replace(".", "")) / 10 ** len(match["rate"].partition(".")[2])
            <= 100
        ):
            continue
        whole = register.first("一般公共预算项目支出", "项目支出")
        like = ""
        if whole is not None and whole.value and selfeval.spent_sum is not None:
            rate = decimal_text(selfeval.spent_sum / whole.value * 100, 2)
            like = f"；同口径为执行数 {_money(selfeval.spent_sum)} ÷ {whole.raw} = {rate}%"
        yield Observed(
            "覆盖", Severity.LOGIC, "自评覆盖率",
            f"覆盖率 {match['rate']}% 超过 100%：分子像是预算数，分母是支出数{like}",
            block.at(match.start()), match[0], f"{match['rate']}%", "不超过 100%",
            Verdict.UNCERTAIN,
        )  # fmt: skip


def _chances(block: Paragraph, register: Register) -> Iterator[Observed]:
    """确定能 + 有可能 + 完全不可能 is the number of projects, each counted once."""
    found = {match["chance"]: match for match in _CHANCES.finditer(block.text)}
    if len(found) < 2:
        return
    counts = {chance: int(match["n"]) for chance, match in found.items()}
    whole = register.first("自评项目数")
    number = int(whole.value) if whole is not None else max(counts.values())
    if sum(counts.values()) == number:
        return
    match = next(iter(found.values()))
    told = " + ".join(f"{chance} {n}" for chance, n in counts.items())
    sums = " + ".join(match["money"] for match in found.values())
    yield Observed(
        "分类", Severity.LOGIC, "实现绩效目标的可能性",
        f"{told} = {sum(counts.values())} 个，项目共 {number} 个："
        f"一个项目只能归入一类（涉及资金 {sums} 万元）",
        block.at(match.start()), match[0], f"{sum(counts.values())}个", f"{number}个",
    )  # fmt: skip


# --- scores ----------------------------------------------------------------------------------


def _scored(line: ScoredLine, survey: Paragraph | None) -> Iterator[Observed]:
    place, quote = line.score.place, line.score.quote
    if line.score.value > line.points.value:
        yield Observed(
            "得分", Severity.ARITHMETIC, line.name,
            f"得分 {line.score.raw} 超过分值 {line.points.raw}", place, quote,
            line.score.raw, f"不超过 {line.points.raw}",
        )  # fmt: skip
    full = line.score.value == line.points.value
    said = "".join(one.text for one in line.following)
    undone = _UNDONE.search(said)
    if full and line.rate is not None and line.rate.value < 1:
        pro_rata = decimal_text(line.points.value * line.rate.value, 2)
        why = f"；文中又说“{undone[0].strip()}”" if undone else ""
        yield Observed(
            "满分", Severity.LOGIC, line.name,
            f"完成 {line.rate.raw} 得满分 {line.score.raw}，没有引用评分标准："
            f"按比例为 {pro_rata} 分，年度指标值不高于 {line.rate.raw} 才得满分{why}",
            place, quote, line.score.raw, f"{pro_rata}分（按比例）", Verdict.NOT_ASSESSABLE,
        )  # fmt: skip
    elif full and undone and line.score.value:
        yield Observed(
            "满分", Severity.LOGIC, line.name,
            f"得满分 {line.score.raw}，文中说“{undone[0].strip()}”，请核对",
            place, said[:80], line.score.raw, verdict=Verdict.UNCERTAIN,
        )  # fmt: skip
    if full and "满意" in line.name and not (_SAMPLE.search(said) or line.rate is not None):
        elsewhere = f"；{survey.place} 说做过问卷" if survey is not None else ""
        yield Observed(
            "依据", Severity.LOGIC, line.name,
            f"得满分 {line.score.raw}，没有样本量和满意率{elsewhere}",
            place, (said or quote)[:80], line.score.raw, "样本量、满意率", Verdict.UNCERTAIN,
        )  # fmt: skip


def _grade(block: Paragraph) -> Iterator[Observed]:
    """The grade beside a total, by the national cut-offs; a set may have others."""
    for match in _GRADE.finditer(block.text):
        whole, _, part = match["score"].partition(".")
        score = Exact(int(whole + part), 10 ** len(part))
        should = next(name for name, least in _GRADES if score >= least)
        if score <= 100 and should != match["grade"]:
            yield Observed(
                "等级", Severity.LOGIC, "评价等级",
                f"{match['score']} 分印为“{match['grade']}”，按 90/80/60 分界为“{should}”",
                block.at(match.start()), match[0], match["grade"], should, Verdict.UNCERTAIN,
            )  # fmt: skip


def _formulas(document: Document) -> Iterator[Observed]:
    """A formula of amounts under which only items are counted."""
    blocks = list(document.paragraphs)
    for at, block in enumerate(blocks):
        match = _FORMULA.match(block.text)
        if not match or "金额" not in match["formula"] or not _MONEY_WORDS.search(match["formula"]):
            continue
        said = block.text + "".join(one.text for one in blocks[at + 1 : at + 2])
        said = said[match.end() :] if "%" in match["formula"] else said
        if len(_ITEMS.findall(said)) >= 2 and not _AMOUNT.search(said):
            after = blocks[at + 1] if at + 1 < len(blocks) else block
            yield Observed(
                "口径", Severity.LOGIC, match["name"],
                f"公式按金额计算，说明里只有件数（{'、'.join(_ITEMS.findall(said)[:3])}），没有金额",
                after.place, said[-80:], verdict=Verdict.UNCERTAIN,
            )  # fmt: skip


def _subjects(register: Register, accounts: Accounts) -> Iterator[Observed]:
    """类/款/项 named in the text otherwise than in 公开05表."""
    if not accounts.names or len(accounts.names) > MAX_ITEMS:
        return
    for name, mentions in register.facts.items():
        head, _, path = name.partition("·")
        if head != "一般公共预算支出" or path.count("/") < 2 or "·" in path:
            continue
        spent = mentions[0]
        subject = path.split("/")[0]
        same = [
            code for code, item in accounts.names.items()
            if len(code) == 7
            and accounts.names.get(code[:3], "").removesuffix("支出") == subject
            and (at := register.first(f"一般公共预算支出·{code}"))
            and at.value == spent.value
        ]  # fmt: skip
        other = f"；金额相同的是“{accounts.names[same[0]]}”" if len(same) == 1 else ""
        yield Observed(
            "名称", Severity.TEXT, path,
            f"“{path.replace('/', ' · ')}”在公开05表里没有{other}",
            spent.place, spent.quote, path.split("/")[-1],
            accounts.names[same[0]] if len(same) == 1 else "",
        )  # fmt: skip
