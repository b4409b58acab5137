"""What `imapgate doctor` looks at of mailers."""

from __future__ import annotations

from collections.abc import Iterator

from imapgate.activities.segments import list_segments
from imapgate.cli.doctor_accounts import KEEPS_FAILING
from imapgate.incoming import accounts
from imapgate.outgoing.choosing import mailer_for
from imapgate.outgoing.identities import FALLBACK, identity_of
from imapgate.outgoing.mailer import TO_FILE
from imapgate.outgoing.standing import Standing, standings
from imapgate.servers.secrets import SecretKey
from imapgate.settings import Settings
from storage import Database, Tx, used_addresses


def faults(db: Database, key: SecretKey, settings: Settings) -> Iterator[str]:
    """A sentence for each mailer by which nothing can go out, and each segment that has none and
    needs one."""
    for one in db.read(lambda tx: standings(tx, None, key)):
        if not one.mailer.active:
            continue
        if one.lacking is not None:
            yield f"{_called(one)}: {one.lacking}"
        if one.state.failures >= KEEPS_FAILING:
            yield (
                f"{_called(one)} failed {one.state.failures} times in a row: "
                f"{_bare(one.state.error)}."
            )
    submits = (settings.submission_port, settings.submission_tls_port) != (None, None)
    yield from db.read(lambda tx: _without(tx, submits))


def unusual(db: Database, key: SecretKey) -> Iterator[str]:
    """A sentence for each mailer that isn't as it is in daily use, and each segment whose mail is
    From an address that nobody can answer: no fault."""
    for one in db.read(lambda tx: standings(tx, None, key)):
        if not one.mailer.active:
            yield f"{_called(one)} is switched off: what is to go out by it waits."
            continue
        if one.mailer.intercept is not None:
            to_file = one.mailer.intercept == TO_FILE
            where = "into files" if to_file else f"to {one.mailer.intercept}"
            yield f"{_called(one)} is for tests: all that goes out by it goes {where}."
        if 0 < one.state.failures < KEEPS_FAILING:
            yield f"{_called(one)} failed lately: {_bare(one.state.error)}."
    yield from db.read(_fallbacks)


def _without(tx: Tx, submits: bool) -> list[str]:
    """submits: users' mail clients may send through imapgate."""
    found = []
    for segment in list_segments(tx):
        if mailer_for(tx, segment.id, None) is not None:
            continue
        needs = []
        if any(
            one.active and one.kind == "approvals" for one in accounts.list_accounts(tx, segment.id)
        ):
            needs.append("has an account for approvals")
        if used_addresses.notified(tx, segment.id):
            needs.append("has users who want to be told by mail")
        if submits:
            needs.append("has users who may send through imapgate")
        if needs:
            found.append(f"{segment.name} {' and '.join(needs)}, and no mailer.")
    return found


def _fallbacks(tx: Tx) -> list[str]:
    """Where there is a mailer."""
    return [
        f"What the system sends for {one.name} is From {FALLBACK}, which nobody can answer."
        for one in list_segments(tx)
        if mailer_for(tx, one.id, None) is not None and identity_of(tx, one.id, None).is_fallback
    ]


def _called(one: Standing) -> str:
    of = "of all segments" if one.segment is None else f"of {one.segment}"
    return f'Mailer "{one.mailer.name}" {of}'


def _bare(sentence: str | None) -> str:
    return (sentence or "it isn't known why").rstrip(".")
