"""审核: WHETHER a session holds together. One function per check, registered with id and basis.

``run`` returns the findings, worst first; ``not_assessed`` says which checks could not be made
and why. A finding that rests on a guess is 提示, whatever its check's level.
"""

from perfeval.checks import claimed, form, money, projects, rates, targets, unknown, weights
from perfeval.checks.model import Finding, Level, NotAssessed
from perfeval.checks.recheck import Checker, run
from perfeval.checks.registry import CHECKS, Check, not_assessed

MODULES = (weights, claimed, rates, targets, form, money, projects, unknown)
"""The rooms of the checks; importing one registers its checks."""

__all__ = ["CHECKS", "Check", "Checker", "Finding", "Level", "NotAssessed", "not_assessed", "run"]
