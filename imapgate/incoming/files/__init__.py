"""Mails in files: read from .eml, .msg, mbox, Maildir and zip; written as all but .msg."""
