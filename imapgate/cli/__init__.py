"""The `imapgate` command."""
