"""The unit's own set: adopted as one act, kept for other years, the shipped one untouched."""

from pathlib import Path

import pytest

from perfeval.indicators.library import find
from perfeval.indicators.tuning import Draft, kind_of
from perfeval.numbers import decimal_text
from perfeval.samples import NAME, sample_text
from perfeval.session.files import loads
from perfeval.store import Store, Workspace
from perfeval.store.own_set import adopt
from perfeval.store.workspace import create

HENAN = "henan-department-2024"


@pytest.fixture
def workspace(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("PERFEVAL_HOME", str(tmp_path / "home"))
    return create(store, loads(sample_text(), f"{NAME}.yaml"), find, who="甲")


def total(workspace: Workspace) -> str:
    result = workspace.scorecard.department
    assert result is not None
    return decimal_text(result.total, 2)


def softened(zero_at: str = "4") -> Draft:
    draft = Draft.of(find(HENAN))
    kind = kind_of({"type": "inverse_linear"})
    assert kind is not None
    draft.change("B3", rule=kind.rule({"zero_at": zero_at}))
    return draft


def test_the_session_is_scored_by_its_own_set_at_once(workspace: Workspace) -> None:
    own = softened().finished("财绩〔2025〕1号", "2025-03-01")
    adopt(workspace, HENAN, own, who="甲", why="依据文件调整")

    assert workspace.session.department is not None
    assert workspace.session.department.set == own.id
    # 25.51 % against ≤10 %, 0 points at four times the target: 2×(1−(0.2551−0.1)÷(0.4−0.1)) = 0.966
    assert total(workspace) == "97.37"
    assert decimal_text(workspace.scorecard.department.indicator("B3").score, 2) == "0.97"  # type: ignore[union-attr,arg-type]


def test_one_undo_brings_the_old_set_and_score_back(workspace: Workspace) -> None:
    adopt(workspace, HENAN, softened().finished("文", "2025-03-01"), who="甲", why="")
    workspace.undo(who="甲")
    assert workspace.session.department is not None
    assert workspace.session.department.set == HENAN
    assert total(workspace) == "96.40"


def test_it_is_found_again_for_another_year_and_the_shipped_one_is_as_it_was(
    workspace: Workspace,
) -> None:
    own = softened().finished("文", "2025-03-01")
    adopt(workspace, HENAN, own, who="甲", why="")
    assert find(own.id) == own
    assert "inverse_linear" not in str(
        next(one for one in find(HENAN).all_indicators() if one.code == "B3").rule
    )


def test_tuning_again_pins_the_new_content_under_the_same_id(workspace: Workspace) -> None:
    first = softened().finished("文", "2025-03-01")
    adopt(workspace, HENAN, first, who="甲", why="")
    again = Draft.of(workspace.find(first.id))
    kind = kind_of({"type": "full_if_met"})
    assert kind is not None
    again.change("B3", rule=kind.rule({}))
    adopt(workspace, first.id, again.finished("文二", "2025-03-02"), who="甲", why="")
    assert workspace.session.department is not None
    assert workspace.session.department.set == first.id
    assert total(workspace) == "96.40"
