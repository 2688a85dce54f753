"""The command line: the same verbs as the interface, as text or JSON."""
