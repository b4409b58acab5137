"""`imapgate doctor`: whether everything is as it has to be, and what to do where it isn't."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial

import click

from imapgate.activities import erasing as crm_erasing
from imapgate.activities.linking import ALREADY, LINKED, STRANGER, UNKNOWN
from imapgate.activities.names import Mistake
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.activities.undoing import UNDONE
from imapgate.activities.wrapped_before import MADE, NAMED
from imapgate.cli import (
    doctor_accounts,
    doctor_approvals,
    doctor_mailers,
    doctor_outbox,
    doctor_places,
    doctor_queue,
    doctor_templates,
)
from imapgate.cli.options import json_option
from imapgate.cli.output import clean, print_json, progress
from imapgate.cli.place import Place
from imapgate.folders import erasing, records, remaking
from imapgate.servers.secrets import SecretKey
from imapgate.settings import Settings, SettingsError
from storage import Database, address_checks, checks, contents, revision_checks
from storage.engine import SchemaMismatch, Unavailable
from storage.occupancy import Occupied

LONG = 60 * 60
"""Seconds after which a running server has written what is due."""
SHOWN = 20
"""Faults of one check that are shown; the others are counted."""

OK, NOTICE, MENDED, PROBLEM = "ok", "notice", "mended", "problem"
VERDICTS = (records.FILED, records.REFUSED, records.LATER, records.REMOVED)
OUTCOMES = (LINKED, ALREADY, UNKNOWN, STRANGER, UNDONE, MADE, NAMED)

_RESTORE = "Stop the server and restore the newest sound backup: `imapgate restore FILE`."
_NOT_OPENED = (
    "Nothing in it was looked at. If it is damaged, restore a backup: `imapgate restore FILE`."
)
_REPORT = "This must not be: keep a copy of the database as it is now, and report it."
_IN_THE_LOG = "The log could not be emptied: what was erased lately may still stand in it."
_DROP_AGAIN = (
    "Whoever still has such a mail can drop it once more: that makes it whole. Else look into a"
    " backup (`imapgate --data ELSEWHERE restore FILE`)."
)


@dataclass(frozen=True, slots=True)
class Check:
    """What one look came to. state: ok, notice (no fault), mended or problem; found: the first
    sentences; count: of all; advice: what to do."""

    name: str
    state: str
    found: tuple[str, ...] = ()
    count: int = 0
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to look at. faults: gives a sentence for each; state: what they are."""

    name: str
    faults: Callable[[], Iterator[str]]
    advice: str
    state: str = PROBLEM


@click.command()
@click.option("--full", is_flag=True, help="Compare every index, and all that was made of mails.")
@click.option("--fix", is_flag=True, help="Make anew what can be made anew.")
@json_option
@click.pass_context
def doctor(ctx: click.Context, full: bool, fix: bool, as_json: bool) -> None:
    """Look whether everything is as it has to be.

    The server may run. Ends with exit code 1 if there is a problem; each is told with what to do.

    \b
    Example:
      imapgate doctor
      imapgate doctor --full --fix
    """
    done = []
    for check in _checks(ctx.obj, full, fix):
        done.append(check)
        if not as_json:
            _show(check)
    healthy = all(one.state != PROBLEM for one in done)
    if as_json:
        print_json({"healthy": healthy, "checks": [asdict(one) for one in done]})
    else:
        problems = sum(one.state == PROBLEM for one in done)
        click.echo()
        click.echo("Everything is as it has to be." if healthy else f"Problems: {problems}.")
    if not healthy:
        ctx.exit(1)


def _checks(place: Place, full: bool, fix: bool) -> Iterator[Check]:
    try:
        settings = place.settings()
    except SettingsError as error:
        yield Check("settings", PROBLEM, (str(error),), 1, "Put the settings right; then again.")
        return
    yield Check("settings", OK)
    for look in _of_places(settings):
        yield _look(look)
    try:
        with place.database() as db:
            for look in (
                *_of_rows(db, full),
                *_of_accounts(db, place.secret_key(), settings),
                *_of_outbox(db),
            ):
                yield _look(look)
            yield _contents(db)
            yield _ready(db, full, fix)
            yield _erased(db, fix)
    except (Mistake, SchemaMismatch, Unavailable, Occupied) as error:
        sentence = f"{str(error).rstrip('.')}."
        yield Check("database", PROBLEM, (sentence,), 1, _NOT_OPENED)


def _of_places(settings: Settings) -> Iterator[Look]:
    yield Look(
        "certificates",
        partial(doctor_places.certificates, settings),
        "See `imapgate cert --help`.",
    )
    yield Look("permissions", partial(doctor_places.permissions, settings), "")
    yield Look("disk", partial(doctor_places.disk, settings), "Make room, or move the directory.")
    yield Look(
        "spool",
        partial(doctor_places.waiting, settings),
        "The running server takes them into Recovered Messages; if they stay, its log says why.",
        NOTICE,
    )
    yield Look("left over", partial(doctor_places.left_over, settings), "", NOTICE)


def _of_rows(db: Database, full: bool) -> Iterator[Look]:
    yield Look("database file", lambda: checks.integrity(db, full), _RESTORE)
    yield Look("references", lambda: checks.references(db), _REPORT)
    yield Look("clock", lambda: doctor_places.clock(db), "Set the clock.")
    yield Look("counters", lambda: checks.counters(db), _REPORT)
    yield Look("entries", lambda: checks.entries(db), _REPORT)
    yield Look("flags", lambda: checks.modseqs(db), _REPORT)
    yield Look("links", lambda: checks.links(db), _REPORT)
    yield Look("e-mail activities", lambda: checks.email_activities(db), _REPORT)
    yield Look("contacts", lambda: address_checks.contacts(db), _REPORT)
    yield Look("activities' messages", lambda: revision_checks.rows(db, EMAIL_CLASS), _REPORT)
    yield Look(
        "messages not written",
        lambda: revision_checks.waiting(db, int(time.time()) - LONG),
        "A running server writes them; where it can't, its log says why.",
        NOTICE,
    )
    yield Look("address groups", lambda: address_checks.groups(db), _REPORT)
    yield Look(
        "drop records",
        lambda: checks.drop_records(db, VERDICTS, OUTCOMES, EMAIL_CLASS, crm_erasing.ERASED),
        _REPORT,
    )
    yield Look(
        "addresses",
        lambda: checks.shared_addresses(db),
        "Mails of such an address go to the oldest contact. If they are one person's:"
        " `imapgate contact duplicates`, `imapgate contact merge --help`.",
        NOTICE,
    )
    yield Look("templates", lambda: doctor_templates.faults(db), doctor_templates.ADVICE)


def _of_accounts(db: Database, key: SecretKey, settings: Settings) -> Iterator[Look]:
    yield Look(
        "mail accounts",
        lambda: doctor_accounts.faults(db, key),
        "`imapgate account test NAME` shows where it fails; `imapgate account edit --help`.",
    )
    yield Look("unused accounts", lambda: doctor_accounts.unused(db, key), "", NOTICE)
    yield Look(
        "mailers",
        lambda: doctor_mailers.faults(db, key, settings),
        "`imapgate mailer test NAME --to ADDRESS` shows where it fails; `imapgate mailer --help`.",
    )
    yield Look(
        "unusual mailers",
        lambda: doctor_mailers.unusual(db, key),
        "`imapgate mailer show NAME`, `imapgate mailer edit --help`.",
        NOTICE,
    )
    yield Look(
        "approvals",
        lambda: doctor_approvals.faults(db),
        "Until then only its approvers can take it: `imapgate process transition --help`.",
    )
    yield Look("queue", lambda: doctor_queue.rows(db), _REPORT)
    yield Look(
        "mail that waits",
        lambda: doctor_queue.waiting(db),
        "`imapgate incoming list` shows it, and Incoming/Failed what can be dragged onto a group.",
        NOTICE,
    )


def _of_outbox(db: Database) -> Iterator[Look]:
    yield Look("outbox", lambda: doctor_outbox.rows(db), _REPORT)
    yield Look(
        "mails not sent",
        lambda: doctor_outbox.waiting(db),
        "`imapgate outbox list` shows them; `imapgate outbox retry --help`.",
        NOTICE,
    )


def _contents(db: Database) -> Check:
    def faults() -> Iterator[str]:
        with progress("messages", contents.total(db)) as move:
            for looked in contents.check(db):
                move(looked.octets)
                yield from looked.faults

    return _look(Look("messages", faults, _DROP_AGAIN))


def _ready(db: Database, full: bool, fix: bool) -> Check:
    mended = 0

    def faults() -> Iterator[str]:
        nonlocal mended
        with progress("ready-made bytes", contents.total(db)) as move:
            for looked in remaking.check(db, full, fix):
                move(looked.octets)
                mended += looked.mended
                if looked.fault is not None:
                    yield looked.fault

    check = _look(Look("ready-made bytes", faults, "`imapgate doctor --fix` makes them anew."))
    return _after_mending(check, mended)


def _erased(db: Database, fix: bool) -> Check:
    advice = "`imapgate doctor --fix` removes them."
    check = _look(Look("erased mails", lambda: contents.leaving(db), advice))
    if not fix:
        return check
    # Also where nothing is found: the bytes that an earlier run removed may stand in the log still.
    if erasing.finish(db):
        return _after_mending(check, check.count)
    again = "Somebody was reading: run `imapgate doctor --fix` once more."
    if check.state == PROBLEM:
        return replace(check, advice=again)
    return Check(check.name, NOTICE, (_IN_THE_LOG,), 1, again)


def _after_mending(check: Check, mended: int) -> Check:
    if check.state != PROBLEM or mended < check.count:
        return check
    return Check(check.name, MENDED, check.found, check.count)


def _look(look: Look) -> Check:
    found: list[str] = []
    count = 0
    try:
        for sentence in look.faults():
            count += 1
            if count <= SHOWN:
                found.append(sentence)
    except (Unavailable, OSError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        found.append(f"It could not be looked at to its end: {cause}.")
        return Check(look.name, PROBLEM, tuple(found), count + 1, look.advice)
    if not count:
        return Check(look.name, OK)
    return Check(look.name, look.state, tuple(found), count, look.advice)


def _show(check: Check) -> None:
    click.echo(f"{check.state:<8} {check.name}")
    for sentence in check.found:
        click.echo(f"           {clean(sentence)}")
    if check.count > len(check.found):
        click.echo(f"           and {check.count - len(check.found)} more")
    if check.advice:
        click.echo(f"         > {check.advice}")


COMMANDS = (doctor,)
