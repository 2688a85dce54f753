"""An evaluation as the screens show it: what was filled in, by which set, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass

from perfeval.indicators.model import Group, IndicatorSet
from perfeval.numbers import ZERO, Exact
from perfeval.scoring.scorecard import IndicatorResult, Result
from perfeval.session.model import Evaluation, Project, Session
from perfeval.tui import outline
from perfeval.tui.edits import unused_points


@dataclass(frozen=True, slots=True)
class Shown:
    """An evaluation (``prefix`` is its path) with everything needed to show a place of it."""

    session: Session
    prefix: str
    evaluation: Evaluation
    set: IndicatorSet
    result: Result

    @property
    def project(self) -> Project | None:
        """The evaluation, if it is a project."""
        return self.evaluation if isinstance(self.evaluation, Project) else None

    def row(self, place: str) -> IndicatorResult | None:
        """The indicator at a place, if it is one; a tier scored by its 得分率 is one, too."""
        names = outline.names_of(place)
        by_rate = f"/tier_rates/{names[0]}" if len(names) == 1 else "\0"
        rows = self.result.indicators
        return next((r for r in rows if r.path == place or r.path.endswith(by_rate)), None)

    def own_group(self, place: str) -> Group | None:
        """The group at a place that takes rows of the unit's own."""
        names = outline.names_of(place)
        if len(names) != 2:
            return None
        groups = self.set.tier(names[0]).groups
        return next((g for g in groups if g.name == names[1] and g.own is not None), None)

    def group_points(self, group: Group) -> Exact:
        """What the rows of a group share: the group's points, or what its tier has left over."""
        if group.points is not None:
            return group.points
        tier = next(one for one in self.set.tiers if group in one.groups)
        counted = (one.points for one in self.result.tiers if one.name == tier.name)
        points = next(counted, tier.points)
        others = (
            points - unused_points(self.evaluation, one.name, points)
            for one in tier.groups if one is not group
        )  # fmt: skip
        return points - sum(others, ZERO)
