"""WHAT was filled in: the session, its changes, its files."""
