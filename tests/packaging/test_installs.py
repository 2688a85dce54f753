"""perfeval installed two ways, as a wheel and editable, runs from a folder of no importance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETS = ("henan-department-2024", "mof-project-2020", "sichuan-dazhou-department")

pytestmark = pytest.mark.xdist_group("packaging")


def command(*words: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program without what this environment would lend it."""
    lent = ("PYTHON", "PIP_", "VIRTUAL_ENV", "PERFEVAL", "PYTEST")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(lent)}
    return subprocess.run(
        [str(word) for word in words], cwd=cwd, env=clean | variables, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def done(*words: str | Path, cwd: Path, **variables: str) -> str:
    result = command(*words, cwd=cwd, **variables)
    assert result.returncode == 0, f"{words}\n{result.stdout}\n{result.stderr}"
    return result.stdout


class Installation:
    """An environment of its own that holds perfeval, and borrows only the libraries it needs.

    The libraries come from this environment by a path file, so nothing is fetched. A path file
    found through a path file is not read, so this environment's own perfeval is not seen.
    """

    def __init__(self, folder: Path, *what: str | Path) -> None:
        self.folder = folder
        self.bin = folder / ("Scripts" if os.name == "nt" else "bin")
        venv.create(folder, with_pip=False)
        own = sysconfig.get_path("purelib", vars={"base": str(folder)})
        libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        Path(own, "libraries.pth").write_text("\n".join(sorted(libraries)), encoding="utf-8")
        done(
            sys.executable, "-m", "pip", "--python", self.bin / "python", "install", "--quiet",
            "--no-deps", "--no-index", "--no-build-isolation", *what, cwd=folder,
        )  # fmt: skip

    def perfeval(self, *words: str | Path, cwd: Path) -> str:
        return done(self.bin / "perfeval", *words, cwd=cwd, PERFEVAL_HOME=str(cwd / "home"))

    def package(self, cwd: Path) -> Path:
        """Return where this installation imports perfeval from."""
        code = "import perfeval; print(perfeval.__file__)"
        return Path(done(self.bin / "python", "-c", code, cwd=cwd).strip()).parent


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the source distribution and the wheel built from it."""
    folder = tmp_path_factory.mktemp("dist")
    done(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="session", params=["wheel", "editable"])
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, wheel: Path
) -> Installation:
    folder = tmp_path_factory.mktemp(request.param) / "环境 one"
    return Installation(folder, *([wheel] if request.param == "wheel" else ["--editable", ROOT]))


def test_the_wheel_holds_what_the_program_reads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"perfeval/indicator_sets/{one}.yaml" for one in SETS} <= names
    assert "perfeval/samples/xinxiang-kexie-2024.yaml" in names
    assert "perfeval/py.typed" in names
    assert all(name.startswith(("perfeval/", "perfeval-0.1.0.dist-info/")) for name in names)


def test_the_wheel_is_described(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        about = archive.read("perfeval-0.1.0.dist-info/METADATA").decode()
        scripts = archive.read("perfeval-0.1.0.dist-info/entry_points.txt").decode()
        assert "perfeval-0.1.0.dist-info/licenses/LICENSE" in archive.namelist()
    assert "Requires-Python: >=3.11" in about
    assert "License-Expression: MIT" in about
    assert "perfeval = perfeval.__main__:main" in scripts


def test_the_source_distribution_builds_and_tests(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "constraints.txt", "Makefile", "README.md", "LICENSE"} <= names
    assert {f"indicator_sets/{one}.yaml" for one in SETS} <= names
    assert "tests/conftest.py" in names


def test_each_installation_is_itself(installation: Installation, tmp_path: Path) -> None:
    package = installation.package(tmp_path)
    editable = package == ROOT / "src/perfeval"
    assert editable or package.is_relative_to(installation.folder)
    assert editable is not (package / "indicator_sets").exists()


def test_installed_sets_are_found(installation: Installation, tmp_path: Path) -> None:
    listed = installation.perfeval("sets", "list", cwd=tmp_path)
    assert all(one in listed for one in SETS)


def test_installed_demo_scores_and_exports(installation: Installation, tmp_path: Path) -> None:
    printed = installation.perfeval("demo", "--no-tui", "--to", tmp_path / "导出", cwd=tmp_path)
    assert "96.40" in printed
    (workbook,) = (tmp_path / "导出").iterdir()
    assert zipfile.is_zipfile(workbook)
    assert not (tmp_path / "home").exists(), "the demonstration leaves nothing in the user's folder"


def test_installed_runs_as_a_module(installation: Installation, tmp_path: Path) -> None:
    python = installation.bin / "python"
    printed = done(python, "-m", "perfeval", "score", "sample", "--json", cwd=tmp_path)
    assert json.loads(printed)["total"] == "96.40"


def test_ones_own_set_stands_before_the_shipped_one(
    installation: Installation, tmp_path: Path
) -> None:
    """--sets, the user's folder, the package, the repository: the first that has the id wins."""
    text = (ROOT / "indicator_sets/mof-project-2020.yaml").read_text(encoding="utf-8")
    title = "title: 项目支出绩效自评表（财预〔2020〕10号口径）"
    assert title in text
    mine, given = tmp_path / "mof-project-2020.yaml", tmp_path / "given"
    mine.write_text(text.replace(title, "title: 本单位的项目自评表"), encoding="utf-8")
    installation.perfeval("sets", "add", mine, cwd=tmp_path)
    assert "本单位的项目自评表" in installation.perfeval("sets", "list", cwd=tmp_path)
    given.mkdir()
    mine.write_text(text.replace(title, "title: 指定文件夹的自评表"), encoding="utf-8")
    mine.rename(given / mine.name)
    listed = installation.perfeval("--sets", given, "sets", "list", cwd=tmp_path)
    assert "指定文件夹的自评表" in listed
    assert "本单位的项目自评表" not in listed
