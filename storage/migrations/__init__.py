"""The schema's history, run by `storage.history` with alembic."""
