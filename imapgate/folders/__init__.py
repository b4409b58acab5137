"""What a mail user sees: folders, entries under UIDs, rights, verdicts. Plain synchronous code."""
