"""填报数 against 核算数: scores, rates, totals, grades (L03 – L05, L07, L28)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from perfeval.checks.model import Level, Observation
from perfeval.checks.recomputing import (
    Fit,
    Verdict,
    alternative_item_scores,
    awarded,
    base_words,
    claimed_tier,
    claimed_total,
    claimed_value,
    decimals,
    fit,
    judge_score,
    judge_tier,
    judge_total,
    judge_value,
    open_question,
    possible_tier,
    possible_value,
    printed_like,
    printed_range,
    remembered,
    rescored,
    spelled,
    tier_doubts,
)
from perfeval.checks.registry import check
from perfeval.checks.subject import (
    COLUMNS,
    Evaluated,
    Subject,
    as_points,
    has_points,
    is_execution,
    labels,
)
from perfeval.checks.subject import total as sum_of
from perfeval.numbers import Exact, Figure, Interval, decimal_text, figure, half_up
from perfeval.scoring.scorecard import (
    ZERO_DENOMINATOR,
    IndicatorResult,
    Item,
    Status,
    TierResult,
    quantity_text,
)
from perfeval.session.change import join, split, under
from perfeval.session.model import OwnIndicator

ARITHMETIC = "表内数字复算"
ZERO = Exact(0)


def _no_claims(subject: Subject) -> str:
    return "" if subject.session.claimed else "没有填报数（印出或已报的数），不能与核算数比较"


WHOLE = {"total", "score", "grade", "rate", "execution_rate"}
OF_TIER = {"score", "rate"}
OF_ROW = {"score", "rate", *OwnIndicator.model_fields}
"""What forms print of an evaluation, of a tier, of a row."""


def unplaced(subject: Subject) -> Iterator[tuple[str, list[str]]]:
    """Yield the path of every printed figure that stands beside nothing, and paths like it."""
    if not subject.session.claimed:
        return
    known = {evaluated.path: _Places.of(evaluated) for evaluated in subject.evaluated}
    open_ended = {"statements", "unit"} | {
        join("projects", key) for key, one in subject.session.projects.items() if one.excluded
    }
    for path in subject.session.claimed:
        segments = path.split("/")
        length = 2 if segments[0] == "projects" else 1
        above = "/".join(segments[:length])
        here = known.get(above)
        if (here and path in here) or above in open_ended:
            continue
        rest = path.split("/", 2)[2:]
        yield path, sorted(here.paths()) if here else ["/".join((one, *rest)) for one in known]


@dataclass(frozen=True, slots=True)
class _Places:
    """Every place at which a printed figure of an evaluation may be kept: keys and fields by kind.

    The evaluation's own figures have neither kind nor key.
    """

    path: str
    kinds: Mapping[str, tuple[Collection[str], Collection[str]]]

    @classmethod
    def of(cls, evaluated: Evaluated) -> _Places:
        one, project = evaluated.result.set, evaluated.project
        tiers = {tier.name for tier in evaluated.result.tiers}
        kinds: dict[str, tuple[Collection[str], Collection[str]]] = {
            "inputs": (one.inputs, ("", "value")),
            "tiers": (tiers, OF_TIER),
            "tier_rates": (tiers, ("",)),
            "answers": ({item.code for item in one.all_indicators()}, OF_ROW),
            "rows": (evaluated.evaluation.rows, OF_ROW),
            "funds": (project.funds if project else (), COLUMNS),
        }
        return cls(evaluated.path, kinds)

    def __contains__(self, path: str) -> bool:
        """Whether a path that lies in the evaluation is one of the places."""
        if "~" in path:
            return path in set(self.paths())
        kind, *below = path[len(self.path) + 1 :].split("/")
        if not below:
            return kind in WHOLE
        key, *rest = below
        keys, fields = self.kinds.get(kind, ((), ()))
        return len(rest) < 2 and key in keys and (rest[0] if rest else "") in fields

    def paths(self) -> Iterator[str]:
        """Yield every one of them, for the nearest to a path that is none."""
        yield from (f"{self.path}/{name}" for name in WHOLE)
        for kind, (keys, fields) in self.kinds.items():
            for key in keys:
                place = under(self.path, kind, key)
                yield from (f"{place}/{field}" if field else place for field in fields)


def _unmatched(subject: Subject) -> str:
    """Return which printed figures nothing computed can be set against."""
    if missing := _no_claims(subject):
        return missing
    lost = [path for path, _ in unplaced(subject)]
    if not lost:
        return ""
    places = [split(path)[-2] if "/" in path else path for path in lost[:3]]
    more = " 等" if len(lost) > 3 else ""
    return f"{len(lost)} 个填报数没有对应的指标（{'、'.join(places)}{more}）"


def _points(evaluated: Evaluated, value: Exact) -> str:
    return decimal_text(value, evaluated.result.set.rounding.score)


# --- bounds ----------------------------------------------------------------------------------


@check("L03", Level.ERROR, "得分在 0 与分值之间", "一体化系统公开的审核口径：0≤得分≤权重")
def within_points(subject: Subject) -> Iterator[Observation]:
    """Every printed or entered score lies between 0 and its points."""
    for evaluated, row in subject.rows:
        for name, text in _entered_scores(evaluated, row):
            if text and has_points(row):
                label = partial(evaluated.label, row.item)
                yield from _outside(row.path, name, text, row.points, label)
    for evaluated in subject.evaluated:
        for tier in evaluated.result.tiers:
            path = f"{evaluated.path}/{join('tiers', tier.name)}"
            text = evaluated.claim("tiers", tier.name, "score")
            label = partial(_tier_label, evaluated, tier)
            yield from _outside(path, "score", text, tier.points, label)
        path, printed = claimed_total(evaluated)
        owner, _, name = path.rpartition("/")
        full = sum((tier.points for tier in evaluated.result.tiers), ZERO)
        yield from _outside(owner, name, printed.raw, full, partial(getattr, evaluated, "name"))


def _entered_scores(evaluated: Evaluated, row: IndicatorResult) -> Iterator[tuple[str, str]]:
    yield "score", evaluated.session.claimed.get(f"{row.path}/score", "")
    if row.item.answer is not None:
        yield "manual_score", row.item.answer.manual_score
        yield "level_score", row.item.answer.level_score


def _outside(
    path: str, name: str, text: str, points: Exact, label: Callable[[], str]
) -> Iterator[Observation]:
    value = as_points(text).value
    if value is None or 0 <= value <= points:
        return
    full = decimal_text(points)
    yield Observation(
        f"{path}/{name}",
        f"得分 {text} 不在 0 与分值 {full} 之间",
        "请改正得分",
        label(),
        text,
        f"0–{full}",
        repeat="得分超出分值范围",
    )


def _row_score(evaluated: Evaluated, row: IndicatorResult) -> Figure:
    return evaluated.points(evaluated.session.claimed.get(f"{row.path}/score", ""))


def _tier_label(evaluated: Evaluated, tier: TierResult) -> str:
    return f"{evaluated.name}·{tier.name}" if evaluated.project else tier.name


# --- scores ----------------------------------------------------------------------------------


@check("L04", Level.ERROR, "得分按完成值、指标值和分值复算", ARITHMETIC, needs=_unmatched)
def score_by_rule(subject: Subject) -> Iterator[Observation]:
    """Printed 完成值 and scores agree with the rule; a guessed one is told with every way."""
    if not subject.session.claimed:
        return
    for evaluated in subject.evaluated:
        for tier in evaluated.result.tiers:
            rows = [row for row in tier.indicators if not is_execution(row.item)]
            for row in rows:
                yield from _value(evaluated, row)
            yield from _tier(evaluated, tier, rows)


def _value(evaluated: Evaluated, row: IndicatorResult) -> Iterator[Observation]:
    verdict = judge_value(evaluated, row)
    if verdict is None or verdict.level is None:
        return
    expected = printed_like(verdict.computed, verdict.printed)
    yield Observation(
        f"{row.path}/actual",
        f"完成值填报 {verdict.printed.raw}，按基础数据核算为 {expected}",
        "请核对基础数据或更正完成值",
        evaluated.label(row.item),
        verdict.printed.raw,
        expected,
        verdict.why,
        verdict.level,
        "完成值与核算数不符",
    )


def _tier(
    evaluated: Evaluated, tier: TierResult, rows: list[IndicatorResult]
) -> Iterator[Observation]:
    """Rows that are wrong beyond doubt stand alone; doubtful ones go into their tier's line."""
    judged = [
        (row, v)
        for row in rows
        if (v := judge_score(evaluated, row)) and v.level and evaluated.meant(row.item) is None
    ]
    doubtful = [(row, v) for row, v in judged if not v.wrong]
    for row, verdict in judged:
        if verdict.wrong and _in_bounds(verdict, row):
            yield _score(evaluated, row, verdict)
    whole = judge_tier(evaluated, tier) if rows else None
    printed_rows = [_row_score(evaluated, row) for row in rows]
    told_by_rows = bool(judged) and not doubtful
    adds_up = all(printed.value is not None for printed in printed_rows)
    if whole is None or whole.level is None:
        yield from (_score(evaluated, row, verdict) for row, verdict in doubtful)
    elif not told_by_rows and (doubtful or not adds_up):
        yield _tier_score(evaluated, tier, whole, [row for row, _ in doubtful])


def _in_bounds(verdict: Verdict, row: IndicatorResult) -> bool:
    """Whether a printed score is possible at all; if not, that is told (L03) and enough."""
    return verdict.printed.value is not None and 0 <= verdict.printed.value <= row.points


def _score(evaluated: Evaluated, row: IndicatorResult, verdict: Verdict) -> Observation:
    places = evaluated.result.set.rounding.score
    expected = _points(evaluated, verdict.computed)
    assumption = verdict.why
    if row.status is Status.MANUAL:
        what = f"得分填报 {verdict.printed.raw}，人工赋分为 {expected}"
        return Observation(
            f"{row.path}/score",
            what,
            "请统一两处得分",
            evaluated.label(row.item),
            verdict.printed.raw,
            expected,
            level=Level.WARNING,
            repeat="得分与人工赋分不一致",
        )
    what = f"得分填报 {verdict.printed.raw}，按规则核算为 {expected}"
    if verdict.fit is Fit.OUTSIDE and not verdict.wrong:
        others = alternative_item_scores(evaluated, row)
        words = base_words(evaluated, [row.item]) if others else "按现用规则"
        ways = spelled(words, verdict.computed, others, places)
        assumption = f"{open_question(evaluated, [row.item])}：{ways}"
        what = f"得分填报 {verdict.printed.raw}。{assumption}"
    elif verdict.fit is Fit.WITHIN:
        what += f"（{assumption}）"
    return Observation(
        f"{row.path}/score",
        what,
        _cure(verdict),
        evaluated.label(row.item),
        verdict.printed.raw,
        expected,
        assumption,
        verdict.level,
        "得分与核算数不符",
    )


def _cure(verdict: Verdict) -> str:
    if verdict.wrong:
        return "请改正得分，或核对完成值和指标值"
    if "target" in verdict.doubts:
        return "请填明年度指标值及计分依据"
    return "请核对计分依据"


def _tier_score(
    evaluated: Evaluated, tier: TierResult, verdict: Verdict, doubtful: list[IndicatorResult]
) -> Observation:
    places = evaluated.result.set.rounding.tier
    items = [row.item for row in doubtful] or [row.item for row in tier.indicators]
    # All rows of the tier change together: one reading of the standard holds for all of them.
    scope = [row.item for row in tier.indicators]
    others = [
        (one.label, score)
        for one in rescored(evaluated, scope)
        if (score := one.result.tier(tier.name).score) is not None
    ]
    expected = decimal_text(verdict.computed, places)
    assumption = verdict.why
    if verdict.fit is Fit.OUTSIDE and not verdict.wrong:
        words = base_words(evaluated, items) if others else "按现用规则"
        ways = spelled(words, verdict.computed, others, places)
        assumption = f"{open_question(evaluated, items)}：{ways}"
        what = f"填报 {verdict.printed.raw} 分。{assumption}"
    else:
        what = f"填报 {verdict.printed.raw} 分，按各项核算为 {expected}"
    if doubtful:
        rows = "，".join(f"{row.name} {row.value_text}" for row in doubtful[:3])
        what += f"（涉及：{rows}{' 等' if len(doubtful) > 3 else ''}）"
    return Observation(
        f"{evaluated.path}/{join('tiers', tier.name, 'score')}",
        what,
        _cure(verdict),
        _tier_label(evaluated, tier),
        verdict.printed.raw,
        expected,
        assumption,
        verdict.level,
        "一级指标得分与核算数不符",
        tuple(f"{row.path}/score" for row in doubtful),
    )


@check(
    "L05",
    Level.ERROR,
    "预算执行率及其得分复算",
    "执行率＝执行数÷全年预算数，得分＝执行率×分值",
    needs=_no_claims,
)
def execution_rate(subject: Subject) -> Iterator[Observation]:
    """The printed 执行率 is B/A, and its score is the rate times the points."""
    if not subject.session.claimed:
        return
    for evaluated in subject.evaluated:
        if (row := evaluated.execution) is None or row.note == ZERO_DENOMINATOR:
            continue  # no budget: L06
        tier = evaluated.result.tier(row.item.tier)
        value = judge_value(evaluated, row)
        if value is not None and value.level is not None:
            yield _execution_value(evaluated, row, value)
        claims = evaluated.session.claimed
        paths = [f"{row.path}/score", f"{evaluated.path}/{join('tiers', tier.name, 'score')}"]
        alone = len(list(tier.indicators)) == 1
        judged = [(paths[0], judge_score(evaluated, row))]
        if alone:
            judged.append((paths[1], judge_tier(evaluated, tier)))
        wrong = [(p, v) for p, v in judged if v and v.level and _in_bounds(v, row)]
        if not wrong:
            continue
        path, verdict = wrong[0]
        assert verdict is not None
        same = [other for other, v in wrong[1:] if v and v.printed.value == verdict.printed.value]
        yield _execution_score(evaluated, row, path, verdict, tuple(same))
        yield from (
            _execution_score(evaluated, row, other, v, ())
            for other, v in wrong[1:]
            if v is not None and other not in same and other in claims
        )


def _execution_value(evaluated: Evaluated, row: IndicatorResult, verdict: Verdict) -> Observation:
    money = evaluated.result.inputs
    formula = row.item.formula
    names = formula.names if formula is not None else ()
    shown = formula.substituted(lambda name: _raw(money.get(name))) if formula and names else ""
    expected = printed_like(verdict.computed, verdict.printed)
    path = f"{row.path}/actual"
    if path not in evaluated.session.claimed:
        path = f"{evaluated.path}/execution_rate"
    return Observation(
        path,
        f"执行率填报 {verdict.printed.raw}，{shown} 应为 {expected}",
        "请核对预算数、执行数或改正执行率",
        evaluated.label(row.item),
        verdict.printed.raw,
        expected,
        verdict.why,
        verdict.level,
        "执行率与预算数、执行数不符",
    )


def _raw(read: Figure | None) -> str:
    return decimal_text(read.value) if read is not None and read.value is not None else "?"


def _execution_score(
    evaluated: Evaluated,
    row: IndicatorResult,
    path: str,
    verdict: Verdict,
    also: tuple[str, ...],
) -> Observation:
    expected = _points(evaluated, verdict.computed)
    rate, full = row.value_text, decimal_text(row.points)
    return Observation(
        path,
        f"得分填报 {verdict.printed.raw}，执行率 {rate}×{full} 分应为 {expected}",
        "请改正得分" if verdict.wrong else "请核对",
        evaluated.label(row.item),
        verdict.printed.raw,
        expected,
        verdict.why,
        verdict.level,
        "执行率得分与执行率不符",
        also,
    )


# --- totals ----------------------------------------------------------------------------------


@check("L07", Level.ERROR, "总分等于各部分之和", ARITHMETIC, needs=_no_claims)
def totals(subject: Subject) -> Iterator[Observation]:
    """Printed parts add up to the printed whole; a wrong part carries its error into the whole."""
    if not subject.session.claimed:
        return
    for evaluated in subject.evaluated:
        for tier in evaluated.result.tiers:
            yield from _rows_add_up(evaluated, tier)
        yield from _parts_add_up(evaluated)


def _rows_add_up(evaluated: Evaluated, tier: TierResult) -> Iterator[Observation]:
    printed = claimed_tier(evaluated, tier)
    rows = list(tier.indicators)
    parts = [_row_score(evaluated, row) for row in rows]
    if printed.value is None or len(parts) < 2 or any(part.value is None for part in parts):
        return
    if any(row.status is Status.NOT_APPLICABLE for row in rows):
        return  # the tier is rescaled: it is not the plain sum
    ranges = [awarded(part, row.points) for part, row in zip(parts, rows, strict=True)]
    if printed_range(printed).meets(sum_of(ranges)):
        return
    added = _points(evaluated, sum((part.value or ZERO for part in parts), ZERO))
    yield Observation(
        f"{evaluated.path}/{join('tiers', tier.name, 'score')}",
        f"填报 {printed.raw} 分，所列 {len(parts)} 项得分相加为 {added}",
        "请改正合计或各项得分",
        _tier_label(evaluated, tier),
        printed.raw,
        added,
        repeat="一级指标得分不等于各项之和",
    )


def _parts_add_up(evaluated: Evaluated) -> Iterator[Observation]:
    """The printed total is the sum of the printed tiers or, where a form prints none, rows."""
    path, printed = claimed_total(evaluated)
    if printed.value is None:
        return
    if _all_tiers_claimed(evaluated):
        yield from _tiers_add_up(evaluated, path, printed)
    elif (added := _contradiction(evaluated)) is not None:
        how, cure = "所列各项填报得分相加为", "请改正总分或各项得分"
        yield _total_finding(evaluated, path, printed, added, how, cure=cure)
    elif evaluated.project is None:
        yield from _total_alone(evaluated, path)


def _tiers_add_up(evaluated: Evaluated, path: str, printed: Figure) -> Iterator[Observation]:
    result = evaluated.result
    tiers = [tier for tier in result.tiers if tier.points]
    parts = [claimed_tier(evaluated, tier) for tier in tiers]
    values = [part.value or ZERO for part in parts]
    added = half_up(sum(values, ZERO), result.set.rounding.total)
    ranges = [awarded(part, tier.points) for part, tier in zip(parts, tiers, strict=True)]
    if not printed_range(printed).meets(sum_of(ranges)):
        yield _total_finding(evaluated, path, printed, added, "各一级指标填报得分相加为")
        return
    corrected = [
        tier.score
        if (verdict := judge_tier(evaluated, tier)) and verdict.wrong and tier.score is not None
        else value
        for tier, value in zip(tiers, values, strict=True)
    ]
    if corrected == values:
        return
    wrong = [tier.name for tier, a, b in zip(tiers, corrected, values, strict=True) if a != b]
    expected = half_up(sum(corrected, ZERO), result.set.rounding.total)
    yield _total_finding(
        evaluated, path, printed, expected, f"改正{'、'.join(wrong)}得分后各部分相加为"
    )


@remembered
def _contradiction(evaluated: Evaluated) -> Exact | None:
    """Return what the printed parts add up to where the printed total cannot be that.

    Pure arithmetic: whatever the form prints is added, a tier or else its rows, even a row the
    set has no place for. With a part left out only a sum above the total tells anything.
    """
    _, printed = claimed_total(evaluated)
    parts = _printed_parts(evaluated) if printed.value is not None else None
    if parts is None:
        return None
    known = [(part, points) for part, points in parts if part.value is not None]
    whole, added = printed_range(printed), sum_of([awarded(*one) for one in known])
    left_out = len(known) < len(parts)
    if not known or (added.low <= whole.high if left_out else whole.meets(added)):
        return None
    return sum((part.value or ZERO for part, _ in known), ZERO)


def _printed_parts(evaluated: Evaluated) -> list[tuple[Figure, Exact | None]] | None:
    """Return the printed figures a total is the sum of, each with its 分值.

    None where 不适用 rows scale them.
    """
    parts: list[tuple[Figure, Exact | None]] = []
    placed: set[str] = set()
    for tier in evaluated.result.tiers:
        rows = list(tier.indicators)
        placed.update(row.path for row in rows)
        if (printed := claimed_tier(evaluated, tier)).value is not None:
            parts.append((printed, tier.points))
        elif any(row.status is Status.NOT_APPLICABLE for row in rows):
            return None
        else:
            parts += [(_row_score(evaluated, row), row.points) for row in rows]
    for key, row in evaluated.evaluation.rows.items():
        if f"{evaluated.path}/{join('rows', key)}" not in placed:
            score = evaluated.points(evaluated.claim("rows", key, "score"))
            parts.append((score, figure(row.points).value))
    return parts


def _total_finding(
    evaluated: Evaluated,
    path: str,
    printed: Figure,
    expected: Exact,
    how: str,
    *,
    cure: str = "请改正总分",
) -> Observation:
    """Both totals: the printed parts put right, and the whole computed by the set's rules."""
    result, places = evaluated.result, evaluated.result.set.rounding.total
    text = decimal_text(expected, places)
    what = f"总分填报 {printed.raw}，{how} {text}"
    assumption = ""
    if result.complete and result.total != expected:
        doubts = labels(tier_doubts(evaluated, result.tiers)) or "全部按指标体系核算"
        assumption = f"全部按现用规则核算为 {result.total_text}（{doubts}）"
        what += f"；{assumption}"
    what += _flip(evaluated, printed, expected)
    return Observation(
        path,
        what,
        cure,
        evaluated.name if evaluated.project else "",
        printed.raw,
        text,
        assumption,
        repeat="总分不等于各部分之和",
    )


def _total_alone(evaluated: Evaluated, path: str) -> Iterator[Observation]:
    """The printed total of a form that prints no parts, against the computed one."""
    verdict = judge_total(evaluated)
    if verdict is None or verdict.level is None:
        return
    result, places = evaluated.result, evaluated.result.set.rounding.total
    expected = decimal_text(verdict.computed, places)
    what = f"得分填报 {verdict.printed.raw}，核算为 {expected}"
    assumption = verdict.why
    if verdict.fit is Fit.OUTSIDE and not verdict.wrong:
        items: list[Item] = [row.item for row in result.indicators]
        others = [
            (one.label, one.result.total)
            for one in rescored(evaluated, items)
            if one.result.total != result.total
        ]
        ways = spelled("按现用规则", verdict.computed, others, places)
        assumption = f"{verdict.why}：{ways}"
        what = f"得分填报 {verdict.printed.raw}。{assumption}"
    else:
        what += f"（{_parts(evaluated)}）"
    what += _flip(evaluated, verdict.printed, verdict.computed)
    if not assumption and _flip(evaluated, verdict.printed, verdict.computed):
        assumption = _grade_doubt(evaluated)
    yield Observation(
        path,
        what,
        "请核对各项得分率或改正得分" if verdict.wrong else "请核对计分依据",
        evaluated.name if evaluated.project else "总分",
        verdict.printed.raw,
        expected,
        assumption,
        verdict.level,
        "自评得分与核算数不符",
    )


def _parts(evaluated: Evaluated) -> str:
    places = evaluated.result.set.rounding.tier
    scores = [tier.score for tier in evaluated.result.tiers if tier.score is not None]
    return "＋".join(decimal_text(score, places) for score in scores)


def _flip(evaluated: Evaluated, printed: Figure, expected: Exact) -> str:
    """Return the change of grade a corrected total brings, naming how far the cut-offs hold."""
    grades = evaluated.result.set
    assert printed.value is not None
    before, after = grades.grade(printed.value), grades.grade(expected)
    if before == after:
        return ""
    doubt = _grade_doubt(evaluated)
    return f"；等级由{before}变为{after}" + (f"（{doubt}）" if doubt else "")


def _grade_doubt(evaluated: Evaluated) -> str:
    grades = evaluated.result.set
    if grades.grades_evidence.trusted:
        return ""
    cuts = "、".join(f"{grade.name}≥{decimal_text(grade.min)}" for grade in grades.grades[:-1])
    return f"等级按 {cuts} 划分，{grades.grades_evidence.label}"


# --- summary table ---------------------------------------------------------------------------


@check(
    "L28",
    Level.ERROR,
    "汇总表各行复算：得分、得分率、等级",
    "自评得分＝Σ 得分率×权重",
    needs=_no_claims,
)
def summary(subject: Subject) -> Iterator[Observation]:
    """A row of the 汇总表 follows from its rates and weights, a rate and a grade from its score."""
    if not subject.session.claimed:
        return
    for evaluated in subject.evaluated:
        path, printed = claimed_total(evaluated)
        told = printed.value is None or _contradiction(evaluated) is not None  # L07
        if evaluated.project is not None and not told and not _all_tiers_claimed(evaluated):
            yield from _total_alone(evaluated, path)
        for tier in evaluated.result.tiers:
            yield from _tier_rate(evaluated, tier)
        yield from _total_rate(evaluated, printed)
        yield from _grade(evaluated, printed)


def _all_tiers_claimed(evaluated: Evaluated) -> bool:
    tiers = [tier for tier in evaluated.result.tiers if tier.points]
    return bool(tiers) and all(claimed_tier(evaluated, tier).value is not None for tier in tiers)


def _rate_of(text: str) -> list[Figure]:
    """Return the ways a printed rate can be read: ``99.97`` is a percentage, ``1`` the whole."""
    read = figure(text)
    if read.value is None:
        return []
    if read.unit:
        return [read]
    return [read.in_unit("%"), read]


def _tier_rate(evaluated: Evaluated, tier: TierResult) -> Iterator[Observation]:
    """得分率 is 得分÷分值, or in a tier that is one rate that rate itself."""
    text = evaluated.claim("tiers", tier.name, "rate")
    readings = _rate_of(text)
    if not readings or not tier.points:
        return
    rows = list(tier.indicators)
    printed = claimed_tier(evaluated, tier)
    if len(rows) == 1 and is_execution(rows[0].item):
        if (own := possible_value(evaluated, rows[0])) is None:
            return  # an input is missing: the rate may be right
        value = claimed_value(evaluated, rows[0])
        candidates = [*own.values, *([value.value] if value and value.value else [])]
        if any(fit(read, candidates, None) is Fit.SAME for read in readings):
            return
    if printed.value is not None:
        hull = printed.interval / Interval.point(tier.points)
        expected = printed.value / tier.points
        doubts = ""
    elif (possible := possible_tier(evaluated, tier)) and tier.score is not None:
        hull = possible.hull / Interval.point(tier.points)
        expected = tier.score / tier.points
        doubts = labels(tier_doubts(evaluated, [tier]))
    else:
        return
    if any(fit(read, [expected], hull) is not Fit.OUTSIDE for read in readings):
        return
    if (verdict := judge_tier(evaluated, tier)) and verdict.wrong:
        return  # the score is wrong; that is said where the score stands
    shown = quantity_text(expected, "%", 2)
    yield Observation(
        f"{evaluated.path}/{join('tiers', tier.name, 'rate')}",
        f"得分率填报 {text}，得分÷分值为 {shown}",
        "请改正得分率",
        _tier_label(evaluated, tier),
        text,
        shown,
        doubts,
        Level.NOTICE if doubts else None,
        "得分率与得分不符",
    )


def _total_rate(evaluated: Evaluated, printed: Figure) -> Iterator[Observation]:
    text = evaluated.claim("rate")
    readings = _rate_of(text)
    full = sum((tier.points for tier in evaluated.result.tiers), ZERO)
    if not readings or printed.value is None or not full:
        return
    hull = printed.interval / Interval.point(full)
    if any(fit(read, [printed.value / full], hull) is not Fit.OUTSIDE for read in readings):
        return
    shown = quantity_text(printed.value / full, "%", 2)
    yield Observation(
        f"{evaluated.path}/rate",
        f"总得分率填报 {text}，总分÷满分为 {shown}",
        "请改正得分率",
        evaluated.name,
        text,
        shown,
        repeat="总得分率与总分不符",
    )


def _grade(evaluated: Evaluated, printed: Figure) -> Iterator[Observation]:
    """The printed grade is that of the printed total, else of the computed one."""
    text = evaluated.claim("grade").strip()
    result = evaluated.result
    basis = (
        printed.value if printed.value is not None else result.total if result.complete else None
    )
    if not text or basis is None:
        return
    expected = result.set.grade(basis)
    if expected == text:
        return
    doubt = _grade_doubt(evaluated)
    if printed.value is None and not doubt:
        doubt = labels(tier_doubts(evaluated, result.tiers))
    yield Observation(
        f"{evaluated.path}/grade",
        f"等级填报“{text}”，{decimal_text(basis, max(decimals(printed), 2))} 分应为“{expected}”"
        + (f"（{doubt}）" if doubt else ""),
        "请核对等级划分",
        evaluated.name,
        text,
        expected,
        doubt,
        Level.NOTICE if doubt else None,
        "等级与得分不符",
    )
