"""The self-evaluation inside a report: its tables, and what the text says of projects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from perfeval.audit.document import Document, Table
from perfeval.audit.equations import Register
from perfeval.audit.forms import PlacedForm, read_forms
from perfeval.audit.observed import Observed
from perfeval.audit.projects import (
    ProjectLine,
    one_name,
    read_counts,
    read_project,
    read_summary,
    require_rows,
    require_sums,
)
from perfeval.audit.tiers import (
    ScoredLine,
    Tiers,
    heading_tier,
    read_tier_text,
    read_tiers,
    require_tier_sums,
    scored_lines,
)
from perfeval.numbers import ZERO, Exact

MAX_FOLLOWING = 4
"""Paragraphs below an indicator that are taken for what is said of it."""


@dataclass(slots=True)
class SelfEvaluation:
    """What the rest of the audit asks of the self-evaluation.

    ``used`` are the paragraphs (by ``id``) that were read here and say nothing else.
    """

    lines: list[ProjectLine] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    scored: list[ScoredLine] = field(default_factory=list)
    tiers: Tiers = field(default_factory=dict)
    forms: list[PlacedForm] = field(default_factory=list)

    @property
    def table(self) -> list[ProjectLine]:
        """The lines of the 自评汇总表."""
        return [one for one in self.lines if one.is_table]

    @property
    def spent_sum(self) -> Exact | None:
        """What the projects of the 自评汇总表 spent together; None for fewer than two."""
        spent = [one.values["执行数"].value for one in self.table if "执行数" in one.values]
        return sum(spent, ZERO) if len(spent) > 1 else None


def read_self_evaluation(
    document: Document, register: Register, observed: list[Observed]
) -> SelfEvaluation:
    """Read the self-evaluation's tables and text into facts and identities."""
    found = SelfEvaluation()
    for table in document.tables:
        lines = read_summary(table, observed)
        if lines is None:
            read_tiers(table, found.tiers, register)
        else:
            found.lines += lines
    found.forms, about = read_forms(document, register, observed)
    found.lines += about
    _read_text(document, found, register)
    one_name(found.lines, observed)
    for line in found.lines:
        for column, mention in line.values.items():
            register.state(f"项目·{line.key}·{column}", mention)
    require_rows(found.lines, register)
    require_sums(found.table, register)
    require_tier_sums(found.tiers, found.scored, register)
    return found


def _read_text(document: Document, found: SelfEvaluation, register: Register) -> None:
    tier = group = ""
    open_ = False  # whether what follows is said of the last indicator
    for block in document.blocks:
        if isinstance(block, Table):
            continue
        if block.is_heading:
            open_ = False
            if named := heading_tier(block):
                tier, group = named, ""
            elif tier:
                group = re.sub(r"^[(（]?\d{1,2}[)）、.．]", "", block.text)
            continue
        if project := read_project(block, register):
            found.lines.append(project)
            found.used.add(id(block))
        lines = scored_lines(block, tier, group)
        found.scored += lines
        if lines:
            open_ = True
        elif open_ and len(found.scored[-1].following) < MAX_FOLLOWING:
            found.scored[-1].following.append(block)
        read_tier_text(block, found.tiers, register)
        read_counts(block, register)
