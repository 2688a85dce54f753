"""WHAT it is worth: the exact engine, the scorecard it returns, traces and 测算."""
