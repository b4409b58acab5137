"""One small module per command family; `COMMANDS` is all that works."""

from __future__ import annotations

from imapgate.session import telling
from imapgate.session.commands import (
    any_state,
    append,
    compress,
    copy_move,
    expunge,
    fetch,
    folders,
    idle,
    listing,
    metadata,
    notify,
    quota,
    replace,
    rights,
    search,
    selecting,
    sign_in,
    sorting,
    status,
    store,
)
from imapgate.session.registry import Extensions, Offer
from imapgate.wire.commands import Command

COMMANDS: dict[type[Command], Offer] = {
    offer.kind: offer
    for family in (
        any_state,
        compress,
        sign_in,
        selecting,
        folders,
        listing,
        status,
        rights,
        quota,
        metadata,
        append,
        idle,
        expunge,
        copy_move,
        store,
        fetch,
        search,
        sorting,
        notify,
        replace,
    )
    for offer in family.OFFERS
}
EXTENSIONS = Extensions(
    capabilities=(
        *(name for offer in COMMANDS.values() for name in offer.capabilities),
        "INPROGRESS",
        "UTF8=ACCEPT",
        "OBJECTID",
        "PREVIEW",
        *telling.CAPABILITIES,
    ),
    enables={"IMAP4rev2": (), "UTF8=ACCEPT": (), **telling.ENABLES},
)
"""What they bring. An extension without a command of its own adds its module's names here."""
