"""Typed values of what a client says: one class per command (RFC 3501 6 and the extensions named).

Mailbox names are str, decoded from modified UTF-7, INBOX in any case given as "INBOX". A message of
an APPEND stays as it came: bytes, or a memory map of a temporary file.
"""

from imapgate.wire.commands.acl import DeleteAcl, GetAcl, ListRights, MyRights, SetAcl
from imapgate.wire.commands.any_state import Capability, Enable, Id, Logout, Noop
from imapgate.wire.commands.append import Append, AppendMessage
from imapgate.wire.commands.command import Command, Content
from imapgate.wire.commands.fetch import BodyItem, Fetch, Item, Section
from imapgate.wire.commands.mailboxes import (
    Create,
    Delete,
    Examine,
    Idle,
    List,
    Lsub,
    Namespace,
    Rename,
    Select,
    Status,
    Subscribe,
    Unsubscribe,
)
from imapgate.wire.commands.messages import Check, Close, Copy, Expunge, Move, Store, Unselect
from imapgate.wire.commands.notify import (
    MESSAGE_EVENTS,
    Event,
    MailboxEvents,
    Notify,
    NotifyNone,
    SelectedEvents,
)
from imapgate.wire.commands.search import (
    And,
    Everything,
    HasAge,
    HasDate,
    HasFlag,
    HasSaveDate,
    HasSize,
    HasText,
    InNumbers,
    Not,
    Or,
    Returns,
    Search,
    SearchKey,
)
from imapgate.wire.commands.sign_in import Authenticate, Login, StartTls

__all__ = [
    "MESSAGE_EVENTS",
    "And",
    "Append",
    "AppendMessage",
    "Authenticate",
    "BodyItem",
    "Capability",
    "Check",
    "Close",
    "Command",
    "Content",
    "Copy",
    "Create",
    "Delete",
    "DeleteAcl",
    "Enable",
    "Event",
    "Everything",
    "Examine",
    "Expunge",
    "Fetch",
    "GetAcl",
    "HasAge",
    "HasDate",
    "HasFlag",
    "HasSaveDate",
    "HasSize",
    "HasText",
    "Id",
    "Idle",
    "InNumbers",
    "Item",
    "List",
    "ListRights",
    "Login",
    "Logout",
    "Lsub",
    "MailboxEvents",
    "Move",
    "MyRights",
    "Namespace",
    "Noop",
    "Not",
    "Notify",
    "NotifyNone",
    "Or",
    "Rename",
    "Returns",
    "Search",
    "SearchKey",
    "Section",
    "Select",
    "SelectedEvents",
    "SetAcl",
    "StartTls",
    "Status",
    "Store",
    "Subscribe",
    "Unselect",
    "Unsubscribe",
]
