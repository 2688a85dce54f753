"""What the command modules share: options, where a session comes from, and how things are told."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from perfeval.cli.usage import Command, Group
from perfeval.errors import PerfevalError, printable

if TYPE_CHECKING:
    from perfeval.checks import Finding
    from perfeval.scoring.engine import SetFinder
    from perfeval.scoring.scorecard import Scorecard
    from perfeval.session.model import Session
    from perfeval.store import Store, Workspace

__all__ = ["Command", "Group"]  # what most command modules need beside the names below

FINE, FINDINGS, WRONG = 0, 1, 2


class Options:
    """What stood before the command: where sets and the database are, and who is at work."""

    sets: Path | None = None
    database: str | None = None


File = Annotated[
    str,
    typer.Argument(
        metavar="任务",
        help="已保存任务的编号，或文件（YAML、JSON、交来的 Excel 和 Word 表）；sample 为内置示例",
    ),
]
SavedId = Annotated[str, typer.Argument(metavar="编号", help="已保存任务的编号")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，数值为十进制文本")]
As = Annotated[str, typer.Option("--as", metavar="姓名", help="以谁的名义（记入修改记录）")]
Force = Annotated[bool, typer.Option("--force", help="已有同名文件时替换它")]
Why = Annotated[str, typer.Option("--why", metavar="说明", help="为什么")]


# --- where things come from ------------------------------------------------------------------


def finder(of: str = "") -> SetFinder:
    """Return how sets are found under the given options; ``of`` names who asks, for messages."""
    from perfeval.indicators.library import find

    return partial(find, sets=Options.sets, of=of)


def who(name: str) -> str:
    """Return who is at work: ``--as``, else whom the interface would take (:func:`.at_work`).

    Raises :class:`PerfevalError` for a name that could not stand in one line of a record.
    """
    from perfeval.session.change import require_name
    from perfeval.settings import at_work, load_settings

    given = name.strip() or at_work(load_settings()[0])
    require_name(given)
    if not given:
        raise PerfevalError("不知道您是谁。请用 --as 写明姓名")
    return given


def is_file(path: Path) -> bool:
    """Whether there is a file at ``path``; a name no system takes (NUL, too long) names none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder at ``path``; see :func:`is_file`."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def refuse_existing(*paths: Path, force: bool = False) -> None:
    """Raise rather than overwrite files the user may need, unless ``--force`` was given."""
    if force:
        return
    there = [path for path in paths if is_file(path)]
    if there:
        few = "、".join(map(str, there[:3])) + (f" 等 {len(there)} 个" if len(there) > 3 else "")
        raise PerfevalError(f"{few}：已有这个文件。请换一个名称或位置，确要替换时加 --force")


@contextmanager
def opened_store() -> Iterator[Store]:
    """Open the database the options name."""
    from perfeval.store import Store

    with Store.open(Options.database) as store:
        for problem in store.problems:
            say(str(problem), beside=True)
        yield store


@contextmanager
def opened(session_id: str) -> Iterator[Workspace]:
    """Open a saved session."""
    from perfeval.store import Workspace

    with opened_store() as store:
        yield Workspace.open(store, session_id)


@contextmanager
def changing(session_id: str) -> Iterator[Workspace]:
    """Open a saved session to change it; say so when that voids its 上报锁定, or mends it."""
    from perfeval.session.seal import seal_holds

    with opened(session_id) as workspace:
        handed_in, before = workspace.session.submissions, seal_holds(workspace.session)
        yield workspace
        after = seal_holds(workspace.session)
        if workspace.session.submissions != handed_in:
            return
        if before and after is False:
            say(
                "上报锁定已失效：内容与上报时不同了。撤销这次修改（perfeval undo）可以恢复",
                beside=True,
            )
        elif after and before is False:
            say("上报锁定恢复有效：内容与上报时相同", beside=True)


class Chosen:
    """The session a verb was given, a file or a saved one, and what it is worth.

    ``find`` gives its indicator sets; a saved session is scored with the sets pinned to it.
    """

    def __init__(self, session: Session, find: SetFinder, workspace: Workspace | None) -> None:
        self.session, self.find, self.workspace = session, find, workspace

    @cached_property
    def card(self) -> Scorecard:
        """The session's scores."""
        from perfeval.scoring.engine import score_session

        if self.workspace is not None:
            return self.workspace.scorecard
        return score_session(self.session, self.find)

    def findings(self) -> list[Finding]:
        """Return what the checks find, in the evidence files too."""
        from perfeval.checks import run

        if self.workspace is not None:
            from perfeval.store.workflow import all_findings

            return all_findings(self.workspace)
        found = run(self.session, self.card, self.find)
        if self.session.evidence:  # its files are kept beside the database
            from perfeval.store.evidence import evidence_folder
            from perfeval.store.workflow import evidence_findings

            with opened_store() as store:
                found += evidence_findings(self.session, evidence_folder(store))
        return found


@contextmanager
def chosen(name: str) -> Iterator[Chosen]:
    """Give the session that a file's name, an id or ``sample`` means.

    A file that is there comes first, then the sample, then the saved session of that id.
    """
    from perfeval.samples import NAME, sample_text
    from perfeval.session import files

    path = Path(name)
    if is_file(path):
        if path.suffix.lower() == ".perfeval":
            told = f"{name}：是自评数据包。请先打开它：perfeval open {name}，再用它的编号"
            raise PerfevalError(told)
        from perfeval.cli import imports

        if imports.is_handed_in(path):
            yield imports.handed_in(path)
            return
        yield Chosen(files.load(path), finder(path.name), None)
        return
    if name == "sample":
        yield Chosen(files.loads(sample_text(), f"{NAME}.yaml"), finder(), None)
        return
    with _saved(name) as workspace:
        if workspace is not None:
            yield Chosen(workspace.session, workspace.find, workspace)
            return
    if path.suffix or path.parent != Path() or is_folder(path):
        files.load(path)  # says what is not right with it
    told = f"没有编号为“{short(name)}”的自评任务，也没有这个文件"
    raise PerfevalError(f"{told}。用 perfeval sessions list 查看已保存的任务")


def means_folder(name: str) -> bool:
    """Whether a name means a folder of documents; a saved session called so comes first.

    Where both are there, ``./name`` is the folder.
    """
    if not name or not is_folder(Path(name)):
        return False
    with _saved(name) as workspace:
        return workspace is None


@contextmanager
def _saved(name: str) -> Iterator[Workspace | None]:
    """Open the saved session of this id, or give None where there is none."""
    from perfeval.session.model import SESSION_ID
    from perfeval.store import Workspace
    from perfeval.store.workspace import exists

    if not re.fullmatch(SESSION_ID, name):
        yield None
        return
    with opened_store() as store:
        yield Workspace.open(store, name) if exists(store, name) else None


def session_and_sets(name: str) -> tuple[Session, SetFinder]:
    """Return the session that ``name`` means (see :func:`chosen`) and its indicator sets."""
    with chosen(name) as one:
        return one.session, one.find


# --- how things are told ---------------------------------------------------------------------


def say(text: str, *, beside: bool = False) -> None:
    """Print text; signs in it that would steer the screen are left out, line by line.

    ``beside`` what was asked for (a warning, an error) it never mixes with the output.
    """
    shown = "\n".join(map(printable, text.split("\n")))
    print(shown, file=sys.stderr if beside else sys.stdout)


def print_json(data: Any) -> None:
    """Print plain data as JSON, Chinese as it is; what cannot be shown is escaped, not lost."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    if not text.replace("\n", "").isprintable():
        text = "".join(s if s == "\n" or printable(s) == s else json.dumps(s)[1:-1] for s in text)
    print(text)


def tell(as_json: bool, text: str, **data: Any) -> None:
    """Print what was done: a sentence, or the same as JSON."""
    if as_json:
        print_json(data)
    else:
        say(text)


class Column(NamedTuple):
    """A column of a list: its key in JSON, its heading, its side, and how its value is shown."""

    key: str
    heading: str
    side: str = "<"
    shown: Callable[[Any], str] = str


def tell_rows(
    as_json: bool, columns: Sequence[Column], rows: Iterable[Sequence[Any]], empty: str
) -> None:
    """Print a list as JSON objects or as a table, ``empty`` where there is nothing to list."""
    from perfeval.cli.show import table

    lines = list(rows)
    if as_json:
        keys = [column.key for column in columns]
        print_json([dict(zip(keys, line, strict=True)) for line in lines])
    elif lines:
        cells = [
            [
                "" if value is None else one.shown(value)
                for one, value in zip(columns, line, strict=True)
            ]
            for line in lines
        ]
        sides = "".join(column.side for column in columns)
        table([column.heading for column in columns], cells, sides)
    else:
        say(empty)


def kilobytes(size: int) -> str:
    """Print a number of bytes as KB."""
    return f"{size / 1024:.0f} KB"


def short(value: Any) -> str:
    """Print a plain value of a change in a few characters, on one line."""
    from perfeval.session.change import shown

    return "（空）" if value in (None, "", {}, []) else shown(value)
