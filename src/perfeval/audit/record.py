"""审核记录: an audit kept as a file, so that findings live on.

核实说明 bind to a finding's fingerprint and both its numbers; auditing again keeps them, and one
whose numbers have changed lapses. Two audits are compared by fingerprint: closed, open, new. An
audit of one unit and year has its record in the data folder, the same for the command line and the
interface; a record may also be kept anywhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from perfeval.audit.auditing import Examined, audit_of, examine
from perfeval.audit.model import Audit, AuditFinding
from perfeval.audit.readers import read
from perfeval.errors import PerfevalError, reason
from perfeval.exchange.filenames import safe_name
from perfeval.exchange.writer import write_file
from perfeval.places import data_folder
from perfeval.session.model import Waiver

MAX_RECORD = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class EarlierFinding:
    """A finding of an earlier audit, as far as it is needed."""

    fingerprint: str
    verdict: str
    message: str
    waiver: Waiver | None


@dataclass(frozen=True, slots=True)
class KeptAudit:
    """An audit as its record has it: of whom, of which file, when, and what was found."""

    place: Path
    document: str
    unit: str
    year: int
    file: str
    when: str
    findings: tuple[EarlierFinding, ...]

    @property
    def waivers(self) -> dict[str, Waiver]:
        """The 核实说明 by fingerprint."""
        return {one.fingerprint: one.waiver for one in self.findings if one.waiver is not None}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the findings of an earlier audit of the same document."""

    closed: tuple[EarlierFinding, ...]
    open: tuple[AuditFinding, ...]
    new: tuple[AuditFinding, ...]

    @property
    def told(self) -> str:
        """Return the counts in one line."""
        return f"已改正 {len(self.closed)} 条，仍在 {len(self.open)} 条，新出现 {len(self.new)} 条"

    def as_dict(self) -> dict[str, Any]:
        return {
            "closed": [{"id": one.fingerprint, "message": one.message} for one in self.closed],
            "open": [one.fingerprint for one in self.open],
            "new": [one.fingerprint for one in self.new],
        }


# --- where records are -----------------------------------------------------------------------


def records_folder() -> Path:
    """Where the records of audits are kept."""
    return data_folder() / "audits"


def record_place(audit: Audit) -> Path:
    """Return where the record of an audit is kept: one for a unit and a year."""
    about = f"{audit.unit or Path(audit.name).stem} {audit.year or ''}".strip()
    digest = sha256(about.encode()).hexdigest()[:8]
    return records_folder() / f"{safe_name(about)[:40]}-{digest}.json"


def kept_audits() -> tuple[list[KeptAudit], list[str]]:
    """Return the audits kept in the data folder, newest first, and what could not be read."""
    found, problems = list[KeptAudit](), list[str]()
    folder = records_folder()
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            found.append(load_record(path))
        except PerfevalError as error:
            problems.append(str(error))
    return sorted(found, key=lambda one: one.when, reverse=True), problems


# --- reading and writing ---------------------------------------------------------------------


def load_record(path: Path) -> KeptAudit:
    """Read what ``audit --json`` or ``--record`` wrote. Raises :class:`PerfevalError`."""
    try:
        if path.stat().st_size > MAX_RECORD:
            raise PerfevalError(f"{path.name}：太大，不是审核记录")
        data = json.loads(path.read_text(encoding="utf-8"))
        return KeptAudit(
            path,
            str(data.get("document", "")),
            str(data.get("unit", "")),
            int(data.get("year") or 0),
            str(data.get("file", "")),
            str(data.get("when", "")),
            tuple(_earlier(one) for one in data["findings"]),
        )
    except OSError as error:
        raise PerfevalError(f"{path.name}：打不开，{reason(error)}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PerfevalError(f"{path.name}：不是审核记录。请换一份，或删去它后重新核对") from error


def _earlier(one: Mapping[str, Any]) -> EarlierFinding:
    told = one.get("waiver") or one.get("lapsed")
    waiver = (
        Waiver(
            check=str(one["check"]), path=str(one["id"]), claimed=str(told["printed"]),
            expected=str(told["expected"]), reason=str(told["reason"]), who=str(told["who"]),
        )
        if told
        else None
    )  # fmt: skip
    return EarlierFinding(str(one["id"]), str(one["verdict"]), str(one["message"]), waiver)


def save_record(audit: Audit, path: Path, *, file: Path, when: datetime) -> Path:
    """Write an audit as its record, at once or not at all; ``file`` is what was audited."""
    data = audit.as_dict() | {"file": str(file.absolute()), "when": f"{when:%Y-%m-%d %H:%M}"}
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
    return write_file(path, (text + "\n").encode())


# --- living on -------------------------------------------------------------------------------


def earlier_record(audit: Audit, place: Path | None = None) -> KeptAudit | None:
    """Return the record kept at a place, by default of this unit and year; None where none is."""
    path = place or record_place(audit)
    return load_record(path) if path.is_file() else None


@dataclass(frozen=True, slots=True)
class Renewed:
    """A report audited again: what was found, what changed since its record, where that is kept."""

    examined: Examined
    audit: Audit
    changed: Comparison | None
    file: Path
    place: Path


def renew(file: Path, *, when: datetime) -> Renewed:
    """Audit a report and keep its record: 核实说明 of the last time stay.

    Raises :class:`PerfevalError` for a file that cannot be read or a record that cannot be written;
    then the last record is as it was.
    """
    examined = examine(read(file))
    audit = audit_of(examined)
    kept = earlier_record(audit)
    changed = None
    if kept is not None:
        audit = audit.explained(kept.waivers)
        changed = compare(audit, kept)
    place = save_record(audit, record_place(audit), file=file, when=when)
    return Renewed(examined, audit, changed, file, place)


def compare(audit: Audit, earlier: KeptAudit) -> Comparison:
    """Return which findings are gone, which stay, which are new."""
    before = {one.fingerprint for one in earlier.findings}
    now = {one.fingerprint for one in audit.findings}
    return Comparison(
        tuple(one for one in earlier.findings if one.fingerprint not in now),
        tuple(one for one in audit.findings if one.fingerprint in before),
        tuple(one for one in audit.findings if one.fingerprint not in before),
    )


def explain_finding(audit: Audit, fingerprint: str, why: str, who: str) -> Audit:
    """Return the audit with a 核实说明 on one finding. Raises :class:`PerfevalError`."""
    found = [one for one in audit.findings if one.fingerprint.startswith(fingerprint)]
    if len(found) != 1 or not fingerprint:
        told = "有几条以它开头，请写全" if found else "没有这一条"
        raise PerfevalError(f"审核结果 {fingerprint}：{told}。编号在每条审核结果的开头")
    one = found[0]
    if not why.strip():
        raise PerfevalError("核实说明要写理由")
    waiver = Waiver(
        check=one.check, path=one.fingerprint, claimed=one.printed, expected=one.expected,
        reason=why.strip(), who=who,
    )  # fmt: skip
    return audit.explained(dict(_known(audit)) | {one.fingerprint: waiver})


def _known(audit: Audit) -> Iterator[tuple[str, Waiver]]:
    for one in audit.findings:
        if waiver := one.waiver or one.lapsed:
            yield one.fingerprint, waiver
