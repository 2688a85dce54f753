"""The terminal interface: it shows, and hands every edit to the one door."""
