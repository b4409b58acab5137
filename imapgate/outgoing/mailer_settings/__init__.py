"""A mailer's settings: how they are written, what each may be, what goes together."""
