"""`imapgate mailer`: by what mail goes out. Its commands stand in modules of their own."""

from __future__ import annotations

import click

from imapgate.cli import mailer_authorize, mailer_edit, mailer_show, mailer_test


@click.group()
def mailer() -> None:
    """Mailers, by which mail goes out.

    \b
    Example:
      imapgate mailer list
    """


for command in (
    *mailer_show.COMMANDS,
    *mailer_edit.COMMANDS,
    *mailer_authorize.COMMANDS,
    *mailer_test.COMMANDS,
):
    mailer.add_command(command)

COMMANDS = (mailer,)
