"""Files × saved sessions: what the command line and the interface both do, without either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook

from perfeval.errors import PerfevalError
from perfeval.exchange.intake.ledger import Verdict
from perfeval.exchange.intake.reading import read
from perfeval.exchange.package import Package, pack, unpack, write
from perfeval.exchange.workbook import export_workbook
from perfeval.handover import (
    Import,
    blank,
    carry_out,
    join_in,
    joining,
    packed,
    plan_import,
    read_arrival,
    take,
    take_copy,
)
from perfeval.indicators.library import find, set_files
from perfeval.samples import NAME, sample_text
from perfeval.scoring.engine import score_session
from perfeval.session import files
from perfeval.session.change import Conflict, edit
from perfeval.session.distribute import preparing, sending
from perfeval.session.model import Evaluation, Session, Unit
from perfeval.store import Store, Workspace
from perfeval.store.evidence import attach, evidence_folder
from perfeval.store.listing import delete_session, exists
from perfeval.store.workflow import apply_with_sets
from perfeval.store.workspace import create

DEPARTMENT, PROJECT = "henan-department-2024", "mof-project-2020"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Store]:
    """The office that sends out."""
    with Store.open(str(tmp_path / "here" / "perfeval.db")) as store:
        yield store


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Store]:
    """Somebody else's computer."""
    with Store.open(str(tmp_path / "there" / "perfeval.db")) as store:
        yield store


@pytest.fixture
def task(here: Store) -> Workspace:
    """A department's form without anything filled in."""
    session = Session(
        id="a", unit=Unit(name="某局", phone="1"), year=2024, department=Evaluation(set=DEPARTMENT)
    )
    return create(here, session, find, who="甲")


def fill(workspace: Workspace, path: str, value: object, who: str = "乙") -> None:
    workspace.apply(edit(workspace.session, path, value, who=who))


def sent_to(workspace: Workspace, owner: str) -> Package:
    """The package that ``save --owner`` writes."""
    workspace.apply(preparing(workspace.session, owner, who="甲"))
    head = workspace.head
    package = packed(workspace, owner)
    workspace.apply(sending(workspace.session, owner, head, who="甲"))
    return package


# --- going out and coming in -----------------------------------------------------------------


def test_a_package_is_taken_elsewhere_with_records_sets_and_evidence(
    task: Workspace, there: Store, tmp_path: Path
) -> None:
    proof = tmp_path / "批文.pdf"
    proof.write_bytes(b"%PDF")
    folder = evidence_folder(task.store)
    task.apply(*attach(task.session, folder, "department/answers/B3", proof, who="甲").changes)
    arrival = read_arrival(there, write(packed(task), tmp_path / "a"))
    assert (arrival.known, arrival.deleted) == (False, False)
    taken = take(there, arrival, find, who="乙")
    workspace = Workspace.open(there, "a")
    assert taken == workspace.session == task.session
    assert [one.hash for one in workspace.records] == [one.hash for one in task.records]
    assert workspace.find(DEPARTMENT) == task.find(DEPARTMENT)
    assert pack(packed(workspace)) == pack(packed(task))
    assert packed(task, evidence=False).evidence == {}


def test_an_offices_copy_stays_that_offices_whoever_packs_it(
    task: Workspace, there: Store, tmp_path: Path
) -> None:
    """A package packed from it names the office and the paths it may change, like the first."""
    fill(task, "department/answers/B3/owner", "财务科")
    sent = sent_to(task, "财务科")
    take(there, read_arrival(there, write(sent, tmp_path / "part")), find, who="财务科")
    office = Workspace.open(there, "a")
    assert office.session.working_as == "财务科"
    with pytest.raises(PerfevalError, match="只能改它负责的部分"):
        fill(office, "unit/phone", "2")
    back = packed(office)
    assert (back.owner, back.editable) == ("财务科", sent.editable)
    assert "department/answers/B3" in back.editable
    assert unpack(pack(back)).editable == sent.editable


def test_a_readable_file_is_taken_with_the_sets_there_are(task: Workspace, there: Store) -> None:
    file = there.file.parent / "a.yaml"  # type: ignore[union-attr]
    files.write(task.session, file)
    arrival = read_arrival(there, file)
    assert arrival.package is None
    assert take(there, arrival, find, who="乙").unit.phone == "1"
    assert len(Workspace.open(there, "a").records) == 1
    with pytest.raises(PerfevalError, match="已有编号为“a”的自评任务"):
        take(there, arrival, find, who="乙")


@pytest.mark.parametrize("ending", [".perfeval", ".yaml"])
def test_a_copy_has_an_id_of_its_own_and_its_records_begin_anew(
    task: Workspace, here: Store, tmp_path: Path, ending: str
) -> None:
    fill(task, "department/answers/B3/owner", "财务科")
    file = tmp_path / f"a{ending}"
    if ending == ".yaml":
        files.write(task.session, file)
    else:
        write(sent_to(task, "财务科"), file)
    arrival = read_arrival(here, file)
    assert arrival.known
    copied = take_copy(here, arrival, "a-2", find, who="丙")
    workspace = Workspace.open(here, "a-2")
    assert (copied.id, copied.working_as, len(workspace.records)) == ("a-2", "", 1)
    fill(workspace, "unit/phone", "9")  # nobody's part: all of it may be changed
    assert task.session.unit.phone == "1"


def test_what_is_here_but_put_aside_is_told_apart(task: Workspace, tmp_path: Path) -> None:
    file = write(packed(task), tmp_path / "a")
    delete_session(task.store, "a")
    arrival = read_arrival(task.store, file)
    assert (arrival.known, arrival.deleted) == (True, True)


# --- coming back -----------------------------------------------------------------------------


def returned(task: Workspace, there: Store, *edits: tuple[str, object]) -> Package:
    """A copy of the task, gone on with elsewhere."""
    take_in = read_arrival(there, write(packed(task), evidence_folder(there).parent / "out"))
    take(there, take_in, find, who="乙")
    workspace = Workspace.open(there, "a")
    for path, value in edits:
        fill(workspace, path, value)
    return packed(workspace)


def test_their_changes_are_taken_and_a_clash_goes_the_way_that_was_chosen(
    task: Workspace, there: Store
) -> None:
    package = returned(task, there, ("unit/phone", "3"), ("unit/head", "赵局长"))
    fill(task, "unit/phone", "2")
    found = joining(task, package, who="丙")
    assert [one.path for one in found.changes] == ["unit/head"]
    assert [(one.base, one.ours, one.theirs) for one in found.clashes] == [("1", "2", "3")]
    assert task.session.unit.head == ""
    made = join_in(task, found, ["unit/phone"], who="丙")
    assert {one.path for one in made} == {"unit/phone", "unit/head"}
    assert (task.session.unit.phone, task.session.unit.head) == ("3", "赵局长")
    task.undo(who="丙")
    assert (task.session.unit.phone, task.session.unit.head) == ("2", "")


def test_a_clash_that_is_not_chosen_stays_as_it_is_here(task: Workspace, there: Store) -> None:
    package = returned(task, there, ("unit/phone", "3"), ("unit/head", "赵局长"))
    fill(task, "unit/phone", "2")
    join_in(task, joining(task, package, who="丙"), [], who="丙")
    assert (task.session.unit.phone, task.session.unit.head) == ("2", "赵局长")


def test_a_project_that_comes_in_brings_its_set(task: Workspace, there: Store) -> None:
    returned(task, there)
    workspace = Workspace.open(there, "a")
    added = edit(workspace.session, "projects/p1", {"set": PROJECT, "name": "一"}, who="乙")
    apply_with_sets(workspace, [added], find)
    package = packed(workspace)
    assert PROJECT not in task.session.pinned
    join_in(task, joining(task, package, who="丙"), [], who="丙")
    assert task.find(PROJECT) == find(PROJECT)
    assert not task.verify()


def test_a_return_is_noted_and_what_is_not_the_offices_is_refused(
    task: Workspace, there: Store, tmp_path: Path
) -> None:
    fill(task, "department/answers/B3/owner", "财务科")
    sent = sent_to(task, "财务科")
    there_file = write(packed(task), tmp_path / "plain")  # not theirs to change all of
    take(there, read_arrival(there, there_file), find, who="财务科")
    office = Workspace.open(there, "a")
    fill(office, "department/answers/B3/target", "≤30%")
    fill(office, "unit/phone", "9")
    package = Package(
        office.session, office.records, sent.pins, owner="财务科", editable=sent.editable
    )
    found = joining(task, package, who="丙")
    assert [one.path for one in found.changes] == ["department/answers/B3/target"]
    assert [one.path for one in found.refused] == ["unit/phone"]
    assert found.noted
    assert [one.path for one in join_in(task, found, [], who="丙")] == [
        "department/answers/B3/target"
    ]
    assert task.session.sent["财务科"].returned == office.head


def test_a_package_of_another_task_is_refused(task: Workspace, there: Store) -> None:
    other = create(there, Session(id="b", unit=Unit(name="某局"), year=2024), find, who="乙")
    with pytest.raises(PerfevalError, match="不是从本任务保存出去的"):
        joining(task, packed(other), who="丙")


# --- tables ----------------------------------------------------------------------------------


@pytest.fixture
def sample() -> Session:
    return files.loads(sample_text(), f"{NAME}.yaml")


@pytest.fixture
def workbook(sample: Session, tmp_path: Path) -> Path:
    """Our own export of the worked example."""
    return export_workbook(sample, score_session(sample, find), tmp_path)


def planned(file: Path, into: Session | Workspace, chosen: str = "") -> Import:
    return plan_import(read(file), into, find, list(set_files()), chosen)


def test_a_workbook_becomes_a_new_task_in_one_act(here: Store, workbook: Path) -> None:
    plan = planned(workbook, blank(read(workbook), "neu"))
    assert plan.workspace is None
    assert not exists(here, "neu")
    session_id, count = carry_out(here, plan, who="甲")
    workspace = Workspace.open(here, session_id)
    assert workspace.scorecard.department is not None
    assert workspace.scorecard.department.total_text == "96.40"
    assert count == len(plan.ledger.changes())
    pinned, *_ = changes = [record.change for record in workspace.records[1:]]
    assert {(one.kind, one.who) for one in changes} == {("import", "甲")}
    assert all(one.why.startswith(f"导入 {workbook.name}") for one in changes)
    assert pinned.path.startswith("pinned/")
    workspace.undo(who="甲")
    assert workspace.session.projects == {}
    assert workspace.session.department is None
    assert not workspace.verify()


def test_importing_again_changes_nothing_and_makes_nothing(here: Store, workbook: Path) -> None:
    session_id, _ = carry_out(here, planned(workbook, blank(read(workbook), "neu")), who="甲")
    workspace = Workspace.open(here, session_id)
    again = planned(workbook, workspace)
    assert not again.ledger.count(Verdict.ACCEPTED)
    assert carry_out(here, again, who="甲") == ("neu", 0)


def test_a_task_is_scored_by_the_sets_it_is_pinned_to_also_when_more_comes_in(
    here: Store, workbook: Path, sample: Session
) -> None:
    """Where the user's set of the same id was changed since, the pinned one counts."""
    workspace = create(here, sample, find, who="甲")

    def changed(set_id: str) -> object:
        return find(set_id).model_copy(update={"title": "改过的"})

    plan = plan_import(read(workbook), workspace, changed, list(set_files()))  # type: ignore[arg-type]
    assert plan.find(DEPARTMENT).title == find(DEPARTMENT).title


def test_what_is_refused_is_listed_before_what_is_taken(sample: Session, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    first = sample.projects["p1"]
    for row in (
        ("序号", "项目名称", "全年预算数", "全年执行数"),
        (1, first.name, "42.37", "12.5"),
        (2, "新项目", "30", "约十二"),
    ):
        sheet.append(row)
    book.save(tmp_path / "清单.xlsx")
    plan = planned(tmp_path / "清单.xlsx", sample)
    told = [(one.verdict.value, one.raw) for _, one in plan.lines(everything=False)]
    assert told == [
        ("不采用", "约十二"), ("将改写", "12.5"), ("采用", "新项目"), ("采用", "30"),
    ]  # fmt: skip
    every = plan.lines(everything=True)
    assert [one for _, one in every] == plan.ledger.entries
    assert set(plan.lines(everything=False)) <= set(every)


def test_a_value_changed_meanwhile_stops_the_whole_import(
    here: Store, workbook: Path, sample: Session
) -> None:
    figure = "department/inputs/全年执行数/value"
    workspace = create(here, sample, find, who="甲")
    fill(workspace, figure, "1")
    plan = planned(workbook, workspace)
    fill(Workspace.open(here, workspace.session.id), figure, "2")
    with pytest.raises(Conflict):
        carry_out(here, plan, who="甲")
    now = Workspace.open(here, workspace.session.id).session.department
    assert now is not None
    assert now.inputs["全年执行数"].value == "2"


def test_a_set_can_be_chosen_for_what_is_new(workbook: Path) -> None:
    plan = planned(workbook, blank(read(workbook), "neu"), PROJECT)
    assert {one.set for one in plan.ledger.applied().projects.values()} == {PROJECT}
    with pytest.raises(PerfevalError, match="没有指标体系"):
        planned(workbook, blank(read(workbook), "neu"), "nichts")
