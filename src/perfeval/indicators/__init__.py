"""WHAT is measured: indicator sets, their formulas, targets and scoring rules."""
