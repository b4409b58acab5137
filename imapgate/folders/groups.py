"""Administration that changes folders: users' homes, groups' folders, memberships, creators."""

from __future__ import annotations

from imapgate.activities.people import Person, Role
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.folders import failed, names
from imapgate.folders.activity_folders.settling import settle_group, settle_person
from imapgate.folders.folder import Kind
from storage import Tx, entries, folders, groups, revisions, runs, subscriptions, surroundings
from storage.schema import SEEN

HOME = (
    (names.INBOX, None),
    ("Drafts", "\\Drafts"),
    ("Sent", "\\Sent"),
    ("Trash", "\\Trash"),
    ("Junk", "\\Junk"),
    ("Archive", "\\Archive"),
    (names.RECOVERED, None),
)
"""(name, special use, RFC 6154) of the folders that everybody has; nobody can rename or delete
them."""


def make_home(tx: Tx, person: Person) -> None:
    """INBOX, Drafts, Sent, Trash, Junk, Archive, Recovered Messages; subscribed. Called when a
    user is added. A new administrator may decide about mail that came in."""
    for name, special_use in HOME:
        folder_id = folders.add(
            tx,
            person.segment_id,
            Kind.PERSONAL.value,
            name,
            names.key(name),
            entries.next_uidvalidity(tx),
            owner_id=person.id,
            special_use=special_use,
        )
        subscriptions.decide(tx, person.id, folder_id, True)
    failed.entitle(tx, person.segment_id)
    tx.touch_people()


def group_added(tx: Tx, group_id: int) -> None:
    """Makes the group's folder, and its heading with the segment's first group of that kind.

    Raises LookupError if there is no such group.
    """
    group = _group(tx, group_id)
    heading = names.HEADINGS[group.kind]
    taken = folders.shared_keys(tx, group.segment_id)
    if names.key(heading) not in taken:
        _add_shared(tx, group.segment_id, Kind.HEADING, heading, None)
    name = names.for_group(heading, group.name, set(taken))
    _add_shared(tx, group.segment_id, Kind.GROUP, name, group_id)
    tx.touch_people()


def group_renamed(tx: Tx, group_id: int) -> None:
    """The folder takes the new name; UIDs, UIDVALIDITY and subscriptions stay.

    Raises LookupError if there is no such group.
    """
    group = _group(tx, group_id)
    folder_id = _folder_id(tx, group_id)
    taken = folders.shared_keys(tx, group.segment_id)
    others = {key for key, other in taken.items() if other != folder_id}
    name = names.for_group(names.HEADINGS[group.kind], group.name, others)
    folders.rename(tx, folder_id, name, names.key(name))
    settle_group(tx, group_id)
    tx.touch(folder_id)
    tx.touch_people()


def group_removed(tx: Tx, group_id: int) -> None:
    """The folder and its entries go; activities and bytes stay. Call before the group's row is
    deleted.

    Raises LookupError if the group has no folder.
    """
    folders.remove(tx, _folder_id(tx, group_id))
    settle_group(tx, group_id)
    tx.touch_people()


def members_changed(
    tx: Tx, group_id: int, new_member: int | None = None, lost_member: int | None = None
) -> None:
    """After a membership or a creator changed: subscribes whoever can now drop and never decided;
    for a new member (principal id) what is older counts as seen (rule 15). new_member, and
    lost_member, whose membership ended: their folders of activities follow at once.

    The heading is subscribed with its first such folder: as an unsubscribed parent LSUB would
    show it as \\Noselect, in which Outlook loses mail. Raises LookupError if there is no such
    group.
    """
    group = _group(tx, group_id)
    folder_id = _folder_id(tx, group_id)
    if new_member is not None:
        _count_older_as_seen(tx, new_member, folder_id)
        # What activities' messages tell there is what all could see who were members then.
        revisions.mark_quietly(tx, surroundings.hidden_from(new_member, group_id))
    if group.subscribe and folders.groups_served(tx, group.segment_id, EMAIL_CLASS, group_id):
        heading_id = folders.shared_keys(tx, group.segment_id)[
            names.key(names.HEADINGS[group.kind])
        ]
        droppers = (Role.CONTRIBUTOR.value, Role.MANAGER.value)
        for shared in (folder_id, heading_id):
            for principal_id in subscriptions.undecided(tx, group_id, shared, droppers):
                subscriptions.decide(tx, principal_id, shared, True)
    for one in (new_member, lost_member):
        if one is not None:
            settle_person(tx, one)
    failed.entitle(tx, group.segment_id)
    tx.touch_people()


def _add_shared(tx: Tx, segment_id: int, kind: Kind, name: str, group_id: int | None) -> None:
    folders.add(
        tx,
        segment_id,
        kind.value,
        name,
        names.key(name),
        entries.next_uidvalidity(tx),
        group_id=group_id,
    )


def _count_older_as_seen(tx: Tx, principal_id: int, folder_id: int) -> None:
    last = folders.uidnext(tx, folder_id) - 1
    if last:
        modseq = entries.next_modseq(tx, folder_id)
        runs.write(tx, principal_id, folder_id, [(1, last)], SEEN, 0, modseq)
        subscriptions.set_recent(tx, principal_id, folder_id, last)


def _group(tx: Tx, group_id: int) -> groups.GroupRow:
    group = groups.by_id(tx, group_id)
    if group is None:
        raise LookupError(f"there is no group {group_id}")
    return group


def _folder_id(tx: Tx, group_id: int) -> int:
    found = folders.of_group(tx, group_id)
    if found is None:
        raise LookupError(f"group {group_id} has no folder")
    return found[0]
