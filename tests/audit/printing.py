"""A report under construction: printed numbers, the laws between them, and planted errors.

The laws are noted by who writes the report and judged here with fractions of their own, so that
which planted error can be seen at all is told without the audit.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from random import Random


def half_up(value: Fraction, places: int) -> Fraction:
    """四舍五入, written a second time."""
    scale = 10**places
    units = (2 * abs(value) * scale + 1) // 2
    return Fraction(units if value >= 0 else -units, scale)


def decimal(value: Fraction, places: int) -> str:
    """Print a value that has no more decimals than that."""
    units = half_up(value, places) * 10**places
    sign, digits = "-" if units < 0 else "", f"{abs(int(units)):0{places + 1}d}"
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


@dataclass(slots=True)
class Slot:
    """A printed number: its text, its decimals, the printed one and the line it is on."""

    text: str
    places: int
    line: int = 0
    exact: bool = False

    @property
    def value(self) -> Fraction:
        return Fraction(self.text.replace(",", ""))

    @property
    def half(self) -> Fraction:
        return Fraction(0) if self.exact else Fraction(1, 2 * 10**self.places)


Sum = Sequence[tuple[Fraction, tuple[int, ...]]]


@dataclass(slots=True)
class Law:
    """``left = Σ over ÷ Σ under`` between slots, ± ``slack``.

    ``printed`` holds for what is printed, to half a cent: scores are added as they stand there.
    """

    left: int
    over: Sum
    under: Sum = ()
    slack: Fraction = Fraction(0)
    printed: bool = False

    @property
    def slots(self) -> set[int]:
        return {self.left} | {s for _, factors in (*self.over, *self.under) for s in factors}


@dataclass(slots=True)
class Report:
    """A report under construction: lines of text, slots and laws."""

    lines: list[str] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    laws: list[Law] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)

    def number(self, value: Fraction, places: int = 2, *, exact: bool = False) -> tuple[int, str]:
        """Make a slot and return it with the mark that stands for it in the text."""
        self.slots.append(Slot(decimal(half_up(value, places), places), places, exact=exact))
        return len(self.slots) - 1, f"\x02{len(self.slots) - 1}\x03"

    def fact(self, name: str, value: Fraction, places: int = 2, *, exact: bool = False) -> str:
        """Print a fact; a second printing of a name must be the same number."""
        slot, mark = self.number(value, places, exact=exact)
        if name in self.named:
            self.laws.append(Law(slot, [(Fraction(1), (self.named[name],))]))
        else:
            self.named[name] = slot
        return mark

    def last(self) -> int:
        return len(self.slots) - 1

    def sum(
        self, left: int, parts: Iterable[int], signs: Iterable[int] | None = None, *,
        printed: bool = False,
    ) -> None:  # fmt: skip
        """The left slot is the sum of others."""
        listed = list(parts)
        if listed:
            weights = list(signs) if signs else [1] * len(listed)
            over = [(Fraction(w), (p,)) for w, p in zip(weights, listed, strict=True)]
            self.laws.append(Law(left, over, printed=printed))

    def rate(self, left: int, over: Sum, under: Sum) -> None:
        """The left slot is a quotient in per cent."""
        self.laws.append(Law(left, [(w * 100, f) for w, f in over], under))

    def say(self, *lines: str) -> None:
        """Add lines, an empty one after each as published texts have it."""
        for line in lines:
            self.lines += [line, ""]

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Add a table by tabs."""
        self.lines += ["\t".join(row) for row in rows]
        self.lines.append("")

    def text(self) -> str:
        """Return the report with its numbers in it, and note each slot's line."""
        made = []
        for number, line in enumerate(self.lines, 1):
            parts = line.split("\x02")
            for at, part in enumerate(parts[1:], 1):
                slot, _, rest = part.partition("\x03")
                self.slots[int(slot)].line = number
                parts[at] = self.slots[int(slot)].text + rest
            made.append("".join(parts))
        return "\n".join(made) + "\n"

    # --- planted errors ----------------------------------------------------------------------

    def holds(self, law: Law) -> bool:
        """Whether some numbers that print like these satisfy a law."""

        def total(terms: Sum, at: dict[int, Fraction]) -> Fraction:
            found = Fraction(0)
            for weight, factors in terms:
                value = weight
                for one in factors:
                    value *= at[one]
                found += value
            return found

        def half(slot: int) -> Fraction:
            own = self.slots[slot].half
            return min(own, Fraction(1, 200)) if law.printed else own

        left = self.slots[law.left]
        inputs = sorted(law.slots - {law.left})
        if not law.under and all(len(factors) == 1 for _, factors in law.over):
            middle = total(law.over, {s: self.slots[s].value for s in inputs})
            room = sum((abs(w) * half(f[0]) for w, f in law.over), Fraction(0))
            return abs(middle - left.value) <= room + half(law.left) + law.slack
        ends = [
            (self.slots[s].value - self.slots[s].half, self.slots[s].value + self.slots[s].half)
            for s in inputs
        ]
        values = []
        for corner in product(*ends):
            at = dict(zip(inputs, corner, strict=True))
            divisor = total(law.under, at) if law.under else Fraction(1)
            if divisor <= 0:
                return True
            values.append(total(law.over, at) / divisor)
        low, high = min(values) - law.slack, max(values) + law.slack
        return low <= left.value + left.half and left.value - left.half <= high

    def broken(self, among: Container[int] | None = None) -> list[Law]:
        """The laws that cannot hold, or those of them that speak of certain slots."""
        return [
            law
            for law in self.laws
            if (among is None or any(slot in among for slot in law.slots)) and not self.holds(law)
        ]

    def plant(self, random: Random, count: int) -> dict[int, str]:
        """Misprint some numbers; return the slots and what they should have printed."""
        inside = sorted({slot for law in self.laws for slot in law.slots})
        planted: dict[int, str] = {}
        while len(planted) < count:
            slot = random.choice(inside)
            one = self.slots[slot]
            wrong = misprint(one.text, random)
            if slot not in planted and wrong != one.text and Fraction(wrong) != one.value:
                planted[slot] = one.text
                one.text = wrong
        return planted


def misprint(text: str, random: Random) -> str:
    """Change a number the way hands do: a digit, two digits swapped, one off."""
    digits = [at for at, sign in enumerate(text) if sign.isdigit()]
    made = list(text)
    at = random.choice(digits)
    if random.random() < 0.3 and len(digits) > 1:
        other = digits[(digits.index(at) + 1) % len(digits)]
        made[at], made[other] = made[other], made[at]
    else:
        made[at] = random.choice([d for d in "0123456789" if d != text[at]])
    whole = "".join(made)
    if len(whole.partition(".")[0]) > 1 and whole.startswith("0"):
        return text  # nobody prints 038.10
    return whole
