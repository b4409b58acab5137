"""Setting up and serving."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imapgate.activities import segments
from imapgate.activities.names import Mistake
from imapgate.cli import demo
from imapgate.cli.listening import (
    http_option,
    listen_options,
    log_option,
    submission_options,
    with_ports,
)
from imapgate.cli.making import make
from imapgate.cli.options import password_hash, password_option
from imapgate.cli.place import Place, command_line
from imapgate.folders.groups import make_home
from storage import Tx
from storage.occupancy import serving

if TYPE_CHECKING:
    from imapgate.service import Ports

MADE_BY = "imapgate init"


@click.command()
@click.option("--segment", default="Standard", metavar="NAME", show_default=True)
@click.option("--admin", default="admin", metavar="USER", show_default=True)
@click.option("--email", metavar="ADDRESS", help="The administrator's e-mail address.")
@password_option
@click.pass_obj
def init(
    place: Place, segment: str, admin: str, email: str | None, password_file: Path | None
) -> None:
    """Make the data directory, a segment and its administrator.

    \b
    Example:
      imapgate init --segment Acme --admin anna --email anna@acme.example
    """
    settings = place.settings()
    if settings.database.exists():
        raise Mistake(f"There is already a database {settings.database}.")
    password = password_hash(password_file, admin)

    def work(tx: Tx) -> None:
        _, administrator = segments.add_segment(tx, segment, admin, email, password)
        assert administrator is not None
        make_home(tx, administrator)

    make(settings.database, MADE_BY, lambda db: db.write(work))
    own = command_line(place)
    click.echo(
        f"Made {settings.database} with segment {segment} and its administrator "
        f"{admin}@{segment}.\n\nNext:\n"
        f"  {own} group add tracker Support\n"
        f'  {own} creator add "Support E-Mails" --type E-Mail --group Support\n'
        f"  {own} member set Support {admin} manager\n\nThen start it:\n"
        f"  {own} serve\n\nAnd set a mail client up, each in the order in which its dialog asks:\n"
        f"  {own} client-setup thunderbird {admin}"
    )


@click.command()
@listen_options
@submission_options
@http_option
@log_option
@click.pass_obj
def serve(
    place: Place,
    host: str | None,
    port: int | None,
    tls_port: int | None,
    submission_port: int | None,
    submission_tls_port: int | None,
    http_port: int | None,
    log_form: str | None,
) -> None:
    """Serve until Ctrl+C or SIGTERM.

    \b
    Example:
      imapgate serve --log json
      imapgate serve --host 0.0.0.0 --port 143 --tls-port 993
      imapgate serve --submission-port 1587 --submission-tls-port 1465
    """
    settings = with_ports(
        place.settings(), host, port, tls_port, submission_port, submission_tls_port
    )
    if http_port is not None:
        settings = replace(settings, http_port=http_port)
    if log_form is not None:
        settings = replace(settings, log=log_form)
    with place.database() as database, serving(settings.data):
        if database.made_by == demo.MADE_BY:
            raise Mistake(
                f"{settings.database} is a demo's database, whose passwords everybody knows: "
                "serve it with `imapgate demo`."
            )
        # Twisted is loaded only by the commands that serve.
        from imapgate.service import serve as run

        run(settings, database, lambda ports: _listening(settings.host, ports))


def _listening(host: str, ports: Ports) -> None:
    told = f"port {ports.plain} (IMAP, STARTTLS) and port {ports.tls} (TLS)"
    if ports.http is not None:
        told += f"; port {ports.http} (HTTP, clients' configuration)"
    if ports.submission is not None:
        told += f"; port {ports.submission} (SMTP to send by, STARTTLS)"
    if ports.submission_tls is not None:
        told += f"; port {ports.submission_tls} (SMTP to send by, TLS)"
    click.echo(f"Listening on {host}: {told}.")


COMMANDS = (demo.demo, init, serve)
