"""The CRM's rules: what a mail becomes. Knows no IMAP word; plain synchronous code inside a
transaction."""
