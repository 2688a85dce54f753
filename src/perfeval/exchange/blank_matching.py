"""Which row of a blank form is whose: its rows and its labels beside what is to be filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from perfeval.exchange.blank_cells import Value, is_free
from perfeval.exchange.intake.labels import bare, indicator_name
from perfeval.numbers import Exact
from perfeval.scoring.scorecard import IndicatorResult, Result, Status


@dataclass
class BlankRow:
    """A row of the table of indicators in the blank form."""

    row: int
    tier: str
    group: str
    name: str


def ends(labels: list[str]) -> bool:
    """Whether a row is below the table: notes, signatures."""
    first = next((text.strip() for text in labels if text.strip()), "")
    return first.startswith(("注", "备注：", "说明", "填表", "填报", "单位负责人", "附"))


def stem(text: str) -> str:
    """Return a label of a level without the words that only say it is one."""
    return bare(text).removesuffix("指标").removesuffix("情况")


def alike(one: str, other: str) -> bool:
    """Whether two labels of a level mean the same: 产出指标（50分） and 产出."""
    left, right = stem(one), stem(other)
    return bool(left and right) and (left == right or left in right or right in left)


def same_group(row: BlankRow, result: IndicatorResult) -> bool:
    """Whether a template's row stands under the tier and group of a result's indicator."""
    item = result.item
    if not alike(row.tier, item.tier):
        return False
    return not item.group or not row.group or alike(row.group, item.group)


def assigned(rows: list[BlankRow], wanted: list[IndicatorResult]) -> dict[int, BlankRow]:
    """Return the row of each result by its id: those of its name first, then empty ones."""
    placed: dict[int, BlankRow] = {}
    taken: set[int] = set()
    named = {row.row: bare(indicator_name(row.name or row.tier)) for row in rows}
    for result in wanted:
        name = bare(result.name)
        fits = [row for row in rows if row.row not in taken and named[row.row] == name]
        fits.sort(key=lambda row: not alike(row.tier, result.item.tier))
        if fits:
            placed[id(result)] = fits[0]
            taken.add(fits[0].row)
    open_rows = [row for row in rows if row.row not in taken and is_free(row.name)]
    for result in wanted:
        if id(result) in placed:
            continue
        row = next((row for row in open_rows if same_group(row, result)), None)
        if row is not None:
            placed[id(result)] = row
            open_rows.remove(row)
    return placed


def nearest_fund(name: str, sources: list[str]) -> str:
    """Return the source a row of the funds block means, or an empty text."""
    plain = [source.removeprefix("其中") for source in sources]
    best = max(
        zip(plain, sources, strict=True),
        key=lambda pair: SequenceMatcher(None, name, pair[0]).ratio(),
        default=("", ""),
    )
    return best[1] if SequenceMatcher(None, name, best[0]).ratio() >= 0.6 else ""


def tier_rate(result: Result, label: str) -> Exact | None:
    """Return the rate of the tier a column's label names (产出指标得分率)."""
    wanted = stem(re.sub(r"(得分率|完成率)$", "", label))
    for tier in result.tiers:
        if alike(tier.name, wanted):
            return tier.printed_rate
    return None


def shown(result: IndicatorResult) -> tuple[Value, str]:
    """Return 实际完成值 as a form takes it: a rate as a number with its format, else as printed."""
    plain = result.item.unit == "%" and result.status is not Status.NOT_APPLICABLE
    if plain and result.value is not None and result.value_text.endswith("%"):
        places = len(result.value_text.partition(".")[2]) - 1
        return result.value, f"0.{'0' * places}%" if places > 0 else "0%"
    return result.value_text, ""
