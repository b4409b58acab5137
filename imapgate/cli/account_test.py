"""`imapgate account test`: an account is tried step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from imapgate.activities.names import Mistake
from imapgate.cli import logged
from imapgate.cli.authorizing import told_plainly
from imapgate.cli.options import json_option, reason_option, secret, segment_option
from imapgate.cli.output import print_json
from imapgate.cli.place import Place, segment_of
from imapgate.cli.stepwise import show
from imapgate.cli.trusting import agreed
from imapgate.cli.who import operator
from imapgate.incoming import accounts, probe
from imapgate.incoming.account import Account
from imapgate.incoming.mailboxes.connecting import open_source, presented
from imapgate.incoming.source import Source
from imapgate.incoming.token_holder import holder
from imapgate.incoming.trial import Probe, tried
from imapgate.outgoing import mailers, opening
from imapgate.outgoing.delivery import Deliver
from imapgate.servers.oauth.tokens import Tokens
from imapgate.servers.secrets import SecretKey
from imapgate.servers.trying import FAILED
from storage import Database, Tx, incoming

SMTP_PASSWORD_VARIABLE = "IMAPGATE_SMTP_PASSWORD"  # noqa: S105  # a name, no password


@click.command("test")
@click.argument("name")
@click.option("--trust", is_flag=True, help="Show the server's certificate, ask, and pin it.")
@click.option(
    "--send-probe",
    "smtp",
    metavar="MAILER",
    help="Send a message by a mailer, or by smtp://HOST:PORT or smtps://HOST:PORT, wait for it in "
    "the mailbox and take it away again.",
)
@click.option("--probe-to", metavar="ADDRESS", help="The mailbox's address, else the user.")
@click.option("--smtp-user", metavar="NAME", help="Who logs in at the SMTP server; else nobody.")
@click.option(
    "--smtp-password-file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help=f"Its password from the first line of FILE; else {SMTP_PASSWORD_VARIABLE} counts, else "
    "it is asked for.",
)
@reason_option
@segment_option
@json_option
@click.pass_context
def account_test(
    ctx: click.Context,
    name: str,
    trust: bool,
    smtp: str | None,
    probe_to: str | None,
    smtp_user: str | None,
    smtp_password_file: Path | None,
    reason: str,
    segment: str | None,
    as_json: bool,
) -> None:
    """Try an account step by step; exit code 1 if one fails.

    The name, the connection, the certificate, the log-in, the folder, the newest message: each
    step with what was found, or with the error and what to do. Nothing changes in the mailbox.

    \b
    Example:
      imapgate account test support
      imapgate account test support --send-probe relay
      imapgate account test support --send-probe smtp://mail.acme.example:587 --smtp-user crm
    """
    place: Place = ctx.obj
    key = place.secret_key()
    with place.database() as db:
        account = db.read(lambda tx: accounts.find_account(tx, segment_of(tx, segment).id, name))
        sending = None
        if smtp is not None:
            sending = _sending(place, db, account, smtp, smtp_user, smtp_password_file)
            address = _address(account, probe_to)
        elif probe_to or smtp_user or smtp_password_file:
            raise click.UsageError("These go with --send-probe.")
        if trust:
            account = _trusted(db, account, key, reason)
        secrets = db.read(lambda tx: accounts.secrets_of(tx, account, key))
        token = None
        if account.place.login.oauth is not None:
            token = partial(Tokens(db).token, holder(account, key))
        probing: Probe | None = None
        if sending is not None:
            reopen = partial(open_source, account.place, secrets, token=token)
            probing = partial(_probed, db, account, sending, address, reopen)
        results = []
        for result in tried(account.place, secrets, token, probing):
            results.append(result)
            if not as_json:
                show(result)
    if as_json:
        print_json({"name": account.name, "steps": [asdict(one) for one in results]})
    failed = next((one for one in results if one.state == FAILED), None)
    if failed is None:
        logged.read(account.place, "account test")
    else:
        text = failed.technical or failed.text
        logged.read(account.place, "account test", failed.step, text)
        ctx.exit(1)


def _trusted(db: Database, account: Account, key: SecretKey, reason: str) -> Account:
    """With the certificate pinned that the server shows now, if the person agrees."""
    with told_plainly():
        shown = presented(account.place)
    wanted = agreed(shown, account.place.tls.pinned)
    if not wanted:
        return account

    def work(tx: Tx) -> Account:
        return accounts.edit_account(tx, account, wanted, key, operator(), reason)

    return db.write(work)


def _sending(
    place: Place,
    db: Database,
    account: Account,
    by: str,
    user: str | None,
    password_file: Path | None,
) -> Deliver:
    """by: a URL, or a mailer's name."""
    if "://" not in by:
        if user or password_file:
            raise click.UsageError("A mailer has its own user and password.")
        mailer = db.read(lambda tx: mailers.find_mailer(tx, account.segment_id, by))
        if mailer.intercept is not None:
            raise Mistake(f'The mailer "{mailer.name}" intercepts: a probe would not arrive.')
        settings = place.settings()
        return opening.Opener(db, settings.secrets_key_file, settings.data)(mailer)
    probe.server_of(by)
    password = None
    if user is not None:
        prompt = f"Password of {user} at the SMTP server"
        password = secret(password_file, SMTP_PASSWORD_VARIABLE, "smtp password", prompt)
    return probe.server_at(by, user, password, account.place.tls, account.place.timeout)


def _address(account: Account, named: str | None) -> str:
    address = named or account.place.login.user
    if "@" not in address and account.filing.plus:
        address = account.filing.plus[0]
    if "@" not in address:
        raise Mistake("The account's user is no address: say where mail to it goes by --probe-to.")
    return address


def _probed(
    db: Database,
    account: Account,
    sending: Deliver,
    address: str,
    reopen: Callable[[], Source],
    source: Source,
) -> Iterator[str]:
    stood = probe.before(source)
    # A POP3 mailbox is open to one at a time.
    source.close()
    sent = probe.message(address)
    yield probe.send(sending, address, sent)

    def elsewhere(message_id: str) -> str | None:
        """The server may be quicker."""
        row = db.read(lambda tx: incoming.by_message_id(tx, account.id, message_id))
        return None if row is None else f"it came, and the server has taken it in ({row.state})"

    yield probe.wait_for(sent, stood, reopen, elsewhere)


COMMANDS = (account_test,)
