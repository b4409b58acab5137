"""Why a drop comes to nothing, and what the answer says became of the mail (rule 2)."""

from __future__ import annotations

from imapgate.activities.filing import Cause, Refusal
from imapgate.activities.people import Person
from imapgate.folders import incidents, names, recovered
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.listing import find
from imapgate.folders.personal import could_create
from imapgate.folders.verdict import plain
from imapgate.limits import Limits
from storage import Tx

STAYS = "Your mail stays where it was."
A_COPY = "Your mail stays where it was; a copy is in Recovered Messages."
NO_COPY = "Your mail stays where it was; no copy was kept."
NO_ROOM = "Your mail stays where it was; Recovered Messages is full, no copy was kept."

IN_SPOOL = "Your mail stays where it was; a copy is kept and comes to Recovered Messages."
LATER = "Your mail stays where it was; try again later."
NO_COPY_LATER = "Your mail stays where it was, no copy was kept; try again later."
MANY_ATTACHED = "the wrapper has too many attached messages, send fewer at a time"


class Refused(Exception):
    """Ends a drop's transaction, so that nothing of it is kept. A value for the inside of this
    room: drops turns it into a Verdict.

    code: response code. cause: a clause without full stop. reason: the keyword of the copy in
    Recovered Messages. verb: what didn't happen.
    """

    def __init__(
        self, code: str, cause: str, reason: str = recovered.REFUSED, verb: str = "filed"
    ) -> None:
        super().__init__(cause)
        self.code = code
        self.cause = cause
        self.reason = reason
        self.verb = verb

    def text(self, became: str) -> str:
        """became: one of the sentences above."""
        return plain(f"Not {self.verb}: {self.cause}", f". {became}")


def by_activities(refusal: Refusal) -> Refused:
    """The code for why activities files nothing."""
    match refusal.cause:
        case Cause.NO_CREATOR:
            return Refused("CANNOT", refusal.text, recovered.NO_CREATOR)
        case Cause.NO_RIGHT:
            return Refused("NOPERM", refusal.text, recovered.NO_RIGHT)
        case Cause.UNKNOWN_NAME | Cause.UNKNOWN_NUMBER | Cause.NO_MESSAGE:
            return Refused("CANNOT", refusal.text)


def by_rights(folder: Folder) -> None:
    """Raises Refused for a group into which this person can't drop an ordinary mail."""
    if "i" in folder.rights:
        return
    if "e" in folder.rights and folder.kind is Kind.ACTIVITY:
        text = f"{folder.title} is in no group that takes mail"
        raise Refused("CANNOT", text, recovered.NO_CREATOR)
    if "e" in folder.rights:
        raise Refused("CANNOT", f"{folder.title} has no e-mail creator", recovered.NO_CREATOR)
    raise Refused("NOPERM", f"you may not add mail to {folder.title}", recovered.NO_RIGHT)


def target(tx: Tx, person: Person, name: str, limits: Limits, taken_out: bool = False) -> Folder:
    """The folder of that name, if anything at all can be put into it; a group's rights and
    creator are looked at with each message, since a wrapper may name another group. taken_out: of
    a group or an activity, by MOVE, which may go to Recovered Messages.

    Raises Refused: [TRYCREATE] only for a name that this person could CREATE, else [NONEXISTENT];
    [CANNOT] for a heading and for what only the server fills.
    """
    folder = find(tx, person, name)
    if folder is None:
        wanted = names.normal(name)
        code = "TRYCREATE" if could_create(tx, person, wanted, limits) else "NONEXISTENT"
        raise Refused(code, f'there is no folder "{wanted}"', recovered.NO_FOLDER)
    if folder.kind is Kind.HEADING:
        raise Refused("CANNOT", f'"{folder.name}" is a heading that takes no mail')
    if folder.filled and not (folder.recovered and taken_out):
        raise Refused("CANNOT", f"{folder.name} is filled by the server only")
    return folder


def away(verb: str = "filed") -> Refused:
    """Rule 17."""
    return Refused("UNAVAILABLE", "the database is away", recovered.FAILED, verb)


def too_big(limits: Limits) -> Refused:
    mib = limits.message / (1024 * 1024)
    return Refused("TOOBIG", f"the message is larger than {mib:g} MB")


def too_many(limits: Limits) -> Refused:
    return Refused("LIMIT", f"at most {limits.drop_messages:,} messages at a time go into a group")


def too_many_attached() -> Refused:
    """A wrapper whose last messages can't be told apart (mime.index.PARTS)."""
    return Refused("LIMIT", MANY_ATTACHED)


def not_understood(cause: str) -> Refused:
    """An APPEND whose syntax is wrong, though its messages could be read (RFC 5530 CLIENTBUG)."""
    return Refused("CLIENTBUG", f"{cause[:1].lower()}{cause[1:]}")


def too_many_copied(limits: Limits, verb: str) -> Refused:
    return Refused("LIMIT", f"at most {limits.copy_messages:,} messages at a time", verb=verb)


def same_folder(folder: Folder, verb: str) -> Refused:
    """Rule 7."""
    return Refused("CANNOT", f"the mail is in {folder.title} already", verb=verb)


def may_not_go(folder: Folder, verb: str = "moved") -> Refused:
    """Rule 16: MOVE or REPLACE of a message that may not leave its group."""
    return Refused("NOPERM", f"you may not take this mail out of {folder.title}", verb=verb)


def activity_may_not_go(folder: Folder) -> Refused:
    """MOVE of an activity's message to another group's folder."""
    cause = f"only a manager may take an activity out of {folder.title}; you can copy it"
    return Refused("NOPERM", cause, verb="moved")


def incident(error: Exception, word: str, verb: str = "filed") -> Refused:
    """Reports an error of ours, and says so. word: the command."""
    number = incidents.report(error, word)
    if isinstance(error, OSError):
        cause = "the server can't use its temporary files just now"
        return Refused("UNAVAILABLE", cause, recovered.FAILED, verb)
    return Refused("SERVERBUG", f"an error of ours, incident {number}", recovered.FAILED, verb)
