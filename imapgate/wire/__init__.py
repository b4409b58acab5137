"""IMAP bytes <-> values (RFC 3501). No I/O, no Twisted, no SQL; imports nothing of imapgate."""
