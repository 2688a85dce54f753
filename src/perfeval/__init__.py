"""perfeval: 预算绩效自评 for government departments, exact and explained."""

__version__ = "0.1.0"
