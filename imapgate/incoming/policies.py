"""By whose word and as whom a row of the queue is filed: its account's, or what was asked for when
it was fetched by hand."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities.names import key
from imapgate.activities.people import Person
from imapgate.activities.routing import Policy, logging_person
from imapgate.folders import arriving, failed, records
from imapgate.folders.arriving import NotFiled
from imapgate.folders.deciding import Words
from imapgate.folders.marks import Marks
from imapgate.incoming.account import RETRIES, Account
from imapgate.incoming.accounts import account_by_id, effective
from imapgate.incoming.queue import Wanted
from storage import Tx, accounts, creators, incoming, people
from storage.incoming import IncomingRow
from storage.schema import ANSWERED, DRAFT, FLAGGED, SEEN

_SHARED = {"R": ANSWERED, "F": FLAGGED, "D": DRAFT}


@dataclass(frozen=True, slots=True)
class RowPolicy:
    """person: who acts. words: of an account of kind approvals. hourly: mails of one sender in an
    hour, 0: any number. marks: of its entries."""

    person: Person
    routing: Policy
    road: records.Road
    words: Words | None = None
    hourly: int = 0
    marks: Marks = Marks()  # noqa: RUF009 (a value)


def of_row(tx: Tx, row: IncomingRow) -> RowPolicy | NotFiled:
    """As its account is now; of a removed one, as the segment's defaults say."""
    if row.account_id is not None:
        return _of_account(tx, row, row.account_id)
    wanted = Wanted.from_json(row.wanted)
    creator_id = None
    if wanted.creator is not None:
        creator = creators.by_key(tx, row.segment_id, key(wanted.creator))
        if creator is None:
            return NotFiled(failed.NO_CREATOR, f'there is no creator "{wanted.creator}"')
        creator_id = creator.id
    user_id = None
    if wanted.user is not None:
        segment = people.segment_by_id(tx, row.segment_id)
        user = people.principal_by_name(tx, key(segment.name), key(wanted.user))
        if user is None:
            return NotFiled(failed.REFUSED, f'there is no user "{wanted.user}"')
        user_id = user.id
    person = logging_person(tx, row.segment_id, user_id)
    if person is None:
        return _nobody()
    # Who imports a file has it at hand, and means the numbers in it as who drops a mail does.
    stranger = "link" if wanted.command == arriving.IMPORT else "known"
    routing = Policy(
        creator_id,
        wanted.group_id,
        stranger=stranger,
        automatic=row.automatic,
        told=wanted.command != arriving.IMPORT,
    )
    road = records.Road(wanted.command, row.origin, None, "")
    return RowPolicy(person, routing, road, marks=_marks(wanted.flags))


def is_archive(tx: Tx, row_id: int) -> bool:
    """Whether a journal brought it, so that its original is to be taken out of an envelope."""
    row = incoming.by_id(tx, row_id)
    known = None if row is None or row.account_id is None else accounts.by_id(tx, row.account_id)
    return known is not None and known.kind == "archive"


def retries(tx: Tx, row: IncomingRow) -> int:
    """How often it is tried again by itself."""
    account = None if row.account_id is None else account_by_id(tx, row.account_id)
    found = RETRIES if account is None else effective(tx, account).retries
    return RETRIES if found is None else found


def _of_account(tx: Tx, row: IncomingRow, account_id: int) -> RowPolicy | NotFiled:
    known, account = accounts.by_id(tx, account_id), account_by_id(tx, account_id)
    if known is None or account is None:
        raise LookupError(f"account {account_id}")
    person = logging_person(tx, row.segment_id, known.logging_user_id)
    if person is None:
        return _nobody()
    filing = account.filing
    routing = Policy(
        creator_id=known.creator_id,
        use_linked_user=filing.use_linked_user,
        unknown_sender=filing.unknown_sender,
        stranger=filing.stranger,
        plus=own_addresses(account),
        automatic=row.automatic,
    )
    road = records.Road(arriving.INCOMING, f"account {account.name}", None, "")
    words = None
    if account.kind == "approvals":
        words = Words(account.approving.approve, account.approving.reject)
    hourly = 0 if account.kind == "archive" else filing.hourly
    return RowPolicy(person, routing, road, words, hourly)


def own_addresses(account: Account) -> tuple[str, ...]:
    """Those whose `+number` counts. Whose name is an address, has its mail there."""
    user = account.place.login.user
    return (*account.filing.plus, user) if "@" in user else account.filing.plus


def _nobody() -> NotFiled:
    return NotFiled(failed.REFUSED, "the segment has no administrator")


def _marks(letters: str) -> Marks:
    """A Maildir's flags; what was passed on or trashed there is nobody's matter here."""
    shared = sum(bit for letter, bit in _SHARED.items() if letter in letters)
    return Marks(SEEN if "S" in letters else 0, shared)
