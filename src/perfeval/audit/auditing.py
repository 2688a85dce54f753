"""A document → its audit: read, state, require, judge, blame."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perfeval.audit.accounts import Accounts, read_accounts
from perfeval.audit.blame import Explanation, Network, explain, knots
from perfeval.audit.document import Document
from perfeval.audit.equations import Equation, Reading, Register, Verdict, computed, holds
from perfeval.audit.equations import Term as _Term
from perfeval.audit.figures import Measure, Mention
from perfeval.audit.logic import read_logic
from perfeval.audit.model import Audit, AuditFinding, Covered
from perfeval.audit.observed import Observed, Severity
from perfeval.audit.readers import read
from perfeval.audit.selfeval import SelfEvaluation, read_self_evaluation
from perfeval.audit.statements import Statements
from perfeval.audit.wording import read_words, unit_of, year_of
from perfeval.exchange.intake.containers import Unreadable
from perfeval.numbers import ONE, Exact, Interval

MAX_FACTS = 100_000
MAX_PRINTINGS = 50
MAX_KNOTS = 60
"""Groups of failing identities that are untied; a document with more is not a report."""


def audit_file(path: Path) -> Audit:
    """Audit a file. Raises :class:`~perfeval.exchange.intake.containers.Unreadable`."""
    return audit(read(path))


@dataclass(slots=True)
class Knot:
    """Failing identities that hang together: the number of their cause, and what explains them."""

    cause: int
    equations: list[Equation]
    explanations: list[Explanation]


@dataclass(slots=True)
class Examined:
    """A document with what it states, and what of it does not hold."""

    document: Document
    register: Register
    accounts: Accounts
    selfeval: SelfEvaluation
    observed: list[Observed]
    of: dict[Mention, Reading]
    knots: list[Knot]
    held: Counter[tuple[str, Verdict]]

    @property
    def of_whom(self) -> tuple[str, int]:
        """The unit and the year the report is of; an empty name and 0 where it says nothing."""
        return unit_of(self.document), year_of(self.document)

    def trusted(self, name: str) -> Reading | None:
        """Return the reading of a fact to go by: not one that is surely misprinted.

        Of several that may be right, the one printed most often. None where nothing is stated.
        """
        readings = {id(self.of[one]): self.of[one] for one in self.register.facts.get(name, ())}
        wrong = {
            id(root.correction.reading)
            for knot in self.knots
            if len(knot.explanations) == 1
            for root in knot.explanations[0].roots
        }
        likely = [one for key, one in readings.items() if key not in wrong]
        return max(likely or readings.values(), key=lambda r: len(r.mentions), default=None)


def audit(document: Document) -> Audit:
    """Audit a document."""
    return audit_of(examine(document))


def examine(document: Document) -> Examined:
    """Read what a document states and judge every identity it claims."""
    register, observed = Register(), list[Observed]()
    accounts = read_accounts(document, register)
    selfeval = read_self_evaluation(document, register, observed)
    Statements(register, accounts, observed).read(document, selfeval.used)
    if len(register.names) > MAX_FACTS:
        raise Unreadable(f"{document.name}：数字太多，不像一份报告，没有核对。请拆成几个文件")
    observed += read_logic(document, register, accounts, selfeval)
    observed += read_words(document)
    register.join("预算执行率", "一级·预算执行·得分率")
    of, several = register.readings()
    knots_, held = _judge(register, of, several)
    return Examined(document, register, accounts, selfeval, observed, of, knots_, held)


def audit_of(examined: Examined) -> Audit:
    """Return the findings of a document that was examined, and what was covered."""
    document, register, of = examined.document, examined.register, examined.of
    findings = [
        _finding(one, register, of, knot.explanations, knot.cause)
        for knot in examined.knots
        for one in knot.equations
    ]
    findings += [_seen(one) for one in examined.observed]
    return Audit(
        document.name,
        year_of(document),
        unit_of(document),
        _ordered(findings),
        _coverage(examined.held, findings),
        _missing(examined.accounts, examined.selfeval, register),
        sum(1 for _ in document.paragraphs),
        sum(1 for _ in document.tables),
        len(of),
    )


# --- equations -------------------------------------------------------------------------------


def _judge(
    register: Register, of: dict[Mention, Reading], several: Sequence[Sequence[Reading]]
) -> tuple[list[Knot], Counter[tuple[str, Verdict]]]:
    """Judge every identity, untie what fails, and count what held."""

    def values(mention: Mention) -> Interval:
        return of[mention].interval

    same = [
        Equation("一数两值", f"{one.fact} 前后一致", one.best, (_Term(ONE, (readings[0].best,)),))
        for readings in several
        for one in readings[1:]
    ]
    held: Counter[tuple[str, Verdict]] = Counter()
    failing: list[Equation] = []
    seen: set[tuple[object, ...]] = set()
    equations = [*register.equations, *same]
    for equation in equations:
        key = _key(equation, of)
        if key in seen:
            continue
        seen.add(key)
        found = holds(equation, values)
        if found is False:
            failing.append(equation)
            continue
        verdict = Verdict.NOT_ASSESSABLE if found is None else Verdict.PASS
        held[equation.check, verdict] += 1
    consistent = [name for name, mentions in register.facts.items() if len(mentions) > 1]
    held["一数两值", Verdict.PASS] += len(consistent) - len(several)
    return _untied(Network(of, equations), failing), held


def _untied(network: Network, failing: Sequence[Equation]) -> list[Knot]:
    """Return the knots of failing identities with what explains them.

    A knot without an explanation of its own that the corrections of another mend is of its cause.
    """
    found: list[Knot] = []
    for number, equations in enumerate(knots(network, failing), 1):
        sure = [one for one in equations if not one.doubt]
        explained = explain(network, sure) if sure and number <= MAX_KNOTS else []
        found.append(Knot(number, equations, explained))
    for knot in found:
        for other in found if not knot.explanations else ():
            mending = [
                one
                for one in other.explanations
                if all(one.mends(equation, network.of) for equation in knot.equations)
            ]
            if mending:
                knot.cause, knot.explanations = other.cause, mending
                break
    return found


def _key(equation: Equation, of: dict[Mention, Reading]) -> tuple[object, ...]:
    """Two sentences that require the same of the same facts are one identity."""

    def side(terms: Iterable[_Term]) -> tuple[object, ...]:
        return tuple(
            (term.coefficient, tuple(id(of[one]) for one in term.factors)) for term in terms
        )

    return equation.check, id(of[equation.left]), side(equation.over), side(equation.under)


def _finding(
    equation: Equation, register: Register, of: dict[Mention, Reading],
    explanations: Sequence[Explanation], cause: int,
) -> AuditFinding:  # fmt: skip
    def values(mention: Mention) -> Interval:
        return of[mention].interval

    left = equation.left
    should = computed(equation, values)
    assert should is not None
    middle = (should.low + should.high) / 2
    expected = left.printed(middle)
    if equation.check == "一数两值":
        other = equation.over[0].factors[0]
        subject = of[left].fact
        printings = "、".join(
            f"{one.raw}（{one.place}）"
            for side in (of[other], of[left])
            for one in side.mentions[:3]
        )
        message = f"{subject.replace('·', ' ')} 有两个数：{printings}{_slip(left, of[other].value)}"
        sides = (of[other], of[left])
        expected = next(
            (
                one.correction.reading.best.printed(one.correction.value)
                for told in explanations
                for one in told.roots
                if one.correction.reading in sides
            ),
            "",
        )
    else:
        subject = equation.told
        miss = left.printed(abs(left.value - middle))
        message = f"{equation.told}：{equation.worked()} = {expected}，印为 {left.raw}，相差 {miss}"
        message += _slip(left, middle) or _otherwise(equation, register, of)
    rounding = abs(left.value - left.nearest(middle)) <= left.step and equation.check != "一数两值"
    severity = Severity.ROUNDING if rounding and left.places else Severity.ARITHMETIC
    if equation.doubt:
        severity, message = Severity.LOGIC, f"{message}；{equation.doubt}"
    return AuditFinding(
        equation.check,
        Verdict.UNCERTAIN if equation.doubt else Verdict.FAIL,
        severity,
        subject,
        left.place,
        left.quote,
        f"{equation.over[0].factors[0].raw}、{left.raw}"
        if equation.check == "一数两值"
        else left.raw,
        expected,
        message,
        tuple(
            dict.fromkeys(one.told({id(of[m]) for m in equation.mentions}) for one in explanations)
        ),
        cause,
        tuple(dict.fromkeys(one.place for one in equation.mentions)),
    )


def _slip(printed: Mention, should: Exact) -> str:
    """Say when a number is off by just the factor between 元 and 万元."""
    step = printed.step / 2
    for factor in (Exact(10_000), Exact(1, 10_000)) if printed.measure is Measure.AMOUNT else ():
        if printed.value and abs(printed.value - should * factor) <= max(step, step * factor):
            return "；正好差一万倍，像是把元和万元写混了"
    return ""


def _otherwise(equation: Equation, register: Register, of: dict[Mention, Reading]) -> str:
    """Say when another printing of one of the inputs gives what was printed."""
    for one in equation.mentions[1:]:
        for other in register.facts.get(of[one].fact, [])[:MAX_PRINTINGS]:
            if of[other] is of[one]:
                continue

            def values(mention: Mention, one: Mention = one, other: Mention = other) -> Interval:
                return of[other if mention is one else mention].interval

            if holds(equation, values):
                return f"；按 {other.raw}（{other.place}）计才是 {equation.left.raw}"
    return ""


# --- what else was seen ----------------------------------------------------------------------


def _seen(one: Observed) -> AuditFinding:
    return AuditFinding(
        one.check, one.verdict, one.severity, one.subject, one.place, one.quote,
        one.printed, one.expected, one.message, one.blame, places=(one.place,),
    )  # fmt: skip


def _ordered(findings: list[AuditFinding]) -> tuple[AuditFinding, ...]:
    """Sort, and number those that are about the same thing."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    numbered = []
    for one in sorted(findings, key=lambda f: f.place.order):
        key = one.check, one.subject
        numbered.append(replace(one, repeat=seen[key]))
        seen[key] += 1
    return tuple(sorted(numbered, key=lambda one: one.rank))


def _coverage(
    held: Counter[tuple[str, Verdict]], findings: Sequence[AuditFinding]
) -> tuple[Covered, ...]:
    """Count the identities of each kind by verdict."""
    counted = held.copy()
    for one in findings:
        counted[one.check, one.verdict] += 1
    checks = sorted({check for check, _ in counted})
    return tuple(
        Covered(
            check,
            counted[check, Verdict.PASS],
            counted[check, Verdict.FAIL],
            counted[check, Verdict.UNCERTAIN],
            counted[check, Verdict.NOT_ASSESSABLE],
        )
        for check in checks
    )


def _missing(accounts: Accounts, selfeval: SelfEvaluation, register: Register) -> tuple[str, ...]:
    """Say what was looked for and not found."""
    there = {table.number for table in accounts.tables}
    missing = []
    if there and (absent := sorted(set(range(1, 10)) - there)):
        missing.append("没有找到公开" + "、".join(f"{n:02d}" for n in absent) + "表")
    if not there:
        missing.append("没有找到公开01–09表，表内、表间和表文之间没有核对")
    if not selfeval.table:
        missing.append("没有找到自评汇总表")
    if not selfeval.tiers:
        missing.append("没有找到部门整体得分情况表")
    if selfeval.scored:
        missing.append("文中没有评分标准：指标的得分只核对了加总和不超过分值")
    if selfeval.lines or selfeval.scored:
        missing.append("目标与指标是否对应、偏差原因是否切题、佐证是否属实，要由人来看")
    return tuple(missing)
