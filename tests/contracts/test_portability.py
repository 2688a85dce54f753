"""The code runs on Windows and on the domestic Linux desktops, with or without gmpy2."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for path in SOURCE.rglob("*.py")
    if "migrations" not in path.parts  # scripts the migration tool runs, not modules
)

HIDE_POSIX = """
import asyncio, importlib, os, platformdirs, shutil, signal, subprocess, sys  # have two forms
for name in ("fcntl termios tty pty pwd grp spwd crypt resource syslog readline nis posix "
             "curses _curses _posixsubprocess").split():
    sys.modules[name] = None
for name in ("fork forkpty getuid geteuid getgid getegid getpgid setsid setuid setgid mkfifo chown "
             "lchown chroot fchmod fchown statvfs wait3 wait4 openpty killpg getloadavg "
             "sched_getaffinity posix_spawn O_NOFOLLOW O_DIRECTORY").split():
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGALRM", "SIGWINCH", "SIGUSR1", "alarm"):
    if hasattr(signal, name):
        delattr(signal, name)
"""

SCORE_SAMPLE = """
import json
from perfeval.indicators.library import find
from perfeval.numbers import Exact, decimal_text
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.files import loads
card = score_session(loads(sample_text()), find)
show = lambda value: None if value is None else decimal_text(value, 6)
print(json.dumps({
    "exact": f"{Exact.__module__}.{Exact.__name__}",
    "total": show(card.department.total),
    "grade": card.department.grade,
    "indicators": {row.path: [show(row.value), show(row.score)]
                   for _, result in card.results for row in result.indicators},
    "projects": [show(p.result.total) if p.result else None for p in card.projects],
}))
"""


def python(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "error", "-X", "utf8", "-c", code],
        capture_output=True, encoding="utf-8", check=False, cwd=ROOT,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_every_module_imports_where_posix_is_missing() -> None:
    assert len(MODULES) > 15
    python(HIDE_POSIX + f"for name in {MODULES}:\n    importlib.import_module(name)")


def test_hiding_hides() -> None:
    """The test above is not empty: what it hides cannot be had."""
    with pytest.raises(AssertionError, match="ModuleNotFoundError"):
        python(HIDE_POSIX + "import fcntl")
    with pytest.raises(AssertionError, match="AttributeError"):
        python(HIDE_POSIX + "os.fork")


def test_the_sample_scores_the_same_without_gmpy2() -> None:
    """Where gmpy2 has no wheel, fractions.Fraction gives the same figures to the last digit."""
    plain = json.loads(python("import sys; sys.modules['gmpy2'] = None\n" + SCORE_SAMPLE))
    assert plain["exact"] == "fractions.Fraction"
    assert (plain["total"], plain["grade"]) == ("96.400000", "优")
    assert plain["projects"][:8] == [
        "100.000000", "100.000000", "100.000000", "94.000000",
        "100.000000", "89.820000", "99.970000", "100.000000",
    ]  # fmt: skip
    fast = json.loads(python(SCORE_SAMPLE))
    del plain["exact"], fast["exact"]
    assert plain == fast
    assert len(fast["indicators"]) == 28 + 8 * 4


def test_version_imports_nothing_heavy() -> None:
    """``perfeval --version`` answers at once: no spreadsheet, database or screen library."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "perfeval", "--version"],
        capture_output=True, encoding="utf-8", check=True, cwd=ROOT,
    )  # fmt: skip
    assert result.stdout.strip() == "perfeval 0.1.0"
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "perfeval" in imported
    heavy = {"textual", "sqlmodel", "sqlalchemy", "openpyxl", "xlsxwriter", "python_calamine"}
    heavy |= {"pydantic", "typer", "yaml", "gmpy2"}
    assert not imported & heavy


# --- text and file names ---------------------------------------------------------------------


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def opens_text_by_locale(call: ast.Call) -> bool:
    """Whether a call reads or writes text in whatever encoding the machine is set to."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    owner = ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
    if name == "open" and (owner == "os" or owner[:1].isupper()):  # a number, a class's own
        return False
    if name in ("read_text", "write_text"):
        return "encoding" not in given and len(call.args) <= (name == "write_text")
    if name in ("open", "fdopen", "NamedTemporaryFile", "TextIOWrapper"):
        words = [*call.args, given.get("mode")]
        mode = [w.value for w in words if isinstance(w, ast.Constant) and isinstance(w.value, str)]
        text = not any("b" in word and len(word) <= 3 for word in mode)
        if name == "NamedTemporaryFile" and not mode:
            text = False  # w+b unless told otherwise
        return text and "encoding" not in given
    if name in ("run", "Popen", "check_output"):
        wants_text = any(key in given for key in ("text", "universal_newlines"))
        return wants_text and "encoding" not in given
    return False


@pytest.mark.parametrize(
    ("code", "bad"),
    [
        ("open('a')", True),
        ("open('a', 'wb')", False),
        ("open('a', mode='rb')", False),
        ("os.open(path, os.O_RDWR)", False),
        ("os.fdopen(number)", True),
        ("Store.open(address)", False),
        ("path.open()", True),
        ("path.open(encoding='utf-8')", False),
        ("path.read_text()", True),
        ("path.read_text('utf-8')", False),
        ("path.write_text(text)", True),
        ("path.write_text(text, encoding='utf-8')", False),
        ("subprocess.run(command, text=True)", True),
        ("subprocess.run(command)", False),
    ],
)
def test_text_opened_by_locale_is_recognised(code: str, bad: bool) -> None:
    (call,) = (n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call))
    assert opens_text_by_locale(call) is bad


def test_text_is_utf8_everywhere() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in SOURCE.rglob("*.py")
        for call in calls(path)
        if opens_text_by_locale(call)
    ]
    assert not found


# --- docstrings ------------------------------------------------------------------------------


def undocumented(path: Path) -> Iterator[str]:
    """Yield the public modules, classes and functions of a file that say nothing of themselves."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if not ast.get_docstring(tree):
        yield str(path.relative_to(ROOT))
    for node in tree.body:
        if (
            isinstance(node, kinds)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


def test_everything_public_says_what_it_is() -> None:
    assert [name for path in SOURCE.rglob("*.py") for name in undocumented(path)] == []
