"""`imapgate fetch`: a mailbox is copied once, and every message filed."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from imapgate.activities import routing
from imapgate.activities.creators import find_creator
from imapgate.activities.names import Mistake
from imapgate.activities.outcome import Refusal
from imapgate.cli.authorizing import told_plainly
from imapgate.cli.logged import reading
from imapgate.cli.options import json_option, password_option, segment_option
from imapgate.cli.output import clean, print_json, progress
from imapgate.cli.place import Place as Where
from imapgate.cli.place import segment_of
from imapgate.cli.server_options import authority_in, new_password
from imapgate.incoming import copying
from imapgate.incoming.account import PORTS, PROTOCOLS, Place
from imapgate.incoming.copying import KNOWN, NEW, Copied
from imapgate.incoming.mailboxes.connecting import open_source
from imapgate.incoming.queue import Wanted
from imapgate.incoming.settings import rules, values
from imapgate.incoming.settings.flat import BLANK, built
from imapgate.incoming.settings.values import SECURITIES
from imapgate.servers.server import Secrets
from imapgate.servers.settings.values import checked_secrets
from storage import Tx, incoming

_WORDS = {
    incoming.FILED: "filed",
    incoming.FAILED: "failed",
    incoming.HELD: "held",
    KNOWN: "there already",
    NEW: "to be fetched",
}
_SHOWN = 60
"""Characters of a subject in a line."""


@click.command()
@click.option("--protocol", required=True, type=click.Choice(PROTOCOLS), help="The server's.")
@click.option("--host", required=True, metavar="HOST", help="The mail server.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help=f"Else the protocol's: {', '.join(f'{name} {port}' for name, port in PORTS.items())}.",
)
@click.option(
    "--security", type=click.Choice(SECURITIES), help="How imap and pop3 are encrypted; none."
)
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="PEM of an authority that is trusted beside the system's.",
)
@click.option("--user", required=True, metavar="NAME", help="Who logs in.")
@password_option
@click.option("--folder", metavar="FOLDER", help="The folder, with IMAP; INBOX.")
@click.option(
    "--max", "most", type=click.IntRange(min=1), metavar="N", help="Fetch at most N new messages."
)
@click.option(
    "--creator", metavar="NAME", help="What the mails become; else the segment's default."
)
@click.option("--dry-run", is_flag=True, help="Only show what would be fetched.")
@segment_option
@json_option
@click.pass_context
def fetch(
    ctx: click.Context,
    protocol: str,
    host: str,
    port: int | None,
    security: str | None,
    ca: Path | None,
    user: str,
    password_file: Path | None,
    folder: str | None,
    most: int | None,
    creator: str | None,
    dry_run: bool,
    segment: str | None,
    as_json: bool,
) -> None:
    """Copy a mailbox once and file its messages.

    Numbers and wrapper subjects count as in any mail. Nothing changes in the mailbox. What was
    fetched before from the same mailbox isn't fetched again, so a copy that was cut short goes on
    when it is run once more. Exit code 1 if a message could not be filed.

    \b
    Example:
      imapgate fetch --protocol imaps --host mail.acme.example --user crm --password-file secret.txt
    """
    named = {"protocol": protocol, "host": host, "port": port, "security": security}
    place = _place({**named, "user": user, "folder": folder}, ca)
    where: Where = ctx.obj
    limits = where.settings().limits
    with where.database() as db:
        segment_id, wanted = db.read(lambda tx: _wanted(tx, segment, creator))
        secrets = checked_secrets(Secrets(password=new_password(password_file, user)))
        origin = copying.origin_of(segment_id, place, wanted)
        with (
            told_plainly(),
            reading(place, "fetch"),
            closing(open_source(place, secrets)) as source,
        ):
            for warning in source.warnings:
                click.echo(f"Warning: {clean(warning)}", err=True)
            go = copying.look if dry_run else copying.copy
            with _telling(as_json) as told, progress("messages", source.count()) as move:
                for n, one in enumerate(go(db, origin, source, limits, most), 1):
                    told.add(one)
                    move(n)
    if told.sums[incoming.FAILED]:
        ctx.exit(1)


class _Told:
    """What it came to, message by message and in sums."""

    def __init__(self, as_json: bool) -> None:
        self.sums: Counter[str] = Counter()
        self._as_json = as_json
        self._values: list[dict[str, Any]] = []
        # Lines would tear the bar, where both are shown.
        self._later = sys.stdout.isatty() and sys.stderr.isatty()
        self._lines: list[str] = []

    def add(self, one: Copied) -> None:
        self.sums[one.state] += 1
        if one.state == KNOWN:
            return
        if self._as_json:
            self._values.append(asdict(one))
        elif self._later:
            self._lines.append(_line(one))
        else:
            click.echo(_line(one))

    def end(self) -> None:
        """The sums."""
        if self._as_json:
            print_json({"messages": self._values, "sums": dict(self.sums)})
            return
        for line in self._lines:
            click.echo(line)
        sums = [f"{self.sums[state]} {word}" for state, word in _WORDS.items() if self.sums[state]]
        click.echo(f"Messages: {', '.join(sums) or 'none'}.")


def _line(one: Copied) -> str:
    """`filed  #10000001  A subject`, in one line."""
    what = f"#{one.number}" if one.number is not None else one.sender
    subject = " ".join(one.subject.split())
    shown = subject if len(subject) <= _SHOWN else f"{subject[: _SHOWN - 3]}..."
    why = one.text if one.state in incoming.OPEN else ""
    told = ": ".join(part for part in (f"{what}  {shown}".strip(), why) if part)
    return clean(f"{_WORDS[one.state]:<13} {told}")


@contextmanager
def _telling(as_json: bool) -> Iterator[_Told]:
    """The sums are told however it ends; what was fetched by then is in the queue."""
    told = _Told(as_json)
    try:
        yield told
    except KeyboardInterrupt:
        raise Mistake("Stopped. What was fetched is in the queue; run it again to go on.") from None
    finally:
        told.end()


def _place(wanted: dict[str, Any], ca: Path | None) -> Place:
    """As an account's settings are checked. Raises Mistake."""
    said = {name: one for name, one in wanted.items() if one is not None}
    if ca is not None:
        said["ca"] = authority_in(ca)
    now = rules.changed(BLANK, {name: values.checked(name, one) for name, one in said.items()})
    rules.check("mailbox", now)
    return built(0, 0, "", "mailbox", now).place


def _wanted(tx: Tx, segment: str | None, creator: str | None) -> tuple[int, Wanted]:
    """Raises Mistake where nothing could be filed at all."""
    segment_id = segment_of(tx, segment).id
    named = None if creator is None else find_creator(tx, segment_id, creator)
    creator_id = None if named is None else named.id
    usual = routing.place(tx, segment_id, routing.Policy(creator_id))
    if isinstance(usual, Refusal):
        hint = "Say --creator, or set a default with `imapgate segment edit`."
        raise Mistake(f"Nothing can be fetched: {usual.text}. {hint}")
    return segment_id, Wanted(creator=None if named is None else named.name)


COMMANDS = (fetch,)
