"""What the middle of the workbench shows for a place of the tree. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import set_cell_size

from perfeval.indicators.model import Group, Tier
from perfeval.numbers import decimal_text
from perfeval.scoring.scorecard import IndicatorResult
from perfeval.scoring.trace import doubts_text
from perfeval.tui import claimed_fields, outline
from perfeval.tui.edits import unused_points
from perfeval.tui.fields import Section
from perfeval.tui.indicator_fields import (
    grouped_inputs,
    input_field,
    inputs_of_item,
    sections_of,
)
from perfeval.tui.project_fields import basic_sections, goal_sections, money_text, rate_field
from perfeval.tui.proposals import input_proposals
from perfeval.tui.sheet_view import SheetView, fund_sheet, own_sheet
from perfeval.tui.shown import Shown


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A heading, a sentence, a state, and either fields or a sheet."""

    title: str
    help: str = ""
    state: str = ""
    sections: tuple[Section, ...] = ()
    sheet: SheetView | None = None


def place_view(shown: Shown, place: str) -> PlaceView:
    """Return what to show for a place."""
    names = outline.names_of(place)
    if not names:
        row = shown.row(place)
        return _indicator(shown, row) if row is not None else PlaceView("")
    project = shown.project
    if names == [outline.BASE]:
        return _base(shown)
    if project is not None and names == [outline.BASIC]:
        sections = basic_sections(shown.session, project, shown.set, shown.prefix)
        sections += claimed_fields.of_whole(shown.session, shown.prefix, shown.result)
        return PlaceView("基本情况", sections=tuple(sections))
    if project is not None and names == [outline.GOAL]:
        sections = goal_sections(shown.session, project, shown.prefix)
        return PlaceView("年度总体目标", sections=tuple(sections))
    if project is not None and names == [outline.FUNDS]:
        money = money_text(project, shown.session.money_unit)
        sheet = fund_sheet(shown, project)
        return PlaceView("资金", "只有一项来源时，它就是年度资金总额", money, sheet=sheet)
    if (group := shown.own_group(place)) is not None:
        return _own(shown, group)
    return _overview(shown, names)


def _indicator(shown: Shown, row: IndicatorResult) -> PlaceView:
    item = row.item
    spec = next((one for one in shown.set.all_indicators() if one.code == row.code), None)
    code = "" if item.own and item.code == row.name else f"{row.code} "
    doubts = doubts_text(item)
    state = f"{decimal_text(row.points)} 分 · {row.status}" + (f" · {doubts}" if doubts else "")
    sections = sections_of(shown, row)
    inputs = inputs_of_item(item)
    sections += claimed_fields.of_row(shown.session, row, inputs)
    help_text = spec.help if spec and not item.own else ""
    return PlaceView(f"{code}{row.name}", help_text, state, tuple(sections))


def _base(shown: Shown) -> PlaceView:
    offers = input_proposals(shown)
    told = "每个数填一次，供各项公式取用；来源、日期、说明在基础数据表里填（F2）"
    sections = tuple(
        Section(group, tuple(
            input_field(shown, name, offers)
            for name in names
        ))
        for group, names in grouped_inputs(shown.set).items()
    )  # fmt: skip
    return PlaceView("基础数据", told, sections=sections)


def _own(shown: Shown, group: Group) -> PlaceView:
    points = shown.group_points(group)
    left = unused_points(shown.evaluation, group.name, points)
    rows = sum(1 for _ in shown.evaluation.rows_of(group.name))
    state = f"{rows} 项，共 {decimal_text(points)} 分，"
    state += f"剩余分值 {decimal_text(left)}" if left >= 0 else f"超出 {decimal_text(-left)} 分"
    sheet = own_sheet(shown, group)
    told = "Tab 右一格，回车下一行；分值栏 Ctrl+A 均分；可粘贴多行"
    return PlaceView(group.name, told, state, sheet=sheet)


def _overview(shown: Shown, names: list[str]) -> PlaceView:
    tier = next((one for one in shown.result.tiers if one.name == names[0]), None)
    if tier is None:
        return PlaceView(names[-1])
    sections: list[Section] = []
    project = shown.project
    spec: Tier = shown.set.tier(tier.name)
    if project is not None and len(names) == 1 and any(spec.own_groups()):
        own = {group.name for group in spec.own_groups()}
        if tier.name in project.tier_rates or not any(
            r.group in own for r in project.rows.values()
        ):
            sections.append(Section("", (rate_field(project, shown.prefix, tier.name),)))
    if len(names) == 1:
        sections += claimed_fields.of_tier(shown.session, shown.prefix, tier)
        groups = (g for g in tier.groups if g.name)
        lines = [(g.name, outline.earned(g), g.points) for g in groups]
    else:
        rows = (r for g in tier.groups if g.name == names[1] for r in g.indicators)
        lines = [(r.name, r.score, r.points) for r in rows]
    told = "\n".join(
        f"{set_cell_size(name, 26)}{decimal_text(score, 2) if score is not None else '--':>7}"
        f" / {decimal_text(points)}"
        for name, score, points in lines
    )
    score = decimal_text(tier.score, 2) if tier.score is not None else "--"
    state = f"{score} / {decimal_text(tier.points)} 分" if len(names) == 1 else ""
    return PlaceView(names[-1], told, state, tuple(sections))
