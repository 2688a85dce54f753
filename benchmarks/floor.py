"""The floor: the Henan set written out by hand, with integers and with fractions.

What a person would write who knows the set, the rounding places and Python: no data, no trace, no
missing figures, no 不适用. Nothing that reads a set from a file can be expected to be faster.
Denominators are taken to be above zero.
"""

from __future__ import annotations

from fractions import Fraction

from benchmarks.department import Department

Scores = tuple[list[int], tuple[int, int, int, int], int, str]
"""Scores of the 28 indicators in printed order, of the 4 tiers, the total (0.01), the grade."""


def _rate(top: int, bottom: int) -> int:
    """四舍五入 of a ratio to 0.01 %; ``top`` may be negative."""
    if top >= 0:
        return (20000 * top + bottom) // (2 * bottom)
    return -((-20000 * top + bottom) // (2 * bottom))


def _share(points: int, rate: int) -> int:
    """达到 100 % 得满分，未达到按比例, in 0.01 points: ``points`` × rate, 四舍五入."""
    return points * 100 if rate >= 10000 else (2 * points * rate + 100) // 200


def integers(department: Department) -> Scores:
    """Score a department exactly, with Python's integers only."""
    (initial, exempt, budget, spent, left, detailed, shared, hosted, hosting, bought, planned) = (
        department.money
    )
    (kept, squeezed, misused, faked, other, projects, filled, watched, rated, judged, key, taken,
     asked) = department.counts  # fmt: skip
    a1, a2, a3, b1, b7, b9, b10, b11 = department.elements
    d1, d2, d3, e1, e2, e3, g1 = department.rates

    x1 = (min(10000, _rate(spent, budget)) + 5) // 10
    first = [
        sum(a1) * 50,
        sum(a2) * 50,
        sum(a3) * 50,
        sum(b1) * 100,
        _share(2, _rate(detailed, shared)),
        200 if _rate(budget - initial - exempt, initial) <= 1000 else 0,
        200 if _rate(left, budget) <= 1000 else 0,
        200 if _rate(hosted, hosting) <= 10000 else 0,
        _share(2, _rate(bought, planned)),
        100 if b7[0] else 0,
        max(0, 100 - 100 * (kept + squeezed + misused + faked + other)),
        sum(b9) * 50,
        sum(b10) * 100,
        sum(b11) * 40,
        _share(1, _rate(filled, projects)),
        _share(1, _rate(watched, projects)),
        _share(1, _rate(rated, projects)),
        _share(1, _rate(judged, key)),
        _share(1, _rate(taken, asked)),
    ]
    second = [_share(5, d1), _share(5, d2), _share(5, d3), _share(4, e1), _share(3, e2),
              _share(3, e3)]  # fmt: skip
    # 20 points × rate ÷ 90 %
    third = [department.level_score, 2000 if g1 >= 9000 else (4000 * g1 + 9000) // 18000]
    tiers = (x1, sum(first), sum(second), sum(third))
    total = sum(tiers)
    grade = "优" if total >= 9000 else "良" if total >= 8000 else "中" if total >= 6000 else "差"
    return [x1, *first, *second, *third], tiers, total, grade


HALF = Fraction(1, 2)


def _half_up(value: Fraction, scale: int) -> Fraction:
    """四舍五入 to 1/``scale``, half away from zero."""
    scaled = abs(value) * scale
    units = (scaled + HALF).__floor__()
    return Fraction(units if value >= 0 else -units, scale)


def _earned(points: int, rate: Fraction) -> Fraction:
    return Fraction(points) if rate >= 1 else _half_up(points * rate, 100)


def fractions(department: Department) -> Scores:
    """Score a department with :class:`fractions.Fraction`, as one would first write it exactly.

    Returns integers of 0.01 points like :func:`integers`.
    """
    (initial, exempt, budget, spent, left, detailed, shared, hosted, hosting, bought, planned) = (
        Fraction(value, 100) for value in department.money
    )
    (kept, squeezed, misused, faked, other, projects, filled, watched, rated, judged, key, taken,
     asked) = (Fraction(value) for value in department.counts)  # fmt: skip
    lists = department.elements
    d1, d2, d3, e1, e2, e3, g1 = (Fraction(value, 10000) for value in department.rates)

    def rate(top: Fraction, bottom: Fraction) -> Fraction:
        return _half_up(top / bottom, 10000)

    def met(index: int, points: int) -> Fraction:
        return _half_up(Fraction(points * sum(lists[index]), len(lists[index])), 100)

    tenth = Fraction(1, 10)
    x1 = _half_up(10 * min(Fraction(1), rate(spent, budget)), 100)
    first = [
        met(0, 2),
        met(1, 2),
        met(2, 2),
        met(3, 2),
        _earned(2, rate(detailed, shared)),
        Fraction(2 if rate(budget - initial - exempt, initial) <= tenth else 0),
        Fraction(2 if rate(left, budget) <= tenth else 0),
        Fraction(2 if rate(hosted, hosting) <= 1 else 0),
        _earned(2, rate(bought, planned)),
        met(4, 1),
        max(Fraction(0), 1 - (kept + squeezed + misused + faked + other)),
        met(5, 1),
        met(6, 2),
        met(7, 2),
        _earned(1, rate(filled, projects)),
        _earned(1, rate(watched, projects)),
        _earned(1, rate(rated, projects)),
        _earned(1, rate(judged, key)),
        _earned(1, rate(taken, asked)),
    ]
    second = [_earned(5, d1), _earned(5, d2), _earned(5, d3), _earned(4, e1), _earned(3, e2),
              _earned(3, e3)]  # fmt: skip
    asked_rate = Fraction(9, 10)
    third = [
        Fraction(department.level_score, 100),
        Fraction(20) if g1 >= asked_rate else _half_up(20 * g1 / asked_rate, 100),
    ]
    tiers = [_half_up(sum(part, Fraction(0)), 100) for part in ([x1], first, second, third)]
    total = sum(tiers, Fraction(0))
    grade = "优" if total >= 90 else "良" if total >= 80 else "中" if total >= 60 else "差"
    one, two, three, four = (int(tier * 100) for tier in tiers)
    scores = [int(score * 100) for score in (x1, *first, *second, *third)]
    return scores, (one, two, three, four), int(total * 100), grade
