"""Which schema a file has, and the way from there to today's (alembic, `storage/migrations`)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from storage import sqlite
from storage.faults import SchemaMismatch, told_plainly

MIGRATIONS = Path(__file__).parent / "migrations"

# alembic's own table and SQLite's list of tables: no part of the schema that alembic compares.
_others = MetaData()
version = Table("alembic_version", _others, Column("version_num", String(32), primary_key=True))
master = Table("sqlite_master", _others, Column("name", String))


def newest() -> str:
    """Today's revision: the number of the last migration, e.g. "0001"."""
    return max(found.name[:4] for found in MIGRATIONS.glob("versions/[0-9][0-9][0-9][0-9]_*.py"))


def revision(connection: Connection) -> str | None:
    """The file's revision; None if it isn't a database of ours."""
    if not inspect(connection).has_table(version.name):
        return None
    found = connection.execute(select(version.c.version_num)).scalar()
    return str(found) if found is not None else None


def stamp(connection: Connection) -> None:
    """Note, in a database that was just made from the schema, that it has today's revision."""
    version.create(connection)
    connection.execute(insert(version), {"version_num": newest()})


def check(connection: Connection, path: Path) -> None:
    """Raises SchemaMismatch unless the file has today's schema."""
    found = revision(connection)
    if found == newest():
        return
    if found is None:
        raise SchemaMismatch(f"{path} is not an imapgate database.")
    if found < newest():
        raise SchemaMismatch(
            f"{path} was made by an older imapgate: stop the server and run `imapgate upgrade`."
        )
    raise SchemaMismatch(
        f"{path} was made by a newer imapgate (schema {found}, this one knows {newest()}):"
        " install that version."
    )


def lacks(path: Path) -> str | None:
    """The revision that `upgrade` would bring the file to; None if it has it already. Raises
    SchemaMismatch for a newer one or one that isn't ours, Unavailable."""
    with told_plainly(), sqlite.bare(path).connect() as connection:
        found = revision(connection)
        if found is not None and found < newest():
            return newest()
        check(connection, path)
        return None


def upgrade(path: Path) -> None:
    """Run the migrations that the file lacks, in one transaction."""
    # Only this needs alembic; every other start is spared its import.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with told_plainly(), sqlite.creator(path).begin() as connection:
        found = revision(connection)
        if found is None or found > newest():
            check(connection, path)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise SchemaMismatch(
                f"{path} holds rows that refer to nothing; it was left as it is. Restore a backup."
            )
