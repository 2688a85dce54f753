"""审核记录: an audit kept as a file, so that findings live on.

核实说明 bind to a finding's fingerprint and both its numbers; auditing again keeps them, and one
whose numbers have changed lapses. Two audits are compared by fingerprint: closed, open, new.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfeval.audit.model import Audit, AuditFinding
from perfeval.errors import PerfevalError, reason
from perfeval.exchange.writer import write_file
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
class Comparison:
    """What became of the findings of an earlier audit of the same document."""

    closed: tuple[EarlierFinding, ...]
    open: tuple[AuditFinding, ...]
    new: tuple[AuditFinding, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "closed": [{"id": one.fingerprint, "message": one.message} for one in self.closed],
            "open": [one.fingerprint for one in self.open],
            "new": [one.fingerprint for one in self.new],
        }


def load_record(path: Path) -> list[EarlierFinding]:
    """Read what ``audit --json`` or ``--record`` wrote. Raises :class:`PerfevalError`."""
    try:
        if path.stat().st_size > MAX_RECORD:
            raise PerfevalError(f"{path.name}：太大，不是审核记录")
        data = json.loads(path.read_text(encoding="utf-8"))
        return [_earlier(one) for one in data["findings"]]
    except OSError as error:
        raise PerfevalError(f"{path.name}：打不开，{reason(error)}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        told = "不是审核记录。请用 perfeval audit 文件 --record 记录.json 写一份"
        raise PerfevalError(f"{path.name}：{told}") from error


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


def waivers_of(earlier: list[EarlierFinding]) -> dict[str, Waiver]:
    """Return the 核实说明 of an earlier audit by fingerprint."""
    return {one.fingerprint: one.waiver for one in earlier if one.waiver is not None}


def compare(audit: Audit, earlier: list[EarlierFinding]) -> Comparison:
    """Return which findings are gone, which stay, which are new."""
    before = {one.fingerprint for one in earlier}
    now = {one.fingerprint for one in audit.findings}
    return Comparison(
        tuple(one for one in earlier if one.fingerprint not in now),
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
        raise PerfevalError("核实说明要写理由。请加 --why 理由")
    waiver = Waiver(
        check=one.check, path=one.fingerprint, claimed=one.printed, expected=one.expected,
        reason=why.strip(), who=who,
    )  # fmt: skip
    kept = {
        f.fingerprint: known for f in audit.findings if (known := f.waiver or f.lapsed) is not None
    }
    return audit.explained(kept | {one.fingerprint: waiver})


def save_record(audit: Audit, path: Path) -> Path:
    """Write an audit as its record, at once or not at all."""
    text = json.dumps(audit.as_dict(), ensure_ascii=False, indent=1, sort_keys=True)
    return write_file(path, (text + "\n").encode())
