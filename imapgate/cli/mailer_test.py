"""`imapgate mailer test`: a mail goes out, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial

import click

from imapgate.activities.names import Mistake
from imapgate.cli import logged
from imapgate.cli.authorizing import told_plainly
from imapgate.cli.mailer_options import scope_of, scope_options
from imapgate.cli.mailer_show import warn
from imapgate.cli.options import json_option, reason_option
from imapgate.cli.output import print_json
from imapgate.cli.place import Place
from imapgate.cli.stepwise import show
from imapgate.cli.trusting import agreed
from imapgate.cli.who import operator
from imapgate.outgoing import mailers, opening, trial
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.smtp.connecting import presented
from imapgate.outgoing.standing import Standing, standing
from imapgate.outgoing.trial import Trial
from imapgate.servers import trying
from imapgate.servers.oauth.tokens import Holder, Tokens
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from imapgate.servers.trying import FAILED, OK, WARNING
from storage import Database, Tx
from storage import mailers as rows


@click.command("test")
@click.argument("name")
@click.option("--trust", is_flag=True, help="Show the server's certificate, ask, and pin it.")
@click.option("--to", metavar="ADDRESS", multiple=True, help="Whom it is for; may be repeated.")
@click.option("--cc", metavar="ADDRESS", multiple=True, help="Who gets a copy.")
@click.option("--bcc", metavar="ADDRESS", multiple=True, help="Who gets a copy unseen.")
@click.option("--subject", metavar="TEXT", help="Else the template's.")
@click.option("--text", metavar="TEXT", help="Else the template's.")
@reason_option
@scope_options
@json_option
@click.pass_context
def mailer_test(
    ctx: click.Context,
    name: str,
    trust: bool,
    to: tuple[str, ...],
    cc: tuple[str, ...],
    bcc: tuple[str, ...],
    subject: str | None,
    text: str | None,
    reason: str,
    segment: str | None,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Send a mail by a mailer, step by step; exit code 1 if one fails.

    The name, the connection, the certificate, the log-in, sender, recipients and text: each step
    with what the server answered, or with the error and what to do. The words come from the
    template `test`, unless they are given. The mail is real, and goes out at once, beside the
    outbox.

    \b
    Example:
      imapgate mailer test relay --to anna@acme.example
      imapgate mailer test relay --trust
    """
    if not (trust or to or cc or bcc):
        raise click.UsageError("Say whom it is for, with --to.")
    place: Place = ctx.obj
    key = place.secret_key()
    with place.database() as db:
        if trust:
            _trust(
                db, partial(_found, segment=segment, everywhere=everywhere, name=name), key, reason
            )
            if not (to or cc or bcc):
                return

        def look(tx: Tx) -> tuple[Standing, Secrets, Trial, Holder | None]:
            mailer = _found(tx, segment, everywhere, name)
            oauth = None if mailer.relay is None else mailer.relay.login.oauth
            return (
                standing(tx, mailer, key),
                mailers.secrets_of(tx, mailer, key),
                trial.compose(tx, mailer, to, cc, bcc, subject, text),
                None if oauth is None else mailers.holder(tx, mailer, key),
            )

        found, secrets, mail, held = db.read(look)
        mailer = found.mailer
        # Its warnings stand before the mail goes out.
        warn(found)
        token = None if held is None else partial(Tokens(db).token, held)
        intercepted = place.settings().data / opening.INTERCEPTED
        results = []
        for result in trial.tried(mailer, secrets, mail, token, intercepted):
            results.append(result)
            if not as_json:
                show(result, len("recipients"))
        failed = [one for one in results if one.state == FAILED]
        _keep(db, mailer, results)
        logged.tried(mailer, failed[0].step if failed else None, failed[0].text if failed else "")
    if as_json:
        warnings = [*found.warnings, *((found.lacking,) if found.lacking else ())]
        steps = [asdict(one) for one in results]
        print_json({"name": mailer.name, "warnings": warnings, "steps": steps})
    elif not failed:
        click.echo(_sentence(mailer, uncertain=any(one.state == WARNING for one in results)))
    if failed:
        ctx.exit(1)


def _found(tx: Tx, segment: str | None, everywhere: bool, name: str) -> Mailer:
    return mailers.find_mailer(tx, scope_of(tx, segment, everywhere), name)


def _trust(db: Database, find: Callable[[Tx], Mailer], key: SecretKey, reason: str) -> None:
    """Pins the certificate that the server shows now, if the person agrees."""
    relay = db.read(find).relay
    if relay is None:
        raise Mistake("sendmail shows no certificate.")
    with told_plainly():
        shown = presented(relay)
    wanted = agreed(shown, relay.tls.pinned)
    if wanted:
        db.write(lambda tx: mailers.edit_mailer(tx, find(tx), wanted, key, operator(), reason))


def _sentence(mailer: Mailer, uncertain: bool) -> str:
    if mailer.intercept is not None:
        return "Intercepted: it did not go to whom it is for."
    if uncertain:
        return "It went out; look at the warnings."
    return "The server took it over: look whether it arrives."


def _keep(db: Database, mailer: Mailer, results: Sequence[trying.Result]) -> None:
    """How the mailer fares; that a recipient is refused says nothing of it."""
    failed = [one for one in results if one.state == FAILED and one.step != trial.RECIPIENT]

    def work(tx: Tx) -> None:
        if failed:
            rows.failed(tx, mailer.id, f"{failed[0].text} {failed[0].technical}".strip())
        elif any(one.state == OK and one.step == trial.RECIPIENT for one in results):
            rows.succeeded(tx, mailer.id)

    db.write(work)


COMMANDS = (mailer_test,)
