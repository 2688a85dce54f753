"""Reports as they come off a scanner or a tired hand: audited, made a session, or refused in words.

Lines are lost, doubled and cut, cells shift, digits change. Nothing of it may end in a program
error, and a session that is made can be scored, checked and kept with its sets.
"""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from perfeval.audit.as_session import as_session
from perfeval.audit.auditing import audit_of, examine
from perfeval.audit.readers import read_bytes
from perfeval.checks import run
from perfeval.errors import PerfevalError
from perfeval.indicators.library import find, set_files
from perfeval.scoring.engine import score_session
from perfeval.session.pins import pinned
from tests.audit import own
from tests.audit.test_forms import FORM

BASES = (own.text(), FORM, own.corrected() + FORM)
STRANGE = ("", "0", "100%", "-1", "9" * 30, "得分", "全年预算数", "1/0", "NaN", "1e9")


def damaged(text: str, random: Random) -> str:
    """Damage a text in up to thirty places."""
    lines = text.split("\n")
    for _ in range(random.randint(1, 30)):
        at = random.randrange(len(lines))
        line = lines[at]
        match random.randrange(7):
            case 0 if len(lines) > 3:
                del lines[at]
            case 1:
                lines.insert(at, random.choice(lines))
            case 2:
                lines[at] = line.replace(random.choice("0123456789"), random.choice("0123456789"))
            case 3:
                lines[at] = line.replace("\t", "", 1)
            case 4:
                lines[at] = f"{line}\t{random.choice(STRANGE)}"
            case 5:
                lines[at] = line[: random.randrange(len(line) + 1)]
            case _:
                lines[at] = line.replace(".", "", 1)
    return "\n".join(lines)


def taken(seeds: range) -> int:
    """Audit damaged reports and make sessions of them; return how many were refused."""
    known, sets, refused = cache(find), list(set_files(None)), 0
    for seed in seeds:
        random = Random(seed)
        text = damaged(random.choice(BASES), random)
        examined = examine(read_bytes(text.encode(), "报告.txt"))
        audit_of(examined)
        try:
            made = as_session(examined, "s-1", known, sets)
        except PerfevalError:
            refused += 1
            continue
        session = made.ledger.applied()
        run(session, score_session(session, made.find), made.find)
        for pin in pinned(session, made.find)[1]:
            pin.load()
    return refused


def test_a_damaged_report_is_audited_and_made_a_session() -> None:
    assert taken(range(8)) < 8


@pytest.mark.soak
def test_many_damaged_reports() -> None:
    assert taken(range(1_000, 1_500)) < 100
