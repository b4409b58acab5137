"""Run by alembic: inside the transaction that `storage.history` opened, or on a file named by
`alembic -x file=PATH` while a migration is being written."""

from __future__ import annotations

from pathlib import Path

from alembic import context
from sqlalchemy import Connection

from storage import sqlite
from storage.schema import metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        # SQLite can't alter most of a table: alembic copies it into its new form.
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    run(given)
else:
    file = context.get_x_argument(as_dictionary=True)["file"]
    with sqlite.creator(Path(file)).begin() as opened:
        run(opened)
