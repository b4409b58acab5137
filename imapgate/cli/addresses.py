"""`imapgate addresses`: every address of the house, what it is for and where it is set."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import click

from imapgate.activities.segments import Segment, list_segments
from imapgate.cli.options import json_option
from imapgate.cli.output import print_json, print_table
from imapgate.cli.place import Place, segment_of
from imapgate.incoming import accounts
from imapgate.incoming.account import Account
from imapgate.outgoing import choosing, mailers, settings
from imapgate.outgoing.identities import FALLBACK, default_address, identity_of
from imapgate.outgoing.mailer import TO_FILE, Mailer
from storage import Tx, mail_accounts, people, used_addresses

READS, WRITES, REPLIES, TELLS, INTERCEPTS = "reads", "sends from", "replies to", "tells", "sends to"

_GLOBAL = " --global"


@dataclass(frozen=True, slots=True)
class Address:
    """use: one of the five: it is read, sent from, named for replies, told something, or reached in
    place of others. what: what for. segment: its name, None: all. set_by: the command that changes
    it."""

    address: str
    use: str
    what: str
    segment: str | None
    set_by: str


@click.command("addresses")
@click.option("--segment", metavar="NAME", help="The segment's alone, with those for all.")
@json_option
@click.pass_obj
def addresses(place: Place, segment: str | None, as_json: bool) -> None:
    """Every address that is read, sent from, replied to and told.

    With what it is for, and the command that changes it.

    \b
    Example:
      imapgate addresses
    """

    def look(tx: Tx) -> list[Address]:
        every = list_segments(tx)
        chosen = every if segment is None else [segment_of(tx, segment)]
        found = [
            one if len(every) == 1 else _named(one, of)
            for of in chosen
            for one in _of_segment(tx, of)
        ]
        everywhere = (one for one in mailers.list_mailers(tx) if one.segment_id is None)
        return [*found, *(one for mailer in everywhere for one in _of_mailer(mailer, None))]

    with place.database() as db:
        found = db.read(look)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_table(
        ("address", "imapgate", "what for", "segment", "set by"),
        ((one.address, one.use, one.what, one.segment or "(all)", one.set_by) for one in found),
        "There is no address at all.",
    )


def _of_segment(tx: Tx, segment: Segment) -> Iterator[Address]:
    for account in accounts.list_accounts(tx, segment.id):
        yield from _of_account(account, segment.name)
    yield _system(tx, segment)
    for mailer in mailers.list_mailers(tx, segment.id):
        if mailer.segment_id is not None:
            yield from _of_mailer(mailer, segment.name)
    yield from _of_users(tx, segment)
    for one in used_addresses.of_transitions(tx, segment.id):
        set_by = _command("process", "transition", one.process, one.transition)
        of = f'transition "{one.transition}" of {one.process}'
        for what, named in (
            (f"asked to approve {of}", one.approvers),
            (f"the template of {of}", one.told),
        ):
            for address in named:
                if "@" in address:
                    yield Address(address, TELLS, what, segment.name, set_by)
    for address, count in used_addresses.gateways(tx, segment.id):
        activities = "1 e-mail activity" if count == 1 else f"{count} e-mail activities"
        what = f"the gateway of {activities}: phone numbers become addresses of its domain"
        set_by = _command("activity", "recipients", "NUMBER", "--gateway", address)
        yield Address(address, TELLS, what, segment.name, set_by)
    usual = settings.value_of(tx, segment.id, settings.GATEWAY)
    if usual:
        what = "the gateway of e-mail activities that name none"
        set_by = _command("outgoing", "set", settings.GATEWAY, usual)
        yield Address(usual, TELLS, what, segment.name, set_by)


def _of_account(account: Account, segment: str) -> Iterator[Address]:
    set_by = _command("account", "edit", account.name)
    off = "" if account.active else " (switched off)"
    what = f'account "{account.name}", {account.kind}{off}'
    user = account.place.login.user
    if "@" in user:
        yield Address(user, READS, what, segment, set_by)
    for address in account.filing.plus:
        yield Address(address, READS, f"{what}: its +number counts", segment, set_by)
    replies = account.approving.reply_to or (user if account.kind == "approvals" else "")
    if "@" in replies:
        what = f'requests for approval (account "{account.name}")'
        yield Address(replies, REPLIES, what, segment, set_by)


def _system(tx: Tx, segment: Segment) -> Address:
    """What the system itself sends from, as it comes out now."""
    identity = identity_of(tx, segment.id, None)
    what = "what the system sends by itself"
    if identity.is_fallback:
        what += ": nobody can answer, and many servers refuse it"
    mailer = choosing.mailer_for(tx, segment.id, None)
    set_by = "imapgate mailer add" if mailer is None else _edit(mailer)
    return Address(identity.address, WRITES, what, segment.name, set_by)


def _of_mailer(mailer: Mailer, segment: str | None) -> Iterator[Address]:
    set_by = _edit(mailer)
    what = f'mailer "{mailer.name}"{", the default" if mailer.is_default else ""}'
    if not mailer.active:
        what += " (switched off)"
    sender = mailer.sender or FALLBACK
    yield Address(sender, WRITES, what, segment, set_by)
    if mailer.reply_to is not None:
        yield Address(mailer.reply_to, REPLIES, what, segment, set_by)
    if mailer.intercept is not None:
        where = "below DATA/intercepted" if mailer.intercept == TO_FILE else mailer.intercept
        yield Address(
            where, INTERCEPTS, f"all that goes out by {what}: it is for tests", segment, set_by
        )


def _of_users(tx: Tx, segment: Segment) -> Iterator[Address]:
    notified = used_addresses.notified(tx, segment.id)
    own = mail_accounts.of_segment(tx, segment.id)
    with_account = {one.principal_id for one in own}
    administrator_id = people.administrator(tx, segment.id)
    for user in people.principals(tx, segment.id):
        off = " (disabled)" if user.disabled else ""
        who = f"{user.name}{off}"
        written_to = default_address(tx, user.id)
        is_administrator = user.id == administrator_id
        if user.id not in with_account and user.email is not None:
            set_by = _command("user", "mail", "add", user.name, "ADDRESS")
            yield Address(user.email, WRITES, who, segment.name, set_by)
            if is_administrator:
                yield _stand_in(user.email, segment.name, set_by)
        for one in own:
            if one.principal_id != user.id:
                continue
            set_by = _command("user", "mail", "edit", user.name, one.address)
            default = ", by default" if one.is_default else ""
            reply = one.reply_address or one.address
            yield Address(reply, WRITES, f"{who}{default}", segment.name, set_by)
            if one.is_default and is_administrator:
                yield _stand_in(reply, segment.name, set_by)
            if one.reply_address is not None:
                what = f"{who}: the address that {reply} stands for"
                yield Address(one.address, WRITES, what, segment.name, set_by)
        if written_to is not None:
            whats = "notifications, " if user.id in notified else ""
            if is_administrator:
                whats += "what an administrator has to know, "
            what = f"{who}: {whats}exports, mails that were not delivered"
            set_by = _command("user", "mail", "default", user.name, "ADDRESS")
            yield Address(written_to, TELLS, what, segment.name, set_by)


def _stand_in(address: str, segment: str, set_by: str) -> Address:
    return Address(address, WRITES, "users who have no address of their own", segment, set_by)


def _edit(mailer: Mailer) -> str:
    everywhere = _GLOBAL if mailer.segment_id is None else ""
    return _command("mailer", "edit", mailer.name) + everywhere


def _named(one: Address, segment: Segment) -> Address:
    """With the segment in its command, unless that is of what is for all."""
    if one.set_by.endswith(_GLOBAL):
        return one
    return replace(one, set_by=f"{one.set_by} {shlex.join(('--segment', segment.name))}")


def _command(*words: str) -> str:
    return f"imapgate {shlex.join(words)}"


COMMANDS = (addresses,)
