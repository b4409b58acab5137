"""imapgate: a local IMAP server in front of a CRM's activities."""

__version__ = "0.1.0"
