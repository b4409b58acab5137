"""Which transitions send a mail by a template, and to whom."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.names import Mistake, checked_email, key
from imapgate.activities.processes import find_process
from imapgate.mime.writing import Unwritable, ascii_address
from storage import Tx, settings_history
from storage import processes as rows

REPORTING_CONTACT = "reporting contact"
ASSIGNED_TO = "assigned to"
WHO = (REPORTING_CONTACT, ASSIGNED_TO)
"""Beside addresses, to whom a transition's template goes."""
MOST_RECIPIENTS = 20


def send_template(
    tx: Tx,
    segment_id: int,
    process: str,
    transition: str,
    template: str | None,
    to: Sequence[str],
    who: str,
    reason: str = "",
) -> None:
    """What a transition sends, from whatever state it starts. template: a name that the caller has
    found fit; None: it sends nothing from now on. to: WHO and addresses; empty: the reporting
    contact. who: for the settings history. Case ignored. Raises Mistake."""
    process_id, process_name = find_process(tx, segment_id, process)
    steps = rows.transitions(tx, process_id)
    chosen = [one for one in steps if key(one.name) == key(transition)]
    if not chosen:
        names = ", ".join(dict.fromkeys(one.name for one in steps))
        raise Mistake(f'Process "{process_name}" has no transition "{transition}": {names}.')
    wanted = _recipients(to) if template is not None else []
    for one in chosen:
        changes = settings_history.differences(
            {"template": one.template, "template_to": list(one.template_to)},
            {"template": template, "template_to": wanted},
        )
        if changes:
            rows.send_template(tx, one.id, template, wanted)
            subject = f"process {process_name}: {one.name}"
            settings_history.record(tx, segment_id, who, subject, changes, reason)


def _recipients(to: Sequence[str]) -> list[str]:
    kept: dict[str, str] = {}
    for one in to or (REPORTING_CONTACT,):
        word = " ".join(key(one).split())
        kept[word] = word if word in WHO else _address(one)
    if len(kept) > MOST_RECIPIENTS:
        raise Mistake(f"A template goes to at most {MOST_RECIPIENTS} recipients.")
    return list(kept.values())


def _address(text: str) -> str:
    try:
        address = checked_email(text)
    except Mistake:
        words = ", ".join(f'"{one}"' for one in WHO)
        raise Mistake(f'"{text}" is neither {words} nor an e-mail address.') from None
    try:
        ascii_address(address)
    except Unwritable as unwritable:
        raise Mistake(str(unwritable)) from None
    return address
