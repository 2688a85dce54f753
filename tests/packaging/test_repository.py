"""What lies in the repository can be cloned anywhere and names no place it was made in."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
NOT_OURS = {".git", ".venv", "build", "dist", "exports", "__pycache__"}


def listed_by_git() -> list[str]:
    """Files known to git or about to be, or nothing where this is no clone."""
    try:
        result = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"],
            capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return []
    return [name for name in result.stdout.split("\0") if name]


def repository() -> Iterator[Path]:
    """Yield every file that belongs to the project."""
    if names := listed_by_git():
        yield from (ROOT / name for name in names if (ROOT / name).is_file())
        return
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        hidden = any(part in NOT_OURS or part.endswith("_cache") for part in parts)
        if path.is_file() and not hidden:
            yield path


FILES = sorted(repository())

# A class of one letter keeps each pattern from finding itself.
REGISTRY = re.compile(
    r"py[p]i\.org|python[h]osted|--(?:extra-)?index-[u]rl|trusted-[h]ost"
    r"|find-links[ =]+(?:https?|file):|mirrors?\.[\w-]+\.(?:[c]n|[c]om|[e]du)"
    r"|[s]imple/$|npm[j]s|crates\.[i]o",
    re.MULTILINE,
)
WORKPLACE = re.compile(
    r"(?:^|[\s\"'`(=:])/(?:[w]ork|[h]ome|[r]oot|[U]sers|[o]pt|[m]nt)/\w"
    r"|file:[/]/(?![\"'`]|/tmp/)|\.\./[s]hared"
    r"|[A-Z]:\\[U]sers",
    re.MULTILINE,
)


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRY, "https://py" + "pi.org/project"),
        (REGISTRY, "--index" + "-url https://somewhere"),
        (REGISTRY, "https://mirrors." + "example.cn/"),
        (WORKPLACE, "see /ho" + "me/someone/file"),
        (WORKPLACE, "numpy @ file:" + "//wheels/numpy.whl"),
    ],
)
def test_the_patterns_find(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


@pytest.mark.parametrize("pattern", [REGISTRY, WORKPLACE], ids=["registry", "workplace"])
def test_no_file_names_a_registry_or_a_workplace(pattern: re.Pattern[str]) -> None:
    assert len(FILES) > 30
    found = [
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for path in FILES
        for match in pattern.finditer(text_of(path))
    ]
    assert not found


def test_file_names_are_legal_on_windows() -> None:
    """No reserved character or device name, no end in a dot or space, no twins by case."""
    names = [path.relative_to(ROOT).as_posix() for path in FILES]
    device = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")
    for name in names:
        for part in name.split("/"):
            assert not re.search(r'[<>:"\\|?*\x00-\x1f]|[. ]$', part), name
            assert not device.match(part), name
        assert len(name) < 160, name
    assert len({name.casefold() for name in names}) == len(names)


def test_constraints_are_exact_and_cover_what_is_asked_for() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    exact = re.compile(r"([A-Za-z0-9][\w.-]*)==[\w.]+")
    assert [pin for pin in pins if not exact.fullmatch(pin)] == []
    pinned = {canonical(pin.partition("==")[0]) for pin in pins}
    assert len(pinned) == len(pins)
    assert requirements() | requirements("dev") | requirements("bench") <= pinned


def requirements(extra: str = "") -> set[str]:
    """The names pyproject.toml asks for, at run time or with an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {canonical(re.split(r"[\s><=!~;\[]", line, maxsplit=1)[0]) for line in asked}


def test_what_is_imported_is_asked_for() -> None:
    """No import of the program leans on another library's requirements."""
    imported = {
        name.partition(".")[0]
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in names_imported(node)
    }
    foreign = imported - set(sys.stdlib_module_names) - {"perfeval"}
    owners = packages_distributions()
    asked = requirements() | requirements("pdf")
    asked |= {"pydantic-core"}  # one half of pydantic, versioned with it
    assert {"pydantic", "typer", "yaml"} <= foreign
    assert {one for one in foreign if not asked & set(map(canonical, owners[one]))} == set()


def names_imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_pre_commit_hooks_are_local() -> None:
    """Nothing is fetched at commit time, and each hook runs a tool of the development extra."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    tools = [hook["entry"].split()[0] for repo in config["repos"] for hook in repo["hooks"]]
    assert tools == [f".venv/bin/{tool}" for tool in ("ruff", "ruff", "mypy", "lint-imports")]


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = (ROOT / "src/perfeval/__init__.py").read_text(encoding="utf-8")
    assert f'__version__ = "{project["version"]}"' in said
    assert f"[{project['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
