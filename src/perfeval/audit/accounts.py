"""公开01–09 表: their cells as facts, and the sums down, across and between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from perfeval.audit.account_tables import AccountTable, Item, account_tables, figure_at
from perfeval.audit.document import Document, Table
from perfeval.audit.equations import Register, total
from perfeval.audit.figures import Mention
from perfeval.audit.phrases import public_name, short_name
from perfeval.exchange.intake.labels import bare

_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}、")


@dataclass(slots=True)
class Accounts:
    """What the nine tables give the rest: which code a path of names means."""

    tables: list[AccountTable] = field(default_factory=list)
    paths: dict[tuple[str, ...], str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """The name of each code, as table 05 prints it."""


def source(name: str) -> str:
    """Return a source of income as tables 01 and 04 both call it."""
    return name.removesuffix("收入").removesuffix("财政拨款")


# --- facts and sums --------------------------------------------------------------------------


def read_accounts(document: Document, register: Register) -> Accounts:
    """Read the account tables into facts and identities."""
    accounts = Accounts()
    for table in account_tables(document):
        accounts.tables.append(table)
        _READERS[table.number](table, register, accounts)
    _between(register)
    return accounts


def _title(table: AccountTable) -> str:
    return f"公开{table.number:02d}表"


def _sum_down(
    table: AccountTable, register: Register, whole: Item | None, parts: list[Item], told: str
) -> None:
    """A row is the sum of others, in every column."""
    if whole is None:
        return
    for column, left in whole.values.items():
        terms = total(one.values[column] for one in parts if column in one.values)
        register.require("合计", f"{_title(table)} {column}：{told}", left, terms)


def _sum_across(
    table: AccountTable, register: Register, items: Iterable[Item], whole: str, parts: list[str]
) -> None:
    """A column is the sum of others, in every row."""
    for item in items:
        terms = total(item.values[one] for one in parts if one in item.values)
        told = f"{_title(table)} {item.printed}：{whole} = {' + '.join(parts[:3])}"
        register.require("横向", told, item.values.get(whole), terms)


def _named(side: list[Item], *names: str) -> Item | None:
    return next((one for one in side if one.name in names), None)


def _two_sided(table: AccountTable, register: Register, accounts: Accounts) -> None:
    """01 and 04: 收入 beside 支出, with the totals below."""
    if len(table.items) < 2:
        return
    income, expense = table.items[0], table.items[1]
    state = _state_01 if table.number == 1 else _state_04
    state(income, expense, register)
    for side, year, before in ((income, "本年收入合计", "年初"), (expense, "本年支出合计", "年末")):
        whole, end = _named(side, year), _named(side, "总计", "收入总计", "支出总计")
        listed = [one for one in side if _NUMBERED.match(one.printed)]
        _sum_down(table, register, whole, listed, f"{year} = 各项之和")
        carried = [
            one
            for one in side
            if one.name.startswith((before, "使用非财政拨款结余", "使用专用结余", "结余分配"))
            and not _NUMBERED.match(one.printed)
        ]
        if whole is not None:
            _sum_down(table, register, end, [whole, *carried], f"总计 = {year} + 结转结余等")
    if table.number == 4 and table.columns[1]:
        whole_column, *parts = table.columns[1]
        if parts:
            _sum_across(table, register, expense, whole_column, parts)


def _state_01(income: list[Item], expense: list[Item], register: Register) -> None:
    totals = {"本年收入合计": "收入合计", "本年支出合计": "支出合计"}
    for side, prefix in ((income, "收入项"), (expense, "支出")):
        for item in side:
            name = totals.get(item.name) or (
                "收支总计"
                if item.name.endswith("总计")
                else f"{prefix}·{source(item.name) if side is income else short_name(item.name)}"
            )
            for mention in item.values.values():
                register.state(name, mention)


def _state_04(income: list[Item], expense: list[Item], register: Register) -> None:
    for item in income:
        for mention in item.values.values():
            if item.name == "本年收入合计":
                register.state("财政拨款收入", mention)
            elif item.name.endswith("总计"):
                register.state("财政拨款收支总计", mention)
            elif _NUMBERED.match(item.printed):
                register.state(f"收入项·{source(item.name)}", mention)
    for item in expense:
        for column, mention in item.values.items():
            fund = "财政拨款" if column in {"合计", "小计"} else column.removesuffix("财政拨款")
            if item.name == "本年支出合计":
                register.state(f"{fund}支出", mention)
            elif item.name.endswith("总计"):
                register.state(f"{fund}收支总计", mention)
            elif _NUMBERED.match(item.printed):
                register.state(f"{fund}支出·{short_name(item.name)}", mention)


def _by_code(table: AccountTable, register: Register, accounts: Accounts) -> None:
    """02, 03, 05, 07, 08: by 类, 款, 项."""
    if not table.items:
        return
    items, columns = table.items[0], table.columns[0]
    whole = _named(items, "合计", "总计")
    coded = {one.code: one for one in items if one.code}
    for item, below in _children(coded, whole):
        what = f"{item.printed} = {'类' if item is whole else '下级'}之和"
        _sum_down(table, register, item, below, what)
    parts = [one for one in columns[1:] if not one.startswith("其中")]
    if table.number in {2, 3, 5, 8} and len(columns) > 1:
        _sum_across(table, register, items, columns[0], parts)
    elif table.number == 7:
        _sum_across(table, register, items, "小计", ["基本支出", "项目支出"])
    if table.number == 5:
        _learn_names(coded, accounts)
    first = {2: "收入", 3: "支出", 5: "一般公共预算支出", 7: "政府性基金支出", 8: "国有资本支出"}
    prefix = first[table.number]
    for item in items:
        if item is whole:
            key = "合计" if table.number in {2, 3} else ""
        else:
            key = f"·{short_name(item.name)}" if len(item.code) == 3 else f"·{item.code}"
        if (not key and item is not whole) or key == "·":
            continue
        for column, mention in item.values.items():
            if column == columns[0] or (table.number == 7 and column == "小计"):
                register.state(prefix + key, mention)
            elif table.number == 2 and item is whole and column == "财政拨款收入":
                register.state("财政拨款收入", mention)
            elif table.number == 3 and item is whole and column in {"基本支出", "项目支出"}:
                register.state(column, mention)
            elif table.number == 5 and column in {"基本支出", "项目支出"}:
                register.state(f"一般公共预算{column}{key}", mention)
            else:
                register.state(f"{prefix}{key} {column}", mention)


def _learn_names(coded: dict[str, Item], accounts: Accounts) -> None:
    for code, item in coded.items():
        accounts.names[code] = item.printed
        levels = [code[:length] for length in (3, 5, 7) if length <= len(code)]
        path = tuple(short_name(coded[one].name) for one in levels if one in coded)
        if len(path) == len(levels):
            accounts.paths.setdefault(path, code)


def _children(coded: dict[str, Item], whole: Item | None) -> Iterator[tuple[Item, list[Item]]]:
    """Yield each row and the rows it adds up, by the lengths of their codes."""
    below: dict[str, list[Item]] = {}
    for code, item in coded.items():
        parent = next((code[:n] for n in (len(code) - 2, len(code) - 4) if code[:n] in coded), "")
        if len(code) > 3 and not parent:
            continue
        below.setdefault(parent if len(code) > 3 else "", []).append(item)
    for code, parts in below.items():
        above = coded[code] if code else whole
        if above is not None:
            yield above, parts


def _economic(table: AccountTable, register: Register, accounts: Accounts) -> None:
    """06: 人员经费 and 公用经费 by 经济分类."""
    coded = {one.code: one for side in table.items for one in side if one.code}
    for item, parts in _children(coded, None):
        _sum_down(table, register, item, parts, f"{item.printed} = 下级之和")
    found: dict[str, Mention] = {}
    for row, cells in enumerate(table.table.rows):
        for column, cell in enumerate(cells):
            name = bare(cell)
            if name not in {"人员经费合计", "公用经费合计"}:
                continue
            for right in range(column + 1, len(cells)):
                if cells[right]:
                    figure = figure_at(table.table, row, right, table.unit, name)
                    if figure:
                        found[name] = figure
                        register.state(name.removesuffix("合计"), figure)
                    break
    staff = [code for code in coded if len(code) == 3 and code in {"301", "303"}]
    running = [code for code in coded if len(code) == 3 and code not in {"301", "303"}]
    for name, codes in (("人员经费合计", staff), ("公用经费合计", running)):
        values = [m for code in codes for m in coded[code].values.values()]
        told = f"公开06表：{name} = {' + '.join(coded[c].printed for c in codes[:3])}"
        register.require("合计", told, found.get(name), total(values))


def _three_public(table: AccountTable, register: Register, accounts: Accounts) -> None:
    """09: six figures of the 预算数 and six of the 决算数."""
    for half, cells in three_public(table.table, table.unit).items():
        for name, mention in cells.items():
            register.state(f"三公·{name}·{half}", mention)
        vehicles = [cells[one] for one in ("公务用车购置", "公务用车运行维护") if one in cells]
        told = f"公开09表 {half}：公务用车购置及运行维护费 = 购置费 + 运行维护费"
        register.require("横向", told, cells.get("公务用车"), total(vehicles))
        parts = [cells[one] for one in ("因公出国", "公务用车", "公务接待") if one in cells]
        told = f"公开09表 {half}：合计 = 因公出国（境）费 + 公务用车 + 公务接待费"
        register.require("横向", told, cells.get("合计"), total(parts))


def three_public(table: Table, unit: str) -> dict[str, dict[str, Mention]]:
    """Return the figures of 公开09表 by half (预算, 决算) and name."""
    header = next(
        (
            row
            for row, cells in enumerate(table.rows)
            if sum(bool(re.fullmatch(r"-?[\d,]+\.\d+|0", cell)) for cell in cells) >= 2
        ),
        len(table.rows),
    )
    width = max((len(row) for row in table.rows), default=0)
    halves, names = [""] * width, [""] * width
    for row in table.rows[:header]:
        for column, cell in enumerate(row):
            plain = bare(cell)
            if plain.endswith(("预算数", "决算数")) and len(plain) < 8:
                halves[column:] = [plain[-3:-1]] * (width - column)
            elif plain in {"合计", "小计"}:
                names[column] = plain
            elif (name := public_name(cell)) and names[column] != "小计":
                names[column] = name
    found: dict[str, dict[str, Mention]] = {}
    if header == len(table.rows):
        return found
    for column in range(width):
        name = "公务用车" if names[column] == "小计" else names[column]
        figure = figure_at(table, header, column, unit, f"{halves[column]}数 {name}")
        if name and halves[column] and figure:
            found.setdefault(halves[column], {}).setdefault(name, figure)
    return found


def _between(register: Register) -> None:
    """The totals of one table that are sums of another's."""
    funds = ("一般公共预算", "政府性基金预算", "国有资本经营预算")
    first = [
        found for fund in funds
        if (found := register.first(f"收入项·{fund}"))
    ]  # fmt: skip
    told = "财政拨款收入 = 一般公共预算 + 政府性基金 + 国有资本经营"
    register.require("表间", told, register.first("财政拨款收入"), total(first))
    told = "一般公共预算基本支出 = 人员经费 + 公用经费"
    parts = [one for name in ("人员经费", "公用经费") if (one := register.first(name))]
    if len(parts) == 2:
        register.require("表间", told, register.first("一般公共预算基本支出"), total(parts))


_READERS: dict[int, Callable[[AccountTable, Register, Accounts], None]] = {
    1: _two_sided, 2: _by_code, 3: _by_code, 4: _two_sided, 5: _by_code,
    6: _economic, 7: _by_code, 8: _by_code, 9: _three_public,
}  # fmt: skip
