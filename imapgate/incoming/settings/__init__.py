"""An account's settings: how they are written, what each may be, what goes together."""
