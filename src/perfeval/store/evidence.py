"""佐证材料: files kept once by their content, beside the database, and attached to paths.

A file lies at ``evidence/<2 hex>/<sha256>`` and nowhere else: what it was called is text to show
and never becomes a place on a disk. Reading goes by hash too and refuses links, so nothing outside
the folder is ever read back or written. Files are never deleted here: an undone change, another
session or an older package may still need them.
"""

from __future__ import annotations

import errno
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal
from uuid import uuid4

from perfeval.errors import PerfevalError, Problem, printable, reason
from perfeval.files import write_whole
from perfeval.places import data_folder
from perfeval.session.change import Change, Plain, apply, edit, join, read, split, under
from perfeval.session.model import Answer, Evidence, Session, next_number

if TYPE_CHECKING:
    from perfeval.store.database import Store

MB = 1024 * 1024
LARGE = 20 * MB
"""A file above this is taken with a warning; bureaus' systems and mail refuse such."""
MAX_SIZE = 100 * MB
"""A file above this is not taken: no 自评数据包 could carry it."""
MAX_NAME = 200
_PIECE = MB

State = Literal["在", "缺失", "被改动"]


def evidence_folder(store: Store) -> Path:
    """Return where a store keeps evidence: beside its file, else in the user's data folder."""
    return (store.file.parent if store.file else data_folder()) / "evidence"


# --- keeping by content ----------------------------------------------------------------------


def _place(folder: Path, hash_: str) -> Path:
    """Return where content lies. Only a hash ever becomes part of a path."""
    if not re.fullmatch(r"[0-9a-f]{64}", hash_):
        raise PerfevalError("佐证材料的校验码不合格式")
    return folder / hash_[:2] / hash_


def keep(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Keep files by content: those of a package that is opened, by their SHA-256.

    Raises :class:`PerfevalError` for content that does not fit its hash or a place that cannot be
    written; each file is there whole or not at all.
    """
    for hash_, data in contents.items():
        _place(folder, hash_)
        if sha256(data).hexdigest() != hash_:
            raise PerfevalError("佐证材料的内容与其校验码不符。请重新索取数据包")
        _kept(folder, BytesIO(data))


def content(folder: Path, one: Evidence) -> bytes:
    """Return a file's content. Raises :class:`PerfevalError` when it is missing or altered."""
    state, data = _looked_up(folder, one)
    if state != "在":
        raise PerfevalError(f"佐证材料 {one.number} {one.name}：{_TOLD[state]}")
    return data


def present(folder: Path, session: Session) -> dict[str, bytes]:
    """Return those of a session's files by hash that are as they were attached."""
    looked_up = ((one.sha256, *_looked_up(folder, one)) for one in session.evidence.values())
    return {hash_: data for hash_, state, data in looked_up if state == "在"}


def states(folder: Path, session: Session) -> dict[str, State]:
    """Return of each of a session's files, by its key, whether it is there as it was attached."""
    return {key: _looked_up(folder, one)[0] for key, one in session.evidence.items()}


def contents(folder: Path, session: Session) -> dict[str, bytes]:
    """Return all of a session's files by hash, for a package.

    Raises :class:`PerfevalError` as :func:`content` does, and tells every file it cannot take.
    """
    found, told = {}, []
    for one in session.evidence.values():
        try:
            found[one.sha256] = content(folder, one)
        except PerfevalError as error:
            told.append(str(error))
    if told:
        raise PerfevalError("\n".join(dict.fromkeys(told)))
    return found


def _kept(folder: Path, source: IO[bytes]) -> tuple[str, int]:
    """Copy ``source`` to its place, whole or not at all; return hash and size."""
    hash_, size = sha256(), 0

    def copy(to: IO[bytes]) -> None:
        nonlocal size
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > MAX_SIZE:
                raise PerfevalError(f"文件超过 {MAX_SIZE // MB} MB。请压缩或拆分后再添加")
            hash_.update(piece)
            to.write(piece)

    def place(new: Path) -> Path:
        goal = _place(folder, hash_.hexdigest())
        goal.parent.mkdir(mode=0o700, exist_ok=True)
        if goal.parent.is_symlink():
            raise PerfevalError(f"{goal.parent}：不应是链接。请删去它再试")
        return new.replace(goal)  # the same content again heals an altered copy

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder, copy, place, private=True)
    except OSError as error:
        raise _failure(folder, error) from error
    return hash_.hexdigest(), size


def _failure(folder: Path, error: OSError) -> PerfevalError:
    reasons = {
        errno.ENOSPC: "磁盘已满，请腾出空间后再试",
        errno.EROFS: "所在位置是只读的，请用 --database 换一个位置",
        errno.EACCES: "没有写入权限，请用 --database 换一个位置",
    }
    told = reasons.get(error.errno or 0, reason(error))
    return PerfevalError(f"佐证材料没有保存到“{folder}”：{told}")


_TOLD: dict[State, str] = {
    "在": "",
    "缺失": "文件不在了。请重新添加同一份文件",
    "被改动": "文件内容被改动。请重新添加原来的文件",
}


def _looked_up(folder: Path, one: Evidence) -> tuple[State, bytes]:
    """Return whether a file is as it was attached, and its content if so."""
    place = _place(folder, one.sha256)
    if place.parent.is_symlink() or place.is_symlink():
        return "被改动", b""
    try:
        if not stat.S_ISREG(place.stat().st_mode):  # opening a pipe would wait for ever
            return "被改动", b""
        with place.open("rb") as file:
            data = file.read(min(one.size, MAX_SIZE) + 1)
    except FileNotFoundError:
        return "缺失", b""
    except OSError:
        return "被改动", b""
    sound = len(data) == one.size and sha256(data).hexdigest() == one.sha256
    return ("在", data) if sound else ("被改动", b"")


# --- attaching -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attached:
    """A kept file: the changes to apply through the door, as one group, and what to tell.

    ``changes`` is empty when the file was attached there already.
    """

    id: str
    number: str
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]


def attach(
    session: Session,
    folder: Path,
    path: str,
    file: Path,
    *,
    page: str = "",
    who: str = "",
    why: str = "",
    large: int = LARGE,
) -> Attached:
    """Copy ``file`` into ``folder`` and return the changes that attach it to ``path``.

    ``path`` is an indicator, a row, a figure, a fund, a project or the department as a whole; a
    path below one means it. A file known by its content keeps its number; ``page`` is added to its
    note. A file of more than ``large`` bytes is taken with a warning. Raises :class:`PerfevalError`
    for a file that cannot be read or is empty, a place that cannot be written, and a path that
    leads nowhere; then nothing is attached.
    """
    path, label = _anchor(session, path)
    hash_, size = _taken(folder, file)
    new = Evidence(
        name=shown_name(file.name), sha256=hash_, size=size, page=page, paths=(path,),
        number=next_number((one.number for one in session.evidence.values()), label),
    )  # fmt: skip
    changes = _attaching(session, path, new)
    key = _key(session, hash_)
    after = session
    for change in changes:
        after = apply(after, change)
    act = {"kind": "attach", "group": uuid4().hex, "who": who, "why": why}
    return Attached(
        key,
        after.evidence[key].number,
        tuple(change.model_copy(update=act) for change in changes),
        tuple(_large(after, key, large)),
    )


def detach(session: Session, key: str, path: str, *, who: str = "") -> tuple[Change, ...]:
    """Return the changes that take a file from ``path``; from the last one, its entry too.

    The file itself stays in the folder. Raises :class:`PerfevalError` when it is not there.
    """
    one = session.evidence.get(key)
    if one is None or path not in one.paths:
        raise PerfevalError(f"{path} 没有佐证材料“{key}”")
    rest = [other for other in one.paths if other != path]
    entry = join("evidence", key)
    changes = [edit(session, under(entry, "paths"), rest) if rest else edit(session, entry, None)]
    if isinstance(answer := _thing(session, path), Answer):
        left = [other for other in answer.evidence if other != key]
        changes.append(edit(session, f"{path}/evidence", left))
    act = {"kind": "attach", "group": uuid4().hex, "who": who}
    return tuple(change.model_copy(update=act) for change in changes)


def _taken(folder: Path, file: Path) -> tuple[str, int]:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise PerfevalError(f"{file}：不是文件。请选择一份文件")
        with file.open("rb") as source:
            if not source.peek(1):
                raise PerfevalError(f"{file}：文件是空的。请核对后再添加")
            return _kept(folder, source)
    except FileNotFoundError as error:
        raise PerfevalError(f"{file}：没有这个文件。请核对文件名和所在文件夹") from error
    except (OSError, ValueError) as error:
        raise PerfevalError(f"{printable(str(file))}：读不了（{reason(error)}）") from error


def _attaching(session: Session, path: str, new: Evidence) -> list[Change]:
    key = _key(session, new.sha256)
    entry = join("evidence", key)
    known = session.evidence.get(key)
    wanted: list[tuple[str, Plain]] = []
    if known is None:
        wanted.append((entry, new.model_dump(mode="json")))
    else:
        if path not in known.paths:
            wanted.append((under(entry, "paths"), [*known.paths, path]))
        if new.page and new.page not in known.page.split("；"):
            wanted.append((under(entry, "page"), "；".join(filter(None, (known.page, new.page)))))
    if split(path)[-2:-1] in (["answers"], ["rows"]):  # these list their files themselves
        listed = list(read(session, under(path, "evidence")) or ())
        if key not in listed:
            wanted.append((under(path, "evidence"), [*listed, key]))
    return [edit(session, place, value) for place, value in wanted]


def _key(session: Session, hash_: str) -> str:
    """Return the id of content: from its hash, so that two offices give one file the same id."""
    short = hash_[:16]
    known = session.evidence.get(short)
    return short if known is None or known.sha256 == hash_ else hash_[:60]


def _thing(session: Session, path: str) -> object:
    here: object = session
    for segment in split(path):
        here = here.get(segment) if isinstance(here, dict) else getattr(here, segment, None)
    return here


def _anchor(session: Session, path: str) -> tuple[str, str]:
    """Return what a path belongs to that can have evidence, and what its numbers begin with.

    That is an indicator's code, a row's id or a figure's name, with the project's id before it.
    """
    first, *rest = split(path)
    project = rest[:1] if first == "projects" else []
    kind, key = rest[len(project) :][:1], rest[len(project) :][1:2]
    if key and kind[0] in ("answers", "rows", "inputs", "funds"):
        anchor, label = join(first, *project, *kind, *key), "-".join([*project, *key])
    elif project and not kind:
        anchor, label = path, project[0]
    elif path == "department":
        anchor, label = path, "部门"
    else:
        raise PerfevalError(f"{path}：不能附佐证材料。请给出指标、取值项或项目")
    # What nobody has filled in yet has no entry, but an indicator or figure all the same.
    exists = _thing(session, join(first, *project)) is not None
    if not exists or (read(session, anchor) is None and kind[:1] not in (["answers"], ["inputs"])):
        raise PerfevalError(f"{path}：没有这一项，不能附佐证材料。请核对")
    return anchor, label


def shown_name(name: str) -> str:
    """Return a file's name as text to show: its last part, printable, not too long.

    Signs that turn round or hide text go, an ending cannot be disguised; a long name keeps it.
    """
    kept = printable(re.split(r"[/\\]", name)[-1]).strip()
    if len(kept) > MAX_NAME:
        stem, dot, ending = kept.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 10 else ""
        kept = kept[: MAX_NAME - len(ending)] + ending
    return kept or "未命名"


# --- findings and the listing ----------------------------------------------------------------


def evidence_problems(session: Session, folder: Path, *, large: int = LARGE) -> list[Problem]:
    """Return what is wrong with a session's evidence; each problem's place is a path in it.

    Errors: a file is missing or was altered, an indicator names a file that is not registered, a
    number is given twice. Warnings: a file is large, or attached to nothing.
    """
    problems = []
    numbers: dict[str, str] = {}
    for key, one in session.evidence.items():
        place = one.paths[0] if one.paths else join("evidence", key)
        called = f"佐证材料 {one.number} {one.name}".replace("  ", " ")
        state, _ = _looked_up(folder, one)
        if state != "在":
            told, _, cure = _TOLD[state].partition("。")
            problems.append(Problem(place, f"{called}：{told}", cure))
        problems += _large(session, key, large)
        if not one.paths:
            problems.append(Problem(place, f"{called}：没有附在任何地方", "请附上或删去", "警告"))
        if one.number and numbers.setdefault(one.number, key) != key:
            cure = f"请改 {join('evidence', key, 'number')}"
            problems.append(Problem(place, f"{called}：编号与另一份重复", cure))
    for path, answer in _answers(session):
        for key in answer.evidence:
            if key not in session.evidence:
                told = f"所列佐证材料“{key}”没有登记"
                problems.append(Problem(path, told, "请重新添加这份文件"))
    return problems


def _large(session: Session, key: str, large: int) -> Iterator[Problem]:
    one = session.evidence[key]
    if one.size > large:
        told = f"佐证材料 {one.number} {one.name} 有 {one.size / MB:.1f} MB，超过 {large / MB:g} MB"
        place = one.paths[0] if one.paths else join("evidence", key)
        yield Problem(place, told, "报送系统可能不收，请考虑压缩", "警告")


def _answers(session: Session) -> Iterator[tuple[str, Answer]]:
    evaluations = [("department", session.department)] if session.department else []
    evaluations += [(join("projects", key), one) for key, one in session.ordered_projects()]
    for path, evaluation in evaluations:
        for code, answer in evaluation.answers.items():
            yield under(path, "answers", code), answer
        for key, row in evaluation.rows.items():
            yield under(path, "rows", key), row


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A line of 佐证材料目录. ``places`` are what it serves, as people call it (B3, 项目名 r1)."""

    id: str
    number: str
    name: str
    size: int
    page: str
    places: tuple[str, ...]
    state: State


def catalogue(session: Session, folder: Path) -> list[CatalogueRow]:
    """Return 佐证材料目录 in the order of the numbers, B3-2 before B3-10."""
    rows = [
        CatalogueRow(
            id=key,
            number=printable(one.number),
            name=printable(one.name),
            size=one.size,
            page=printable(one.page),
            places=tuple(printable(_called(session, path)) for path in one.paths),
            state=_looked_up(folder, one)[0],
        )
        for key, one in session.evidence.items()
    ]
    return sorted(rows, key=lambda row: (_natural(row.number), row.id))


def _called(session: Session, path: str) -> str:
    first, *rest = path.split("/")
    if first != "projects":
        return "/".join(rest[1:]) or "部门整体"
    project = session.projects.get("".join(rest[:1]))
    return " ".join([project.name if project else "".join(rest[:1]), *rest[2:]])


def _natural(number: str) -> tuple[tuple[int, int, str], ...]:
    pieces: Iterable[str] = re.findall(r"[0-9]+|[^0-9]+", number)
    return tuple((0, int(one), "") if one.isdecimal() else (1, 0, one) for one in pieces)
