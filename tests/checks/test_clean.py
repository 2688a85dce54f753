"""A sound session has no finding, and a new one has a short list of what is 未填."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import CHECKS, Level


def test_a_sound_session_passes_every_check(audit: Any) -> None:
    assert [one.message for one in audit()] == []


def test_every_check_of_the_list_is_registered() -> None:
    numbers = [*range(1, 24), *range(26, 34), 37, 38, 40, 41]
    assert sorted(CHECKS) == sorted(f"L{number:02}" for number in numbers)
    assert all(one.title and one.basis and one.function.__doc__ for one in CHECKS.values())


@pytest.mark.parametrize("set_id", ["henan-department-2024", "sichuan-dazhou-department"])
def test_a_new_session_is_told_in_a_few_lines_and_accused_of_nothing(
    audit: Any, set_id: str
) -> None:
    found = audit.text(
        f"""
id: new
unit: {{name: 某局}}
year: 2024
department: {{set: {set_id}}}
projects:
  a: {{set: mof-project-2020, name: 项目甲}}
  b: {{set: mof-project-2020, name: 项目乙}}
"""
    )
    assert len(found) <= 10
    assert {one.level for one in found} == {Level.NOTICE}


def test_a_row_just_added_is_not_accused(audit: Any) -> None:
    found = audit({"projects/a/rows/new": {"group": "质量指标"}})
    assert {one.level for one in found} == {Level.NOTICE}
