"""调整指标体系: a unit's own set, made from another by changing points, targets, standards, rules.

A :class:`Draft` is plain data that grows edit by edit; :meth:`Draft.checked` says at once what the
linter finds. The set it began from is never touched: the draft has an id, a title and a 依据 of its
own. What the unit changes it answers for, so those parts are tagged 单位文件 (USER).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from perfeval.errors import PerfevalError, Problem, UnreadableInput
from perfeval.indicators.library import loads
from perfeval.indicators.model import IndicatorSet

Plain = dict[str, Any]

OWN = "-own"
"""What the id of a unit's own set ends with."""


# --- the rules that can be chosen on screen --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a rule as people fill it in.

    ``options`` are (value, words) of a choice; ``lines`` marks a list with one entry a line or
    between semicolons. ``help`` says how it is written.
    """

    name: str
    label: str
    default: str = ""
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()
    lines: bool = False


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A rule as it is offered: its type in the set, its name in plain Chinese, its parameters."""

    type: str
    title: str
    parameters: tuple[Parameter, ...] = ()
    read: Callable[[dict[str, str]], Plain] = dict
    write: Callable[[Plain], dict[str, str]] = dict

    def rule(self, texts: dict[str, str]) -> Plain:
        """Return the rule as a set holds it. Raises :class:`PerfevalError` for what is missing."""
        for parameter in self.parameters:
            if not texts.get(parameter.name, parameter.default).strip():
                raise PerfevalError(f"请填“{parameter.label}”。{parameter.help}")
        wanted = {one.name: texts.get(one.name, one.default).strip() for one in self.parameters}
        return {"type": self.type, **self.read(wanted)}

    def texts(self, rule: Plain) -> dict[str, str]:
        """Return the parameters of a rule of this kind as texts to edit."""
        written = self.write({key: value for key, value in rule.items() if key != "type"})
        return {one.name: written.get(one.name, one.default) for one in self.parameters}


def _entries(text: str) -> list[list[str]]:
    """Return the entries of a list parameter, each as its words."""
    parts = text.replace("；", ";").replace("\n", ";").split(";")
    return [part.split() for part in parts if part.strip()]


def _read_bands(key: str) -> Callable[[dict[str, str]], Plain]:
    def read(texts: dict[str, str]) -> Plain:
        bands: list[Plain] = []
        for words in _entries(texts["bands"]):
            if len(words) != 2:
                raise PerfevalError(f"“{' '.join(words)}”读不懂：每档写“界限 得分”，如 95% 5")
            edge, score = words
            bands.append(
                {"score": score} if edge in ("其他", "其余") else {key: edge, "score": score}
            )
        return {"bands": bands}

    return read


def _write_bands(rule: Plain) -> dict[str, str]:
    told = []
    for band in rule.get("bands", ()):
        edge = band.get("min") or band.get("max") or "其他"
        told.append(f"{edge} {band.get('score', '')}".strip())
    return {"bands": "；".join(told)}


def _read_elements(texts: dict[str, str]) -> Plain:
    elements: dict[str, str | None] = {}
    for words in _entries(texts["elements"]):
        *name, last = words
        scored = bool(name) and last.replace(".", "", 1).isdigit()
        elements["".join(name) if scored else "".join(words)] = last if scored else None
    return {"elements": elements}


def _write_elements(rule: Plain) -> dict[str, str]:
    elements = rule.get("elements", {})
    items = elements.items() if isinstance(elements, dict) else ((one, None) for one in elements)
    return {"elements": "；".join(f"{name} {score}" if score else name for name, score in items)}


def _read_levels(texts: dict[str, str]) -> Plain:
    levels: list[Plain] = []
    top = "1"
    for words in _entries(texts["levels"]):
        if len(words) != 2:
            raise PerfevalError(f"“{' '.join(words)}”读不懂：每档写“名称 下限比例”，如 达成 80%")
        name, low = words
        levels.append({"name": name, "min": low, "max": top})
        top = low
    return {"levels": levels}


def _write_levels(rule: Plain) -> dict[str, str]:
    return {"levels": "；".join(f"{one['name']} {one['min']}" for one in rule.get("levels", ()))}


def _plain_texts(rule: Plain) -> dict[str, str]:
    return {key: str(value) for key, value in rule.items() if isinstance(value, str | int)}


_DIRECTION = (("above", "每高出"), ("below", "每低于"), ("either", "每偏离"))
_STEPS = (("whole", "满一步才扣"), ("started", "不满一步按一步扣"), ("linear", "按比例扣"))

_HIGH = "从高到低写“下限 得分”，如 95% 2；90% 1；其他 0"
_LOW = "从低到高写“上限 得分”，如 10% 2；20% 1；其他 0"

RULE_KINDS = (
    RuleKind("full_if_met", "达到年度指标值得满分，否则不得分"),
    RuleKind("proportional_capped", "达到得满分，未达到按完成比例得分（越高越好）"),
    RuleKind(
        "gated_proportional", "低于门槛不得分，以上按完成比例得分",
        (Parameter("gate", "门槛", "60%", "完成比例低于它不得分"),), write=_plain_texts,
    ),
    RuleKind(
        "inverse_linear", "不超过得满分，超过按超出比例减分（越低越好）",
        (Parameter("zero_at", "减到 0 分处", "2", "实际值为指标值的几倍时得 0 分"),),
        write=_plain_texts,
    ),
    RuleKind("inverse_ratio", "不超过得满分，超过按指标值÷实际值得分（越低越好）"),
    RuleKind("equal_target", "等于年度指标值得满分，不足按比例"),
    RuleKind(
        "per_point_deduction", "每偏离年度指标值一步扣几分",
        (
            Parameter("direction", "方向", "above", options=_DIRECTION),
            Parameter("step", "一步", "1%", "如 1%"),
            Parameter("deduct", "每步扣", "0.5", "分"),
            Parameter("steps", "零头", "whole", options=_STEPS),
        ), write=_plain_texts,
    ),
    RuleKind(
        "band_table", "分档计分（越高越好）",
        (Parameter("bands", "各档", "", _HIGH, lines=True),),
        _read_bands("min"), _write_bands,
    ),
    RuleKind(
        "band_table", "分档计分（越低越好）",
        (Parameter("bands", "各档", "", _LOW, lines=True),),
        _read_bands("max"), _write_bands,
    ),
    RuleKind("full_if_at_least", "不低于年度指标值得满分，否则不得分"),
    RuleKind("full_if_at_most", "不超过年度指标值得满分，否则不得分"),
    RuleKind(
        "binary", "符合得满分，不符合不得分",
        (Parameter("element", "要看什么", "符合"),), write=_plain_texts,
    ),
    RuleKind("execution_rate_points", "执行率×分值，最高满分"),
    RuleKind(
        "checklist_points", "要素计分，每个要素得一份分",
        (Parameter("elements", "要素", "", "用分号隔开；要写分值时“要素 分值”", lines=True),),
        _read_elements, _write_elements,
    ),
    RuleKind(
        "per_violation_deduction", "每出现一例扣几分，扣完为止",
        (Parameter("deduct", "每例扣", "1", "分"),), write=_plain_texts,
    ),
    RuleKind(
        "qualitative_levels", "定性分档，档内评分",
        (
            Parameter(
                "levels", "各档", "达成年度指标 80%；部分达成 60%；未达成 0",
                "从高到低写“名称 下限比例”", lines=True,
            ),
        ), _read_levels, _write_levels,
    ),
    RuleKind("judged", "人工赋分：在 0 至分值之间赋分，写明依据"),
)  # fmt: skip
"""The rules of everyday standards. A set file may use every rule of docs/rules.md."""


def kind_of(rule: Plain) -> RuleKind | None:
    """Return the kind a rule is of, or None for one that only a set file can hold."""
    kinds = [kind for kind in RULE_KINDS if kind.type == rule.get("type")]
    if len(kinds) > 1:
        bands = rule.get("bands", ())
        return kinds[any(band.get("max") for band in bands)]
    return kinds[0] if kinds else None


# --- the draft -------------------------------------------------------------------------------


@dataclass(slots=True)
class Draft:
    """A unit's own set in the making: ``plain`` is its data, ``was`` that of the set it began
    from, ``edits`` what was changed so far.
    """

    base: IndicatorSet
    plain: Plain
    was: Plain
    edits: dict[tuple[str, str], Any] = field(default_factory=dict)

    @classmethod
    def of(cls, base: IndicatorSet) -> Draft:
        """Begin from ``base``; a set that is the unit's own already keeps its id."""
        return cls(base, _plain_of(base), _plain_of(base))

    @property
    def own_id(self) -> str:
        """The id the set will have."""
        return own_id(self.base.id)

    def indicators(self) -> Iterator[Plain]:
        """Yield every indicator's data as it stands in the draft."""
        return (place.indicator for place in _places(self.plain))

    def indicator(self, code: str) -> Plain:
        """Return an indicator's data as it stands in the draft. Raises ``KeyError``."""
        return _place(self.plain, code).indicator

    def change(self, code: str, **parts: Any) -> None:
        """Change an indicator's ``points``, ``target``, ``standard``, ``rule`` or ``name``."""
        indicator, was = self.indicator(code), _place(self.was, code).indicator
        for name, value in parts.items():
            if value in ("", None):
                indicator.pop(name, None)
            else:
                indicator[name] = value
            if indicator.get(name) == was.get(name):
                self.edits.pop((code, name), None)
            else:
                self.edits[code, name] = value
        decided = ("points", "target", "rule")  # what a score rests on; the unit now answers for it
        own = {part: "USER" for one, part in self.edits if one == code and part in decided}
        indicator["evidence"] = {**was.get("evidence", {}), **own}
        if "rule" in parts:
            indicator.pop("alternatives", None)  # they stood beside the rule that is gone

    def above(self, code: str) -> tuple[Plain, Plain | None]:
        """Return the tier and the group an indicator stands in; None where its tier has no groups.

        Raises ``KeyError``.
        """
        place = _place(self.plain, code)
        return place.tier, place.group

    def change_points(self, tier: str, points: str, group: str = "") -> None:
        """Change the points of a tier or of a group in it. Raises ``KeyError``."""
        above, was = (_above(plain, tier, group) for plain in (self.plain, self.was))
        if points:
            above["points"] = points
        else:
            above.pop("points", None)
        if str(was.get("points", "")) == points:
            self.edits.pop((f"{tier}/{group}", "points"), None)
        else:
            self.edits[f"{tier}/{group}", "points"] = points

    def checked(self) -> tuple[IndicatorSet | None, tuple[Problem, ...]]:
        """Return the set the draft makes, or None and every problem the linter finds."""
        try:
            return loads(self._text(self.plain), "调整后的指标体系"), ()
        except UnreadableInput as error:
            return None, tuple(error.problems)

    def finished(self, basis: str, day: str) -> IndicatorSet:
        """Return the unit's own set with its 依据. Raises :class:`UnreadableInput`, or
        :class:`PerfevalError` where nothing was changed or no 依据 is given.
        """
        if not self.edits:
            raise PerfevalError("没有改动，不用保存")
        if not basis.strip():
            raise PerfevalError("请写明调整的依据，如文件名称和文号")
        title = self.base.title.removesuffix("（本单位）") + "（本单位）"
        note = "；".join(
            one for one in (self.plain.get("note", ""), f"{day} 调整，依据：{basis}") if one
        )
        plain = {**self.plain, "id": self.own_id, "title": title, "basis": basis, "note": note}
        return loads(self._text(plain), "调整后的指标体系")

    @staticmethod
    def _text(plain: Plain) -> str:
        return json.dumps({"format": "perfeval-set/1", **plain}, ensure_ascii=False, indent=1)


def own_id(set_id: str) -> str:
    """Return the id of the unit's own set made from ``set_id``."""
    return set_id if set_id.endswith(OWN) else f"{set_id[: 61 - len(OWN)]}{OWN}"


def set_text(indicator_set: IndicatorSet) -> str:
    """Return a set as the text of a file that :func:`.library.load` reads to an equal set."""
    import yaml

    plain = {"format": indicator_set.format, **_plain_of(indicator_set)}
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=100)


def _plain_of(indicator_set: IndicatorSet) -> Plain:
    return indicator_set.model_dump(mode="json", exclude_unset=True)


class _Place(NamedTuple):
    """An indicator's data, and that of the tier and the group it stands in."""

    tier: Plain
    group: Plain | None
    indicator: Plain


def _places(plain: Plain) -> Iterator[_Place]:
    for tier in plain["tiers"]:
        for one in tier.get("indicators", ()):
            yield _Place(tier, None, one)
        for group in tier.get("groups", ()):
            for one in group.get("indicators", ()):
                yield _Place(tier, group, one)


def _place(plain: Plain, code: str) -> _Place:
    for place in _places(plain):
        if place.indicator["code"] == code:
            return place
    raise KeyError(code)


def _above(plain: Plain, tier: str, group: str) -> Plain:
    """Return the data of a tier, or of a group in it. Raises ``KeyError``."""
    for one in plain["tiers"]:
        if one["name"] == tier:
            if not group:
                return one  # type: ignore[no-any-return]
            for inside in one.get("groups", ()):
                if inside["name"] == group:
                    return inside  # type: ignore[no-any-return]
    raise KeyError(f"{tier}/{group}")
