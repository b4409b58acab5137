"""The `imapgate` command: options that stand before every command, and how a refusal is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from imapgate import __version__
from imapgate.activities.names import Mistake
from imapgate.cli import (
    account,
    activities,
    address_groups,
    addresses,
    approvals,
    backup,
    cert,
    client_setup,
    contacts,
    creators,
    doctor,
    drops,
    export,
    fetch,
    groups,
    import_,
    incoming,
    log,
    mailer,
    notify,
    outbox,
    outgoing,
    people,
    processes,
    segments,
    serve,
    template,
    trace,
)
from imapgate.cli.logged import logged
from imapgate.cli.output import clean
from imapgate.cli.place import Place
from imapgate.settings import SettingsError
from storage.engine import SchemaMismatch, Unavailable
from storage.occupancy import Occupied


class Refused(click.ClickException):
    """Exit code 1 and one plain sentence on the standard error."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        click.echo(clean(self.format_message()), file=file, err=file is None)


class Commands(click.Group):
    """Tells what a person can put right as a sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Mistake, SettingsError, SchemaMismatch, Occupied) as error:
            raise Refused(str(error)) from error
        except Unavailable as error:
            raise Refused(f"The database can't be used just now: {error}.") from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data directory (its imapgate.toml holds the settings, if it is there).",
)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The settings, wherever they are.",
)
@click.version_option(__version__, prog_name="imapgate")
@click.pass_context
def imapgate(ctx: click.Context, data: Path | None, config: Path | None) -> None:
    """A local IMAP server in front of a CRM's activities.

    \b
    Example:
      imapgate demo
      imapgate --data /srv/imapgate user list
    """
    if data is not None and config is not None:
        raise click.UsageError("--data and --config exclude each other.")
    ctx.obj = Place(data, config)
    ctx.with_resource(logged(ctx.obj))


for command in (
    *serve.COMMANDS,
    *backup.COMMANDS,
    *doctor.COMMANDS,
    *segments.COMMANDS,
    *people.COMMANDS,
    *contacts.COMMANDS,
    *address_groups.COMMANDS,
    *groups.COMMANDS,
    *creators.COMMANDS,
    *processes.COMMANDS,
    *account.COMMANDS,
    *mailer.COMMANDS,
    *addresses.COMMANDS,
    *notify.COMMANDS,
    *activities.COMMANDS,
    *approvals.COMMANDS,
    *import_.COMMANDS,
    *export.COMMANDS,
    *drops.COMMANDS,
    *incoming.COMMANDS,
    *fetch.COMMANDS,
    *cert.COMMANDS,
    *client_setup.COMMANDS,
    *trace.COMMANDS,
    *log.COMMANDS,
    *outbox.COMMANDS,
    *outgoing.COMMANDS,
    *template.COMMANDS,
):
    imapgate.add_command(command)


def main() -> None:
    """The entry point. Exit codes: 0 done, 1 refused, 2 wrong usage."""
    imapgate(prog_name="imapgate")
