"""Mailboxes on other servers: connecting, logging in, and reading by IMAP and POP3."""
