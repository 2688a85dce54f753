"""What the documents say of the program is true of the program."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import TypeAdapter
from typer.main import get_command

from perfeval.cli.app import app, run
from perfeval.indicators import rules
from perfeval.indicators.documents import parse_document
from perfeval.indicators.library import lint, loads
from perfeval.indicators.rules import Given, Modifier, Rule, SetModifier, Unanswered
from perfeval.indicators.target import day, target
from perfeval.numbers import Exact, decimal_text, exact, figure, half_up

ROOT = Path(__file__).parents[2]


def types_of(union: Any) -> dict[str, Any]:
    """The classes of a union by the word a set writes for them."""
    members = get_args(get_args(union)[0])
    return {get_args(member.model_fields["type"].annotation)[0]: member for member in members}


TYPES = types_of(Rule) | types_of(Modifier) | types_of(SetModifier)


@dataclass(frozen=True)
class Section:
    """What docs/rules.md says of one type."""

    type: str
    text: str

    @property
    def explanation(self) -> str:
        return next(x[2:] for x in self.text.splitlines() if x.startswith("> "))

    @property
    def examples(self) -> list[dict[str, Any]]:
        return [plain(block) for block in yaml_blocks(self.text)]


def yaml_blocks(text: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def plain(text: str) -> Any:
    return parse_document(text, "示例").data


def sections() -> Iterator[Section]:
    text = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        yield Section(head.strip("`"), body.partition("\n## ")[0])


SECTIONS = list(sections())


def given(example: dict[str, Any]) -> Given:
    """Read an example the way a session is read."""
    unit = example.get("unit", "")
    goal = target(example["target"], unit, 2024) if "target" in example else None
    if goal is not None and not unit:
        unit = goal.unit
    value = None
    if "actual" in example:
        if goal is not None and goal.is_date:
            value = day(example["actual"], 2024)
        else:
            value = figure(example["actual"]).in_unit(unit).value
        assert value is not None, example
    return Given(
        points=exact(example["points"]),
        value=value,
        target=goal,
        elements={name: met == "true" for name, met in example.get("elements", {}).items()},
        level=example.get("level", ""),
        level_score=exact(example["level_score"]) if "level_score" in example else None,
        elected=example.get("elected", ""),
        deduction=exact(example.get("deduction", "0")),
        values={name: exact(number) for name, number in example.get("inputs", {}).items()},
    )


def worth(example: dict[str, Any]) -> str:
    """Score an example: its rule, its modifier, one rounding."""
    at = given(example)
    earned: Exact = TypeAdapter(Rule).validate_python(example["rule"]).score(at)
    if "modifier" in example:
        modifier = TypeAdapter(Modifier).validate_python(example["modifier"])
        earned = modifier.adjust(earned, at)
        if "note" in example:
            assert modifier.note(at) == (example["note"] or "")
    return decimal_text(half_up(earned, 2), 2)


# --- docs/rules.md ---------------------------------------------------------------------------


def test_every_rule_and_modifier_has_its_section() -> None:
    assert [section.type for section in SECTIONS] == list(dict.fromkeys(s.type for s in SECTIONS))
    assert {section.type for section in SECTIONS} == set(TYPES)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.type)
def test_a_section_names_every_parameter(section: Section) -> None:
    parameters = set(TYPES[section.type].model_fields) - {"type"}
    prose = section.text.partition("```yaml")[0]
    assert {name for name in parameters if f"`{name}" not in prose} == set()


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.type)
def test_a_section_quotes_the_explanation(section: Section) -> None:
    first = section.examples[0]
    written = first.get("set_modifier") or first.get("modifier") or first["rule"]
    assert written["type"] == section.type
    assert TYPES[section.type].model_validate(written).explain() == section.explanation


@pytest.mark.parametrize(
    ("kind", "example"),
    [(section.type, example) for section in SECTIONS for example in section.examples],
)
def test_an_example_scores_what_it_says(kind: str, example: dict[str, Any]) -> None:
    if kind == "judged":
        with pytest.raises(Unanswered):
            worth(example)
    elif kind == "na_rescale":
        modifier = rules.NaRescale.model_validate(example["set_modifier"])
        earned = (exact(example[name]) for name in ("earned", "applicable", "points"))
        assert decimal_text(modifier.tier_score(*earned), 2) == example["score"]
    elif kind != "missing_tier_shift":
        assert worth(example) == example["score"]


# --- indicator_sets/README.md ----------------------------------------------------------------

GUIDE = (ROOT / "indicator_sets/README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(
    r"^```yaml\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", GUIDE, re.DOTALL | re.MULTILINE
)
COMPLETE = [text for text, wrong in SNIPPETS if not wrong and "\nid: " in text]
FRAGMENTS = [text for text, wrong in SNIPPETS if not wrong and "id: " not in text]
FAULTY = [(text, wrong) for text, wrong in SNIPPETS if wrong]


def linted(tmp_path: Path, text: str) -> list[str]:
    """Lint a text, in a file named by its id, the way ``perfeval sets lint`` prints it."""
    path = tmp_path / f"{plain(text)['id']}.yaml"
    path.write_text(text, encoding="utf-8")
    return [f"{problem.severity} {problem}" for problem in lint(path)]


def completed(fragment: str) -> str:
    """Put a fragment into the guide's complete set: keys replace, indicators get a tier."""
    data = plain(COMPLETE[0])
    part = plain(fragment)
    rows = part.pop("indicators", None)
    if rows is not None:  # with the inputs they need and no others
        del data["inputs"]
        points = sum((exact(row["points"]) for row in rows), Exact(0))
        rest = decimal_text(100 - points)
        other = {"code": "Z9", "name": "其余", "points": rest, "rule": {"type": "judged"}}
        data["tiers"] = [{"name": "全部", "points": "100", "indicators": [*rows, other]}]
    return yaml.safe_dump(data | part, allow_unicode=True, sort_keys=False)


def test_the_guide_shows_all_kinds() -> None:
    assert (len(COMPLETE), len(FRAGMENTS), len(FAULTY)) == (1, 5, 2)
    assert len(SNIPPETS) == len(yaml_blocks(GUIDE)) == 8


def test_the_guides_complete_set_is_sound(tmp_path: Path) -> None:
    assert linted(tmp_path, COMPLETE[0]) == []
    assert loads(COMPLETE[0]).counted == (2, 2, 2)


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_the_guides_fragments_are_sound(tmp_path: Path, fragment: str) -> None:
    assert linted(tmp_path, completed(fragment)) == []


@pytest.mark.parametrize(("text", "printed"), FAULTY)
def test_the_guides_mistakes_are_told_as_shown(tmp_path: Path, text: str, printed: str) -> None:
    assert linted(tmp_path, text) == printed.splitlines()


def worked_rows() -> Iterator[list[str]]:
    """Yield the rows of the table of rules: wish, rule, points, target, actual, score."""
    for line in GUIDE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[1].startswith("`{"):
            yield cells


@pytest.mark.parametrize("row", list(worked_rows()), ids=lambda row: row[0])
def test_the_guides_worked_scores(row: list[str]) -> None:
    _, rule, points, goal, actual, score = row
    example = plain(f"rule: {rule.strip('`')}\n") | {"points": points, "actual": actual}
    if goal:
        example["target"] = goal
    elif actual.endswith("%"):
        example["unit"] = "%"
    assert worth(example) == score


def test_the_guide_names_every_rule() -> None:
    assert {name for name in types_of(Rule) if name not in GUIDE} == set()
    assert {name for name in types_of(Modifier) if name not in GUIDE} == set()


# --- docs/glossary.md ------------------------------------------------------------------------

GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
SOURCE = {path: path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")}
NAMED = (
    "indicators/library.py", "indicators/model.py",
    "session/change.py", "session/distribute.py", "session/journal.py", "session/merge.py",
    "session/model.py", "session/pins.py",
    "scoring/review.py", "scoring/scorecard.py", "scoring/whatif.py",
    "store/database.py", "store/evidence.py", "store/workflow.py", "store/workspace.py",
    "exchange/package.py", "perfeval/handover.py",
)  # fmt: skip


def glossary_rows() -> list[list[str]]:
    lines = [line for line in GLOSSARY.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if row[1] != "code name" and not row[0].startswith("--")]


def test_a_glossary_row_names_code_that_exists() -> None:
    everything = "\n".join(SOURCE.values())
    words = set(re.findall(r"\w+", everything))
    names = {name for row in glossary_rows() for name in re.findall(r"`(\w+)`", " ".join(row))}
    assert names - words == set()
    assert all(len(row) == 3 and "`" in row[1] for row in glossary_rows())


def test_a_term_stands_once_in_the_glossary() -> None:
    terms = [row[0] for row in glossary_rows()]
    assert len(terms) == len(set(terms))


def test_the_glossary_knows_every_public_part() -> None:
    classes = {
        name
        for path, text in SOURCE.items()
        if path.as_posix().endswith(NAMED)
        for name in re.findall(r"^class ([A-Z]\w+)", text, re.MULTILINE)
    }
    helpers = {"Frozen", "Part", "Item", "PathError", "StoreError"}  # of these others are made
    assert {name for name in classes - helpers if f"`{name}`" not in GLOSSARY} == set()


# --- README ----------------------------------------------------------------------------------


READMES = ["README.md", "README.zh-CN.md"]


@pytest.mark.parametrize("name", READMES)
def test_the_readme_shows_what_the_demonstration_prints(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every line of the README's score table is a line of ``perfeval demo --no-tui``."""
    text = (ROOT / name).read_text(encoding="utf-8")
    shown = re.search(r"```text\n(新乡市.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert shown is not None
    monkeypatch.chdir(tmp_path)
    assert run(["demo", "--no-tui", "--to", str(tmp_path)]) == 0
    printed = {line.rstrip() for line in capsys.readouterr().out.splitlines()}
    lines = [line.rstrip() for line in shown[1].splitlines()]
    assert len(lines) > 30
    assert [line for line in lines if line not in printed and line.strip() != "…"] == []


@pytest.mark.parametrize("name", READMES)
def test_the_readme_shows_what_saved_sessions_print(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands of the README's example, run one after another, print what it shows."""
    text = (ROOT / name).read_text(encoding="utf-8")
    shown = re.search(r"```text\n(\$ perfeval.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert shown is not None
    monkeypatch.chdir(tmp_path)
    for example in shown[1].removeprefix("$ perfeval ").split("\n$ perfeval "):
        command, _, printed = example.partition("\n")
        assert run(shlex.split(command)) == 0, command
        assert capsys.readouterr().out.strip() == printed.strip()


def verbs(group: Any, prefix: str = "") -> Iterator[str]:
    """Every verb as it is typed: ``score``, ``sessions list``."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from verbs(command, f"{name} ")
        else:
            yield prefix + name


@pytest.mark.parametrize("name", READMES)
def test_the_readme_names_every_verb(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    code = re.findall(r"`([^`\n]+)`|^perfeval (.*)$", text, re.MULTILINE)
    words = {word for pair in code for part in pair for word in re.findall(r"[a-z-]+", part)}
    typed = verbs(get_command(app))
    assert [verb for verb in typed if not set(verb.split()) <= words] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_the_make_targets_named_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", (ROOT / name).read_text(encoding="utf-8")))
    assert named
    assert named <= targets
