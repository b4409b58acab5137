"""One IMAP connection: protocol, states, the selected folder's view, commands."""
