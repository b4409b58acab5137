"""`imapgate account`: mailboxes that are read. Its commands stand in modules of their own."""

from __future__ import annotations

import click

from imapgate.cli import account_authorize, account_edit, account_show, account_test


@click.group()
def account() -> None:
    """Mail accounts that are read, and what becomes of their mails.

    \b
    Example:
      imapgate account list
    """


for command in (
    *account_show.COMMANDS,
    *account_edit.COMMANDS,
    *account_authorize.COMMANDS,
    *account_test.COMMANDS,
):
    account.add_command(command)

COMMANDS = (account,)
