"""`imapgate demo`: a server with users, groups and mails to try, on this machine only."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click
from rich.panel import Panel
from rich.text import Text

from imapgate.activities.names import Mistake
from imapgate.cli import demo_content
from imapgate.cli.listening import listen_options, with_ports
from imapgate.cli.making import make
from imapgate.cli.output import console
from imapgate.cli.place import Place, command_line
from imapgate.settings import Settings, is_loopback
from storage import Database
from storage.occupancy import serving

if TYPE_CHECKING:
    from imapgate.service import Ports

MADE_BY = "imapgate demo"
DIRECTORY = "imapgate-demo"
"""Of its own among the user's data, so that the demo never meets real data."""


@click.command()
@listen_options
@click.pass_obj
def demo(place: Place, host: str | None, port: int | None, tls_port: int | None) -> None:
    """Serve a demo to try imapgate with, on this machine only.

    \b
    Example:
      imapgate demo
      imapgate --data ./demo demo --port 11143 --tls-port 11993
    """
    settings = with_ports(place.settings(DIRECTORY), host, port, tls_port)
    if not is_loopback(settings.host):
        raise Mistake(
            f"The demo has passwords that everybody knows: --host is a loopback address, not "
            f'"{settings.host}".'
        )
    if not settings.database.exists():
        make(settings.database, MADE_BY, demo_content.fill)
    with serving(settings.data), closing(Database.open(settings.database)) as database:
        if database.made_by != MADE_BY:
            raise Mistake(
                f"{settings.database} is no demo's database: leave out --data, or name another "
                "directory."
            )
        # Twisted is loaded only by the commands that serve.
        from imapgate.service import serve

        serve(settings, database, lambda ports: _welcome(settings, ports))


def _welcome(settings: Settings, ports: Ports) -> None:
    own = command_line(Place(settings.data, None))
    lines = (
        ("Server", settings.host),
        ("Ports", f"{ports.plain} without encryption or with STARTTLS, {ports.tls} TLS"),
        ("Users", ", ".join(f"{name}@{demo_content.SEGMENT}" for name in demo_content.LOGINS)),
        ("Password", f"{demo_content.PASSWORD} (each)"),
        ("", ""),
        ("Try", "connect a mail client as alice@Standard, open the folder Try me, and drag"),
        ("", "  its mails onto Trackers/Support or Categories/VIP customers: filed;"),
        ("", "  one of them onto Trackers/Archive: refused, with the reason;"),
        ("", "  or onto an incident's folder below Activities/Assigned to me: filed and linked"),
        ("", ""),
        ("Data", str(settings.data)),
        ("Stop", "Ctrl+C"),
    )
    text = "\n".join(f"{label:<10}{value}".rstrip() for label, value in lines)
    if sys.stdout.isatty():
        console().print(Panel(Text(text), title="imapgate demo", expand=False, padding=(1, 2)))
    else:
        click.echo(f"imapgate demo\n\n{text}\n")
    # Outside of the panel, whose border would be pasted along.
    click.echo("Then, in another terminal:")
    click.echo(f"  {own} activity list\n  {own} activity show 10000001")
    sys.stdout.flush()
