"""The floors of the house hold: who may import whom, and what may be imported at all."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    run = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports("
    return subprocess.run(
        [sys.executable, "-c", run + f"{str(folder / 'pyproject.toml')!r}, no_cache=True))"],
        cwd=folder, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_every_room_imports_only_what_is_below() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 broken" in result.stdout


def test_every_room_has_its_floor() -> None:
    """A new package or module of perfeval must be given a floor, or nothing holds it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    placed = {name.strip(" ()") for layer in layers for name in layer.replace(":", "|").split("|")}
    package = ROOT / "src/perfeval"
    rooms = {path.stem for path in package.glob("*.py")} | {
        path.parent.name for path in package.glob("*/__init__.py")
    }
    unplaced = {f"perfeval.{room}" for room in rooms - {"__init__", "__main__"}} - placed
    assert not unplaced


@pytest.mark.parametrize(
    ("module", "broken_line"),
    [
        ("numbers.py", "from perfeval.scoring import engine"),
        ("scoring/scorecard.py", "import openpyxl"),
        ("cli/app.py", "import sqlmodel"),
    ],
)
def test_the_contracts_can_break(tmp_path: Path, module: str, broken_line: str) -> None:
    """One forbidden import in a copy of the package is found, so the contracts are not empty."""
    for path in (ROOT / "src/perfeval").rglob("*.py"):
        goal = tmp_path / path.relative_to(ROOT / "src")
        goal.parent.mkdir(parents=True, exist_ok=True)
        goal.write_bytes(path.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    broken = tmp_path / "perfeval" / module
    broken.write_text(
        broken.read_text(encoding="utf-8") + textwrap.dedent(f"\n\n{broken_line}\n"),
        encoding="utf-8",
    )
    result = lint_imports(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "1 broken" in result.stdout
