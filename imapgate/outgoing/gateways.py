"""Who gets an e-mail activity: address groups flattened, phone numbers as addresses at a fax or SMS
gateway."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities import phones
from imapgate.activities.address_groups import MOST_MEMBERS
from imapgate.activities.names import Mistake, checked_email, key, quoted
from imapgate.mime.writing import Unwritable, ascii_address
from imapgate.outgoing import settings
from imapgate.outgoing.outbox import MOST_RECIPIENTS
from storage import Tx, activities, address_groups, addresses, emails

KINDS = ("to", "cc", "bcc")
"""Recipients that it is sent to, in this order."""


@dataclass(frozen=True, slots=True)
class Reached:
    """kind: to, cc, bcc. address: as mime.writing.ascii_address gives it. name: to be shown beside
    it, may be empty."""

    kind: str
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """shown: the address, number or group as it was named. text: why nothing is sent there, one
    plain sentence for the activity's record."""

    kind: str
    shown: str
    text: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """recipients: each address once, under the first of its kinds, at most MOST_RECIPIENTS."""

    recipients: tuple[Reached, ...]
    unreachable: tuple[Unreachable, ...]


def address_at(gateway: str, number: str) -> str:
    """The address at the gateway's domain that reaches a phone number: digits and letters only, the
    latter as capitals, a leading `+` becomes `_`. `+41 (44) 111-2233` by the gateway
    `noreply@fax-gateway.example.org` is `_41441112233@fax-gateway.example.org`.

    Raises Mistake: the gateway is no e-mail address, or the number has neither digit nor letter."""
    domain = checked_email(gateway).rpartition("@")[2]
    signs = phones.signs(number)
    if not signs:
        raise Mistake(f"{quoted(number)} is no phone number.")
    plus = "_" if number.strip().startswith("+") else ""
    return f"{plus}{signs}@{domain}"


def resolve(tx: Tx, activity_id: int) -> Resolved:
    """Who gets the activity, and whom nothing reaches: a number where neither the activity nor its
    segment names a gateway, an address that is none, a group without members. One that isn't
    reached never stops the others."""
    email = emails.of_activity(tx, activity_id)
    gateway = None if email is None else email.gateway
    if gateway is None:
        segment_id = activities.by_id(tx, activity_id).segment_id
        gateway = settings.value_of(tx, segment_id, settings.GATEWAY) or None
    finding = _Finding(tx, gateway)
    named = [one for one in emails.recipients(tx, activity_id) if one.kind in KINDS]
    groups = address_groups.as_recipients(tx, activity_id)
    for kind in KINDS:
        for one in named:
            if one.kind == kind:
                finding.add(kind, one.address, one.address_kind, one.display_name, one.contact_id)
        for group_kind, group in groups:
            if group_kind == kind:
                finding.add_group(kind, group)
    return finding.resolved()


class _Finding:
    """One walk over an activity's recipients."""

    def __init__(self, tx: Tx, gateway: str | None) -> None:
        self._tx = tx
        self._gateway = gateway
        self._reached: dict[str, Reached] = {}
        self._unreachable: dict[tuple[str, str], Unreachable] = {}
        self._left_out = 0

    def resolved(self) -> Resolved:
        missed = list(self._unreachable.values())
        if self._left_out:
            text = (
                f"There are more than {MOST_RECIPIENTS} recipients: nothing was sent to the last "
                f"{self._left_out}."
            )
            missed.append(Unreachable("to", f"{self._left_out} recipients", text))
        return Resolved(tuple(self._reached.values()), tuple(missed))

    def add_group(self, kind: str, group: address_groups.GroupRow) -> None:
        members = address_groups.members(self._tx, group.id, MOST_MEMBERS)
        if not members:
            self._miss(kind, group.name, f"Address group {quoted(group.name)} has no members.")
        for one in members:
            self.add(kind, one.address, one.kind, one.contact, one.contact_id)

    def add(self, kind: str, address: str, address_kind: str, name: str, contact_id: int) -> None:
        if address_kind == phones.KIND:
            if self._gateway is None:
                text = f"{quoted(address)} is a phone number, and no gateway is named."
                self._miss(kind, address, text)
                return
            reached = address_at(self._gateway, address)
        else:
            found = address
            if "@" not in address:
                # What Exchange calls its users among themselves stands beside an address.
                found = addresses.mailbox_of(self._tx, contact_id) or address
            try:
                reached = ascii_address(found)
            except Unwritable as error:
                self._miss(kind, address, str(error))
                return
        if key(reached) in self._reached:
            return
        if len(self._reached) >= MOST_RECIPIENTS:
            self._left_out += 1
            return
        shown = "" if key(name) == key(reached) else name
        self._reached[key(reached)] = Reached(kind, reached, shown)

    def _miss(self, kind: str, shown: str, text: str) -> None:
        self._unreachable.setdefault((kind, key(shown)), Unreachable(kind, shown, text))
