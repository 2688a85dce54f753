"""对账清单 of an import: what becomes of every cell, and the changes that would be made.

A cell is accepted, refused or ignored; nothing is passed over in silence. What was typed as a
score or a rate goes beside the answers, as a 填报数, never in their place. The changes are one
group, so that they are undone at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import uuid4

from pydantic import ValidationError

from perfeval.errors import PerfevalError
from perfeval.exchange.intake.placing import equal
from perfeval.exchange.intake.seen import Seen
from perfeval.session.change import Change, Plain, apply, edit, join, read, split, under
from perfeval.session.model import Session


class Verdict(StrEnum):
    """What becomes of a cell."""

    ACCEPTED = "采用"
    OVERWRITES = "将改写"
    SAME = "相同"
    REFUSED = "不采用"
    IGNORED = "不导入"


class Entry(NamedTuple):
    """One cell of the list: where it stands, its text, the value read, where that goes, and why."""

    sheet: str
    address: str
    raw: str
    verdict: Verdict
    value: str = ""
    path: str = ""
    reason: str = ""
    old: str = ""

    @property
    def place(self) -> str:
        """Return where the cell is, as people say it: ``表1!B3``."""
        return "!".join(part for part in (self.sheet, self.address) if part)

    @property
    def taken(self) -> bool:
        return self.verdict in (Verdict.ACCEPTED, Verdict.OVERWRITES)


@dataclass(slots=True)
class Ledger:
    """The whole list for one session.

    ``base`` is the session it was made for; ``notes`` say what concerns the file as a whole.
    ``as_handed_in`` allows what a form leaves out to be assumed (拟定), for scoring it as it is.
    ``told`` are the cells something was decided on; ``others`` gives the rest of them, which
    nobody asks for where hundreds of files are only checked.
    """

    base: Session
    as_handed_in: bool = False
    told: list[Entry] = field(default_factory=list)
    made: dict[str, Plain] = field(default_factory=dict[str, Plain])
    notes: list[str] = field(default_factory=list)
    others: Callable[[], Iterable[Entry]] | None = None

    @property
    def entries(self) -> list[Entry]:
        """Return every cell with content."""
        if self.others is not None:
            others, self.others = self.others, None
            self.told += others()
        return self.told

    def count(self, *verdicts: Verdict) -> int:
        entries = self.entries if Verdict.IGNORED in verdicts else self.told
        return sum(entry.verdict in verdicts for entry in entries)

    @property
    def summary(self) -> str:
        """Return the counts in one line."""
        parts = [f"{verdict} {n}" for verdict in Verdict if (n := self.count(verdict))]
        return "，".join(parts) + " 格" if parts else "没有找到可导入的内容"

    def accept(self, cell: Seen, path: str, value: str, reason: str = "") -> None:
        """Take a cell's value to a path; beside an equal value it is only noted."""
        old, base = self.text_at(path), self.base
        if old is not None and equal(old, value, path, base.year, base.money_unit):
            verdict = Verdict.SAME
        else:
            verdict = Verdict.OVERWRITES if old else Verdict.ACCEPTED
            self.made[path] = value
        self._add(cell, verdict, value, path, reason, old or "")

    def accept_yes_no(self, cell: Seen, path: str, *, met: bool) -> None:
        """Take whether an element is met."""
        old, word = read(self.base, path), "是" if met else "否"
        if old == met:
            self._add(cell, Verdict.SAME, word, path, old=word)
            return
        self.made[path] = met
        verdict = Verdict.ACCEPTED if old is None else Verdict.OVERWRITES
        self._add(cell, verdict, word, path, old="" if old is None else ("是" if old else "否"))

    def accept_part(
        self, cell: Seen, path: str, part: dict[str, Plain], old: str, *, same: bool
    ) -> None:
        """Take what a cell says at once (采纳 and the reason); ``old`` is what is said now."""
        if not same:
            self.made |= {under(path, name): value for name, value in part.items()}
        verdict = Verdict.SAME if same else Verdict.OVERWRITES if old else Verdict.ACCEPTED
        self._add(cell, verdict, cell.raw, path, old=old)

    def refuse(self, cell: Seen, reason: str, path: str = "") -> None:
        """Note a cell that should have been taken and cannot be."""
        self._add(cell, Verdict.REFUSED, path=path, reason=reason)

    def ignore(self, cell: Seen, reason: str) -> None:
        """Note a cell that is not for import."""
        self._add(cell, Verdict.IGNORED, reason=reason)

    def settle(self, path: str, value: Plain) -> None:
        """Set what a new part needs besides its cells (its set, its order)."""
        self.made.setdefault(path, value)

    def text_at(self, path: str) -> str | None:
        """Return the text that stands at a path now, None where nothing does."""
        return _text_at(self.base, path)

    def _add(self, cell: Seen, verdict: Verdict, *told: str, **also: str) -> None:
        """Note a cell, with what :class:`Entry` has after the verdict."""
        raw, sheet, address, *_ = cell
        self.told.append(Entry(sheet, address, raw, verdict, *told, **also))

    def changes(self, *, who: str = "", why: str = "") -> list[Change]:
        """Return the changes as one group of kind import, each made from what stands there now.

        Why a value is there ends with the cells it is from: ``导入 a.xlsx 表1!B3``.
        """
        group = uuid4().hex
        session, found = self.base, []
        cells = self._cells()
        for path, value in _whole(self.base, self.made):
            told = f"{why} {_few(cells.get(path, ()))}".strip()
            change = edit(session, path, value, who=who, why=told)
            if change.old == change.new:
                continue
            session = apply(session, change)
            found.append(change.model_copy(update={"kind": "import", "group": group}))
        return found

    def _cells(self) -> dict[str, list[str]]:
        """Return by path, and by every path above it, the cells that were taken there."""
        found: dict[str, list[str]] = {}
        for entry in self.entries:
            path = entry.path if entry.taken else ""
            while path:
                found.setdefault(path, []).append(entry.place)
                path = path.rpartition("/")[0]
        return found

    def applied(self) -> Session:
        """Return the session as it would stand after the import."""
        if self.as_handed_in:
            return _built(self.base, self.made)
        session = self.base
        for change in self.changes():
            session = apply(session, change)
        return session

    def as_dicts(self) -> list[dict[str, str]]:
        return [entry._asdict() | {"verdict": str(entry.verdict)} for entry in self.entries]


def _built(session: Session, made: dict[str, Plain]) -> Session:
    """Return a session with values put into it all at once, checked as a file's would be.

    What the changes lead to one by one, in a fraction of the time; a folder holds hundreds.
    """
    data: dict[str, Any] = session.model_dump(exclude_defaults=True)
    for path, value in made.items():
        *way, last = split(path)
        here = data
        for segment in way:
            here = here.setdefault(segment, {})
        here[last] = value
    try:
        return Session.model_validate(data).in_stated_order()
    except ValidationError as error:
        place = "/".join(map(str, error.errors(include_url=False)[0]["loc"]))
        raise PerfevalError(f"表里有一处内容放不进自评任务（{place}）。请检查是否过长") from error


def _few(cells: Sequence[str]) -> str:
    """Return where something is from: the first cell, and how many there are."""
    return f"{cells[0]} 等 {len(cells)} 格" if len(cells) > 1 else "".join(cells)


def _text_at(session: Session, path: str) -> str | None:
    """Return the text that stands at a path, None where nothing does."""
    if path.startswith("projects/") and path.split("/", 2)[1] not in session.projects:
        return None
    if path.startswith("claimed/"):
        return (session.claimed.get(split(path)[1]) or None) if session.claimed else None
    value = read(session, path)
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) and value else None


def _whole(session: Session, made: dict[str, Plain]) -> Iterator[tuple[str, Plain]]:
    """Yield the parts that are new as whole values, then the fields of parts that exist."""
    new: dict[str, dict[str, Any]] = {}
    single: list[tuple[str, Plain]] = []
    for path, value in made.items():
        root = _new_part(session, path)
        if root is None:
            single.append((path, value))
            continue
        rest = split(path)[len(split(root)) :]
        here = new.setdefault(root, {})
        for segment in rest[:-1]:
            here = here.setdefault(segment, {})
        if rest:
            here[rest[-1]] = value
    yield from new.items()
    orders = [one for one in single if one[0].endswith("_order")]
    yield from (one for one in single if one not in orders)
    yield from orders


_PARTS = {
    *("projects", "rows", "funds", "inputs", "answers", "statements"),
    *("marks", "feedback", "remedies"),
}


def _new_part(session: Session, path: str) -> str | None:
    """Return the outermost part on the way to a path that does not exist yet."""
    parts = split(path)
    if parts[0] == "department" and session.department is None:
        return "department"
    for at in range(1, len(parts)):
        if parts[at - 1] in _PARTS and at < len(parts):
            whole = join(*parts[: at + 1])
            if read(session, whole) is None:
                return whole
    return None
