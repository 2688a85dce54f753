"""What a report's words give away: another year or place, numbering, missing attachments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from perfeval.audit.document import Document, Paragraph, Table
from perfeval.audit.equations import Verdict
from perfeval.audit.observed import Observed, Severity

_TITLE_YEAR = re.compile(r"(20[0-4]\d)年度?")
_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)年(?P<kind>度)?(?!\d{0,2}月)")
_OWN = re.compile(
    r"年初预算|全年总?预算|全年|年底|本部门|我部门|我单位|局部门|度部门|整体(?:支出)?绩效|自评|决算数?为"
)
_PAST = re.compile(
    r"以来|印发|制定|成立|颁布|施行|上年|历年|往年|前年|去年|相比|同比|增长|下降|截[至止]|比20|较20|与20|至20|[《〔\[]"
)
_LEVELS = "省市区县乡镇"
_UNIT = re.compile(
    r"(?:部门(?:（单位）|\(单位\))?名称|单位名称|自评单位|填报单位)[:：](?P<name>[^\s，。；]{3,40})"
)
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_CHINESE = {c: n for n, c in enumerate("一二三四五六七八九十", 1)}


def _chinese(text: str) -> int:
    """Return the value of a Chinese number up to 99."""
    if "十" not in text:
        return _CHINESE.get(text, 0)
    tens, _, units = text.partition("十")
    return _CHINESE.get(tens, 1) * 10 + _CHINESE.get(units, 0)


def _circled(text: str) -> int:
    return _CIRCLED.index(text) + 1


_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], int]], ...] = (
    (re.compile(r"([①-⑳])"), _circled),
    (re.compile(r"(\d{1,2})(?:、|[.．](?:(?!\d)|(?=20\d\d年)))"), int),
    (re.compile(r"[(（](\d{1,2})[)）]"), int),
    (re.compile(r"[(（]([一二三四五六七八九十]{1,3})[)）]"), _chinese),
    (re.compile(r"([一二三四五六七八九十]{1,3})、"), _chinese),
)
_MONTHS = re.compile(r"[1１一]\s*[—–\-－至到]\s*([1-9]|1[01])月(?:份)?(?:以来|期间|底)?")
_ATTACHED = re.compile(r"(?:详见|见|附)[“\"]?(?:第[一二三四五六七八九十]部分)?附件(?P<n>\d{0,2})")
_PROMISED = re.compile(
    r"《(?P<what>[^》]{4,30}(?:表|报告))》详见|(?P<other>[^，。；《》]{4,30}(?:评价报告|自评表|目标表))(?!》)[^，。；]{0,12}详见"
)


def year_of(document: Document) -> int:
    """Return the year a report is of: what its headings and first paragraphs name most."""
    counted: Counter[int] = Counter()
    for at, block in enumerate(document.paragraphs):
        weight = 5 if at < 5 else 1
        for match in re.finditer(r"(20[0-4]\d)年度", block.text):
            counted[int(match[1])] += weight
    return counted.most_common(1)[0][0] if counted else 0


def unit_of(document: Document) -> str:
    """Return the unit's name as its tables give it."""
    counted: Counter[str] = Counter()
    for block in document.paragraphs:
        if match := _UNIT.search(block.text[:80]):
            counted[match["name"]] += 1
    return counted.most_common(1)[0][0] if counted else ""


def read_words(document: Document) -> Iterator[Observed]:
    """Yield what the words of a report get wrong."""
    year, unit = year_of(document), unit_of(document)
    if year:
        yield from _years(document, year)
    if unit:
        yield from _places(document, unit)
    yield from _numbering(document)
    yield from _attachments(document)


def _sentences(block: Paragraph) -> Iterator[tuple[int, str]]:
    start = 0
    for match in re.finditer(r"[。；;]|$", block.text):
        if text := block.text[start : match.end()]:
            yield start, text
        start = match.end()


def _years(document: Document, year: int) -> Iterator[Observed]:
    """A sentence on this year's own budget that names a year before the last."""
    for block in document.paragraphs:
        for start, sentence in _sentences(block):
            for match in _YEAR.finditer(sentence):
                named = int(match[1])
                around = sentence[max(0, match.start() - 12) : match.end() + 14]
                if (
                    year - 8 < named < year - 1
                    and _OWN.search(sentence)
                    and not _PAST.search(around)
                ):
                    yield Observed(
                        "年度", Severity.TEXT,
                        f"{named}年 {sentence[match.end() : match.end() + 12]}",
                        f"{year}年度的报告里说的是 {named} 年，像是沿用了旧稿",
                        block.at(start + match.start()), sentence[:80], f"{named}年", f"{year}年",
                    )  # fmt: skip
        months = _MONTHS.search(block.text)
        if (
            months
            and "监控" not in block.text[:30]
            and re.search("以来|项目", block.text[months.end() :][:30] + months[0])
        ):
            yield Observed(
                "年度", Severity.TEXT, months[0],
                f"全年的报告里写“{months[0]}”，像是沿用了监控报告",
                block.at(months.start()),
                block.text[max(0, months.start() - 10) : months.end() + 40],
                months[0], verdict=Verdict.UNCERTAIN,
            )  # fmt: skip


def _places(document: Document, unit: str) -> Iterator[Observed]:
    """“我县” in a city's unit, “我局” where the unit is none."""
    levels = [one for one in unit[:-1] if one in _LEVELS] if unit else []
    own = _LEVELS.index(levels[-1]) if levels else -1
    seen: set[str] = set()
    for block in document.paragraphs:
        for match in re.finditer(r"我(?P<what>[省市区县乡镇局委院校])(?=[^员会们])", block.text):
            what, told = match["what"], ""
            if (
                what in _LEVELS
                and own >= 0
                and _LEVELS.index(what) > own
                and levels[-1] not in "区县"
            ) or (what in "局" and not re.search(r"局|办公室|中心$", unit)):
                told = f"单位是{unit}，文中写“我{what}”"
            if told and (what not in seen or what in _LEVELS):
                seen.add(what)
                yield Observed(
                    "地名", Severity.TEXT, f"我{what}", told + "，像是沿用了别处的稿子",
                    block.at(match.start()),
                    block.text[max(0, match.start() - 15) : match.end() + 25], f"我{what}",
                )  # fmt: skip


def _numbering(document: Document) -> Iterator[Observed]:
    """Numbers of one kind that repeat inside a run: ⑨ ⑩ ⑩."""
    last: dict[int, tuple[int, str]] = {}
    for block in document.blocks:
        if isinstance(block, Table):
            last.clear()
            continue
        for kind, (pattern, value) in enumerate(_NUMBERS):
            if not (match := pattern.match(block.text)):
                continue
            number = value(match[1])
            before, name = last.get(kind, (0, ""))
            if number == before and number > 1 and block.text[:40] != name:
                yield Observed(
                    "编号", Severity.TEXT, block.text[:24],
                    f"“{match[0]}”用了两次，前一个是“{name[:20]}”",
                    block.place, block.text[:60], match[0],
                )  # fmt: skip
            elif number > before + 1 and before > 0 and number < 30:
                yield Observed(
                    "编号", Severity.TEXT, block.text[:24],
                    f"编号从“{name[:20]}”跳到“{match[0]}”",
                    block.place, block.text[:60], match[0], verdict=Verdict.UNCERTAIN,
                )  # fmt: skip
            last[kind] = number, block.text[:40]
            for lower in range(kind):  # 一、 begins （一） and 1. anew
                if kind >= 2 or (kind == 1 and lower == 0):
                    last.pop(lower, None)
            break


def _attachments(document: Document) -> Iterator[Observed]:
    """What the text says is attached and nothing after it is called."""
    titles = [
        block.text for block in document.paragraphs
        if len(block.text) < 60 and not re.search("详见|[，。；]", block.text)
    ]  # fmt: skip
    told: set[str] = set()
    for block in document.paragraphs:
        if "附件" not in block.text and "详见" not in block.text:
            continue
        for match in _PROMISED.finditer(block.text):
            what = match["what"] or re.sub(r"^.*(?:我部门|本部门|我单位|年度)", "", match["other"])
            if what in told or any(_called(what, title) for title in titles):
                continue
            told.add(what)
            yield Observed(
                "附件", Severity.TEXT, what, f"文中说“{what}”详见附件，附件里没有找到",
                block.at(match.start()), block.text[:80], what, verdict=Verdict.UNCERTAIN,
            )  # fmt: skip
        for match in _ATTACHED.finditer(block.text):
            number = match["n"]
            if (
                number
                and number not in told
                and not any(re.match(rf"附件{number}(?!\d)", title) for title in titles)
            ):
                told.add(number)
                yield Observed(
                    "附件", Severity.TEXT, f"附件{number}", f"文中说详见附件{number}，没有找到它",
                    block.at(match.start()),
                    block.text[max(0, match.start() - 40) : match.end() + 4],
                    f"附件{number}", verdict=Verdict.UNCERTAIN,
                )  # fmt: skip


def _called(what: str, title: str) -> bool:
    """Whether a title names an attachment."""
    return what in title or title.endswith(what[-8:])
