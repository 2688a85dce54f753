"""Finding, loading, linting and comparing indicator sets.

A set is looked for in ``--sets``, the user's data folder, the installed package, the repository,
in that order; the first file that has the id wins, whatever the file is called.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfeval.errors import PerfevalError, Problem, UnreadableInput, nearest, reason
from perfeval.files import replace_file
from perfeval.indicators.documents import Document, Place, parse_document, read_document, validate
from perfeval.indicators.formula import Arithmetic, Compare, Formula, Node, Number, unit_of
from perfeval.indicators.model import Group, Identity, Indicator, IndicatorSet, Tier
from perfeval.indicators.rules import (
    AlternativeOf,
    Judged,
    MissingTierShift,
    MixedWeighted,
    PerPointDeduction,
    ProportionalCapped,
    RuleBase,
    VetoZero,
)
from perfeval.indicators.target import Operator, target
from perfeval.numbers import Exact, decimal_text, dimension, figure
from perfeval.places import data_folder, sets_folder

SUFFIXES = (".yaml", ".yml", ".json")


# --- finding ---------------------------------------------------------------------------------


def user_sets_folder() -> Path:
    """The folder of the user's own sets."""
    return data_folder() / "indicator_sets"


def search_folders(sets: Path | None = None) -> list[Path]:
    """Return the folders to search, first hit wins, and only those that exist.

    ``sets`` comes first; where it is not given, ``PERFEVAL_SETS``.
    """
    package = Path(__file__).resolve().parent.parent
    first = sets or sets_folder()
    places = [
        *([first] if first else []),
        user_sets_folder(),
        package / "indicator_sets",
        package.parent.parent / "indicator_sets",
    ]
    return [place for place in places if place.is_dir()]


def set_files(sets: Path | None = None) -> dict[str, Path]:
    """Return every set file by the id written in it, the nearest folder first."""
    found: dict[str, Path] = {}
    for set_id, path in _set_files(sets):
        found.setdefault(set_id, path)
    return found


def _set_files(sets: Path | None = None) -> Iterator[tuple[str, Path]]:
    """Yield (id, file) in the order of search; in one folder a file named by its id comes first."""
    for folder in search_folders(sets):
        paths = [path for path in sorted(folder.iterdir()) if _is_set_file(path)]
        here = [(set_id_of(path), path) for path in paths]
        yield from sorted(here, key=lambda one: one[0] != one[1].stem)


def _is_set_file(path: Path) -> bool:
    return path.suffix in SUFFIXES and not path.name.startswith(("_", ".")) and path.is_file()


_TARGETS = "请照 ≥95%、≤10%、=0、9月底前 的样子写；没有数的，计分规则用 judged 等定性的"

_ID = re.compile(rb"""(?:^|[{,]\s*["'])id["']?\s*:\s*["']?([A-Za-z0-9-]+)""", re.MULTILINE)
_ids: dict[tuple[Path, int, int], str] = {}


def set_id_of(path: Path) -> str:
    """Return the id a set file begins with, without reading the set; else the file's stem.

    Only the first 4 KB are looked at, for a line ``id: …`` (``"id": …`` in JSON).
    """
    try:
        stat = path.stat()
        key = (path, stat.st_mtime_ns, stat.st_size)
        if key not in _ids:
            with path.open("rb") as file:
                found = _ID.search(file.read(4096).removeprefix(BOM_UTF8))
            _ids[key] = found[1].decode() if found else path.stem
    except OSError:
        return path.stem
    return _ids[key]


def find(set_id: str, sets: Path | None = None, *, of: str = "") -> IndicatorSet:
    """Load the set with the id ``set_id``. ``of`` names what asks for it (a session's file).

    A session names its sets by id only, so that it means the same in every folder.
    Raises :class:`PerfevalError` when there is none, :class:`UnreadableInput` when it is broken.
    """
    files = set_files(sets)
    if set_id in files:
        return load(files[set_id])
    place = f"{of}：" if of else ""
    if set_id.endswith(SUFFIXES) or "/" in set_id or "\\" in set_id:
        cure = "任务里写代号，不写文件名。请用 perfeval sets add 装入那份文件，再写它的 id"
    else:
        cure = nearest(set_id, files) or f"可用：{'、'.join(files) or '（无）'}"
    raise PerfevalError(f"{place}没有指标体系“{set_id}”。{cure}")


def find_named(name: str, sets: Path | None = None) -> IndicatorSet:
    """Load a set as the command line names it: by a file's path, or by its id.

    Raises as :func:`find` and :func:`load` do.
    """
    path = Path(name)
    if path.suffix.lower() in SUFFIXES or len(path.parts) > 1:
        return load(path)
    return find(name, sets)


_loaded: dict[tuple[Path, int, int], IndicatorSet] = {}


def load(path: Path) -> IndicatorSet:
    """Load a set that holds together. Raises :class:`UnreadableInput` with every problem."""
    try:
        stat = path.stat()
        key = (path.resolve(), stat.st_mtime_ns, stat.st_size)
    except OSError:
        read_document(path)  # says what is wrong with the file
        raise
    if key not in _loaded:
        _loaded[key] = _checked(read_document(path))
    return _loaded[key]


def loads(text: str, name: str = "指标体系") -> IndicatorSet:
    """Load a set from its text, as :func:`load` does from a file."""
    return _checked(parse_document(text, name))


def _checked(document: Document) -> IndicatorSet:
    indicator_set = validate(document, IndicatorSet)
    errors = [p for p in _lint(indicator_set, document) if p.severity == "错误"]
    if errors:
        raise UnreadableInput(dict.fromkeys(errors))
    return indicator_set


def lint(path: Path) -> list[Problem]:
    """Return every problem of a set file, in line order; an empty list is a sound set.

    Raises :class:`UnreadableInput` for what is no YAML or JSON file at all.
    """
    document = read_document(path)
    try:
        indicator_set = validate(document, IndicatorSet)
    except UnreadableInput as error:
        return list(error.problems)
    # What all groups take from own_defaults is told once.
    found = dict.fromkeys(
        [*_file_name(path, indicator_set, document), *_lint(indicator_set, document)]
    )
    return sorted(found, key=lambda p: _line(p.place))


def lint_document(document: Document) -> list[Problem]:
    """Return every problem of a set read from elsewhere than a file of its own (a workbook)."""
    try:
        indicator_set = validate(document, IndicatorSet)
    except UnreadableInput as error:
        return list(error.problems)
    return list(dict.fromkeys(_lint(indicator_set, document)))


def _file_name(path: Path, indicator_set: IndicatorSet, document: Document) -> Iterator[Problem]:
    if path.stem != indicator_set.id:
        told = f"文件名“{path.stem}”与代号“{indicator_set.id}”不同，任务里写的是代号"
        cure = f"请把文件改名为 {indicator_set.id}{path.suffix}，或改 id"
        yield document.problem(("id",), told, cure, "警告")


def _line(place: str) -> int:
    return int(place.rpartition(":")[2]) if place.rpartition(":")[2].isdigit() else 0


# --- lint ------------------------------------------------------------------------------------


def _lint(indicator_set: IndicatorSet, document: Document) -> Iterator[Problem]:
    linter = _Linter(indicator_set, document)
    yield from linter.totals()
    yield from linter.names()
    yield from linter.inputs()
    yield from linter.grades()
    for where, indicator in linter.indicators():
        yield from linter.indicator(where, indicator)
    for where, tier, group in linter.groups():
        yield from linter.group(where, tier, group)


@dataclass(frozen=True, slots=True)
class _Linter:
    """Proves what a set must hold beyond its form: sums, bands, inputs, units, zero, names."""

    set: IndicatorSet
    document: Document

    def say(self, where: Place, message: str, cure: str = "", severity: str = "错误") -> Problem:
        return self.document.problem(where, message, cure, severity)

    def groups(self) -> Iterator[tuple[Place, Tier, Group]]:
        for t, tier in enumerate(self.set.tiers):
            for g, group in enumerate(tier.groups):
                yield ("tiers", t, "groups", g), tier, group

    def indicators(self) -> Iterator[tuple[Place, Indicator]]:
        for t, tier in enumerate(self.set.tiers):
            for i, indicator in enumerate(tier.indicators):
                yield ("tiers", t, "indicators", i), indicator
            for g, group in enumerate(tier.groups):
                for i, indicator in enumerate(group.indicators):
                    yield ("tiers", t, "groups", g, "indicators", i), indicator

    def totals(self) -> Iterator[Problem]:
        total = sum(self.set.tier_points().values(), Exact(0))
        if total != 100:
            message = f"各一级指标分值合计 {decimal_text(total)}，应为 100"
            yield self.say(("tiers",), message, "请调整各一级指标的 points")
        for t, tier in enumerate(self.set.tiers):
            where: Place = ("tiers", t)
            yield from self._tier_total(where, tier)
        names = [tier.name for tier in self.set.tiers]
        for scheme_id, scheme in self.set.weight_schemes.items():
            where = ("weight_schemes", scheme_id)
            for name in scheme.points:
                if name not in names:
                    yield self.say(
                        (*where, "points", name), f"没有一级指标“{name}”", nearest(name, names)
                    )
            if (total := sum(scheme.points.values(), Exact(0))) != 100:
                yield self.say(where, f"权重方案合计 {decimal_text(total)}，应为 100")

    def _tier_total(self, where: Place, tier: Tier) -> Iterator[Problem]:
        if tier.points < 0:
            yield self.say((*where, "points"), f"“{tier.name}”的分值小于 0")
        if not tier.indicators and not tier.groups:
            yield self.say(where, f"“{tier.name}”下没有指标")
            return
        open_ended = any(group.points is None for group in tier.groups)
        parts = [i.points for i in tier.indicators]
        parts += [group.points for group in tier.groups if group.points is not None]
        total = sum(parts, Exact(0))
        if open_ended:
            if total > tier.points and tier.points:
                yield self.say(where, f"“{tier.name}”下级分值合计 {decimal_text(total)}，超过本级")
        elif total != tier.points:
            message = (
                f"“{tier.name}”{decimal_text(tier.points)} 分，下级合计 {decimal_text(total)} 分"
            )
            yield self.say((*where, "points"), message, "请使下级分值之和等于本级")

    def names(self) -> Iterator[Problem]:
        codes = Counter(code for _, code in self._codes())
        for where, code in self._codes():
            if codes[code] > 1:
                yield self.say(where, f"代码“{code}”重复", "每个指标的 code 不能相同")
        for kind, names in (
            ("一级指标", [tier.name for tier in self.set.tiers]),
            ("二级指标", [f"{tier.name}/{group.name}" for _, tier, group in self.groups()]),
        ):
            for name, count in Counter(names).items():
                if count > 1:
                    yield self.say(("tiers",), f"{kind}“{name}”重复")
        groups = Counter(group.name for _, _, group in self.groups() if group.own)
        for where, _, group in self.groups():
            if group.own and groups[group.name] > 1:
                yield self.say(where, f"个性指标所在的二级指标“{group.name}”重名", "请改用不同名称")
        for index, modifier in enumerate(self.set.modifiers):
            if isinstance(modifier, MissingTierShift):
                known = [tier.name for tier in self.set.tiers]
                for name in (modifier.missing, modifier.to):
                    if name not in known:
                        cure = nearest(name, known)
                        yield self.say(("modifiers", index), f"没有一级指标“{name}”", cure)

    def _codes(self) -> Iterator[tuple[Place, str]]:
        for where, indicator in self.indicators():
            yield (*where, "code"), indicator.code
        for where, _, group in self.groups():
            for r, row in enumerate(group.own.rows if group.own else ()):
                yield (*where, "own", "rows", r, "code"), row.code

    def grades(self) -> Iterator[Problem]:
        cuts = [grade.min for grade in self.set.grades]
        if not cuts or cuts[-1] > 0:
            yield self.say(("grades",), "等级没有覆盖 0 分", "最低一等请写 min: 0")
        if len(set(cuts)) < len(cuts) or any(not 0 <= cut <= 100 for cut in cuts):
            yield self.say(("grades",), "等级的 min 重复或不在 0 至 100 之间")

    def inputs(self) -> Iterator[Problem]:
        used = {name for _, item in self.indicators() for name in _names(item)}
        for index, identity in enumerate(self.set.identities):
            used.update(identity.formula.names)
            yield from self._identity(("identities", index), identity)
        for name in self.set.inputs:
            if name not in used:
                yield self.say(
                    ("inputs", name), f"取值项“{name}”没有公式使用", "请删去或在公式中使用"
                )
        for name, item in self.set.inputs.items():
            if dimension(item.unit) == "count" and len(item.unit) > 6:
                yield self.say(("inputs", name), f"单位“{item.unit}”太长")
            if item.default is not None and figure(item.default).in_unit(item.unit).value is None:
                message = f"“{name}”的缺省值“{item.default}”不是数值"
                yield self.say(("inputs", name, "default"), message, "请填数，或删去 default")

    def _identity(self, where: Place, identity: Identity) -> Iterator[Problem]:
        node = identity.formula.node
        if not isinstance(node, Compare) or node.sign != "=":
            yield self.say(where, "勾稽关系应是等式", "如 年初预算数 + 年中调整数 = 全年预算数")
        yield from self._known(where, identity.formula)
        try:
            unit_of(node, {name: one.unit for name, one in self.set.inputs.items()})
        except ValueError as error:
            yield self.say(where, str(error), "请检查各取值项的 unit")

    def _known(self, where: Place, formula: Formula) -> Iterator[Problem]:
        for name in formula.names:
            if name not in self.set.inputs and "(" not in name:
                cure = nearest(name, self.set.inputs) or "请在 inputs 中登记"
                yield self.say(where, f"公式里的“{name}”不是已登记的取值项", cure)

    def indicator(self, where: Place, item: Indicator) -> Iterator[Problem]:
        if item.points <= 0:
            yield self.say((*where, "points"), f"“{item.name}”的分值应大于 0")
        yield from self._rule(where, item.rule, item.points)
        for a, alternative in enumerate(item.alternatives):
            if alternative.rule is not None:
                yield from self._rule((*where, "alternatives", a), alternative.rule, item.points)
            goal = target(alternative.target, item.unit)
            if alternative.target and goal.value is None:
                message = f"指标值“{alternative.target}”读不出数值"
                yield self.say((*where, "alternatives", a, "target"), message, _TARGETS)
        if "rule" not in item.evidence and not isinstance(item.rule, Judged):
            yield self.say(
                where, f"“{item.name}”没有写评分依据的可信程度", "请加 evidence: {rule: …}", "警告"
            )
        if _needs_target(item.rule) and not item.target:
            cure = "请写 target，或 target: required 由单位填写"
            yield self.say(where, f"“{item.name}”的计分规则需要年度指标值", cure)
        yield from self._direction(where, item)
        if _needs_target(item.rule) and item.fixed_target:
            goal = target(item.fixed_target, item.unit)
            if goal.value is None or goal.operator is Operator.BLANK:
                told = f"指标值“{item.target}”读不出数值"
                yield self.say((*where, "target"), told, _TARGETS)
        for formula in _formulas(item):
            yield from self._formula(where, item, formula)
        if item.if_zero and not any(_formulas(item)):
            yield self.say((*where, "if_zero"), "没有公式，if_zero 不起作用", severity="警告")

    def _direction(self, where: Place, item: Indicator) -> Iterator[Problem]:
        """A rule that rewards more cannot score an upper limit, nor the other way round."""
        goal = target(item.fixed_target, item.unit)
        wrong = {"more": ("≤", "<"), "less": ("≥", ">")}.get(item.rule.sense, ())
        if goal.operator.value in wrong:
            message = f"“{item.name}”的指标值 {item.fixed_target} 与计分规则方向相反"
            cure = "越多越好的用 ≥ 和按比例等规则，越少越好的用 ≤ 和反向规则"
            yield self.say((*where, "target"), message, cure)

    def _rule(self, where: Place, rule: RuleBase, points: Exact) -> Iterator[Problem]:
        for problem in rule.problems(points):
            yield self.say((*where, "rule"), problem)
        if isinstance(rule, ProportionalCapped) and rule.cap > 1:
            yield self.say((*where, "rule", "cap"), "cap 大于 1 会使得分超过分值")

    def _formula(self, where: Place, item: Indicator, formula: Formula) -> Iterator[Problem]:
        at: Place = (*where, "formula")
        unknown = list(self._known(at, formula))
        yield from unknown
        if formula.divides and item.if_zero is None:
            yield self.say(where, f"“{item.name}”没有写分母为 0 时怎么办", "请加 if_zero: 不适用")
        if item.unit == "%" and formula is item.formula and _times_hundred(formula.node):
            yield self.say(at, "百分率不要再乘 100", "比率就是比值，单位 % 只管显示")
        if formula is item.formula and not unknown:
            yield from self._units(at, item, formula)

    def _units(self, at: Place, item: Indicator, formula: Formula) -> Iterator[Problem]:
        units = {name: one.unit for name, one in self.set.inputs.items()}
        try:
            unit = unit_of(formula.node, units)
        except ValueError as error:
            yield self.say(at, str(error), "请检查各取值项的 unit")
            return
        if dimension(item.unit) == "ratio" and unit:
            yield self.say(at, f"“{item.name}”是比率，公式却带单位", "请检查分子分母的 unit")
        if dimension(item.unit) == "money" and unit not in ({"money": 1}, None):
            yield self.say(at, f"“{item.name}”的单位是{item.unit}，公式算出的不是金额")

    def group(self, where: Place, tier: Tier, group: Group) -> Iterator[Problem]:
        fixed = sum((i.points for i in group.indicators), Exact(0))
        own = group.own
        if not group.indicators and own is None:
            yield self.say(where, f"“{group.name}”下没有指标")
        if group.points is not None and own is None and fixed != group.points:
            message = (
                f"“{group.name}”{decimal_text(group.points)} 分，指标合计 {decimal_text(fixed)} 分"
            )
            yield self.say((*where, "points"), message, "请使指标分值之和等于本级")
        if own is not None:
            yield from self._own(where, tier, group, fixed)

    def _own(self, where: Place, tier: Tier, group: Group, fixed: Exact) -> Iterator[Problem]:
        at: Place = (*where, "own")
        try:
            own = self.set.own_of(group)
        except ValueError as error:
            yield self.say(at, str(error), "请写 rules，或在 own_defaults 中统一写")
            return
        rows = sum((row.points for row in own.rows), fixed)
        if group.points is not None and own.rows and rows != group.points:
            message = (
                f"“{group.name}”{decimal_text(group.points)} 分，起始行合计 {decimal_text(rows)} 分"
            )
            yield self.say((*at, "rows"), message)
        if not own.min <= max(len(own.rows), own.min) <= own.max:
            told = f"own 的 min {own.min}、max {own.max} 和起始行 {len(own.rows)} 行不合"
            yield self.say(at, told, "min 不能大于 max，起始行不能多于 max")
        judged = own.rules is not None and isinstance(own.rules.at_least, Judged)
        if "rule" not in own.evidence and not judged:
            yield self.say(at, "没有写评分依据的可信程度", "请加 evidence: {rule: …}", "警告")
        for name, rule in own.rules or ():
            points = group.points or tier.points or Exact(1)
            base: Place = at if group.own and group.own.rules else ("own_defaults",)
            for problem in rule.problems(points) if rule else ():
                yield self.say((*base, "rules", name), problem)


def _needs_target(rule: RuleBase) -> bool:
    """Whether the rule, or a rule inside it, compares with the indicator's own target."""
    match rule:
        case PerPointDeduction():
            return rule.baseline == "target"
        case VetoZero():
            return _needs_target(rule.rule)
        case MixedWeighted():
            return _needs_target(rule.quantitative) or _needs_target(rule.qualitative)
        case AlternativeOf():
            return any(not m.target and _needs_target(m.rule) for m in rule.members)
    return rule.needs_target


def _formulas(item: Indicator) -> Iterator[Formula]:
    if item.formula is not None:
        yield item.formula
    yield from item.rule.formulas()
    for alternative in item.alternatives:
        if alternative.rule is not None:
            yield from alternative.rule.formulas()


def _names(item: Indicator) -> set[str]:
    return {name for formula in _formulas(item) for name in formula.names}


def _times_hundred(node: Node) -> bool:
    """Whether the outermost product has the literal 100 in it."""
    if not isinstance(node, Arithmetic) or node.sign not in "*/":
        return False
    if node.sign == "*" and any(isinstance(n, Number) and n.value == 100 for n in node.children):
        return True
    return any(_times_hundred(child) for child in node.children)


# --- difference ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs between two sets: where, and both values as text."""

    place: str
    old: str
    new: str


def diff(old: IndicatorSet, new: IndicatorSet) -> list[Difference]:
    """Return what differs, indicator by indicator (matched by code), then the rest."""
    return list(_compare("", _keyed(_dump(old)), _keyed(_dump(new))))


def _dump(indicator_set: IndicatorSet) -> dict[str, Any]:
    return indicator_set.model_dump(mode="json", exclude_defaults=True)


def _keyed(value: Any) -> Any:
    """Turn lists of named things into mappings, so that order and insertion do not matter."""
    if isinstance(value, dict):
        return {key: _keyed(item) for key, item in value.items()}
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        labels = [str(item.get("code") or item.get("name") or "") for item in value]
        if all(labels) and len(set(labels)) == len(labels):
            return {label: _keyed(item) for label, item in zip(labels, value, strict=True)}
    return value


def _compare(place: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            before, after = old.get(key), new.get(key)
            label = _titled(key, before if before is not None else after)
            yield from _compare(f"{place}/{label}" if place else label, before, after)
    elif old != new:
        yield Difference(place, _shown(old), _shown(new))


def _titled(key: str, value: Any) -> str:
    """Return an indicator's code with its name, as people know it; anything else as it is."""
    coded = isinstance(value, dict) and value.get("code") == key
    return f"{key} {value.get('name', '')}" if coded else key


def _shown(value: Any) -> str:
    if value is None:
        return "（无）"
    if isinstance(value, dict):
        return "、".join(f"{key}={_shown(item)}" for key, item in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "、".join(_shown(item) for item in value)
    return str(value)


# --- adding ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Added:
    """A set put into the user's folder: its file and title, what stood there, what it now hides."""

    file: Path
    title: str
    replaced: tuple[str, ...]
    hidden: tuple[Path, ...]


def add(path: Path) -> Added:
    """Copy a sound set into the user's folder under its id.

    Raises :class:`UnreadableInput` for a set that does not hold together, :class:`PerfevalError`
    for a folder that cannot be written; then nothing is.
    """
    indicator_set = load(path)
    suffix = path.suffix.lower()
    goal = user_sets_folder() / f"{indicator_set.id}{suffix if suffix in SUFFIXES else '.yaml'}"
    same = [one for set_id, one in _set_files() if set_id == indicator_set.id]
    # One file an id, or the older one might be found first.
    old = [one for one in (goal.with_suffix(suffix) for suffix in SUFFIXES) if one.exists()]
    replaced = tuple(_title(one) for one in old if not one.samefile(path))
    try:
        replace_file(goal, path.read_bytes())
        for other in old:
            if other != goal:
                other.unlink(missing_ok=True)
    except OSError as error:
        told = f"没有装入“{indicator_set.title}”：{goal.parent} 写不了（{reason(error)}）"
        raise PerfevalError(f"{told}。请检查该文件夹和磁盘空间") from error
    nearer = sets_folder()  # what lies there is found before the user's own
    hidden = tuple(one for one in same if one not in old and one.parent != nearer)
    return Added(goal, indicator_set.title, replaced, hidden)


def _title(path: Path) -> str:
    try:
        return load(path).title
    except UnreadableInput:
        return path.name
