"""Who may do what in a group's folder, as RFC 4314 shows it: the members of its group.

A role is all that can be given: its rights are tied together.
"""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities import groups
from imapgate.activities.groups import Group
from imapgate.activities.names import Mistake, quoted
from imapgate.activities.people import Person, Role, person
from imapgate.folders import rights
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.groups import members_changed
from imapgate.folders.listing import find
from imapgate.folders.rights import Change
from imapgate.folders.verdict import Verdict, done, refused
from storage import Tx


def set_role(tx: Tx, group: Group, login: str, role: Role) -> None:
    """Makes a user a member, or changes the role; the folder is subscribed and counted as read as
    a new member finds it. Raises Mistake."""
    member_id, new = groups.set_member(tx, group, login, role.value)
    members_changed(tx, group.id, member_id if new else None)


def end(tx: Tx, group: Group, login: str) -> None:
    """Ends a membership. Raises Mistake if there is none."""
    groups.remove_member(tx, group, login)
    members_changed(tx, group.id, lost_member=person(tx, login).id)


def administered(tx: Tx, asking: Person, name: str) -> Folder | Verdict:
    """The folder, if this person may look at its rights: a manager, and the owner of a personal
    folder. Else NO [NONEXISTENT], [NOPERM]."""
    folder = find(tx, asking, name)
    if folder is None:
        return refused("NONEXISTENT", f'There is no folder "{name}", or you may not see it.')
    if folder.kind is not Kind.PERSONAL and "a" not in folder.rights:
        return refused("NOPERM", f"You don't administer {folder.title}.")
    return folder


def rights_of_all(tx: Tx, asking: Person, folder: Folder) -> list[tuple[str, str]]:
    """(login, rights) of everybody who has some in an administered folder, by name."""
    if folder.group_id is None:
        return [(_login(asking, asking.name), folder.rights)]
    group = groups.group_by_id(tx, folder.group_id)
    return [
        (_login(asking, name), rights.in_group(Role(role), folder.takes_mail))
        for name, role in group.members
    ]


def grantable(tx: Tx, asking: Person, folder: Folder, login: str) -> Sequence[str] | Verdict:
    """The rights that a user always has in an administered folder, and the sets that can be given
    together (RFC 4314 3.7). NO [CANNOT] for who isn't a user of this segment; of a personal folder,
    which everybody has, nobody hears that."""
    user = _user(tx, asking, login)
    if folder.group_id is None:
        return [folder.rights if user == asking else ""]
    if isinstance(user, Verdict):
        return user
    return ["", *rights.tied(folder.takes_mail)]


def change(tx: Tx, asking: Person, name: str, login: str, change: Change) -> Verdict:
    """SETACL and DELETEACL (RFC 4314 3.1, 3.2): a member gets the role whose rights come out of it,
    and with none is a member no longer.

    NO [NONEXISTENT], [NOPERM]; [CANNOT] for a personal folder, for who isn't a user of this
    segment, and for rights that are no role's.
    """
    folder = administered(tx, asking, name)
    if isinstance(folder, Verdict):
        return folder
    if folder.group_id is None:
        return refused("CANNOT", f"Rights unchanged: {folder.title} is yours alone.")
    user = _user(tx, asking, login)
    if isinstance(user, Verdict):
        return user
    group = groups.group_by_id(tx, folder.group_id)
    roles = dict(group.members)
    known = roles.get(user.name)
    before = "" if known is None else rights.in_group(Role(known), folder.takes_mail)
    wanted = change.applied(before)
    if not wanted:
        if known is not None:
            end(tx, group, _login(asking, user.name))
        return done(f"{quoted(user.name)} has no rights in {folder.title}.")
    role = rights.role(wanted)
    if role is None:
        return refused(
            "CANNOT",
            "Rights unchanged: only those of a viewer (lrs), a contributor (lrswite) or a manager "
            "(lrswitea) can be given.",
        )
    set_role(tx, group, _login(asking, user.name), role)
    return done(f"{quoted(user.name)} is {role.value} of {folder.title}.")


def _user(tx: Tx, asking: Person, login: str) -> Person | Verdict:
    """Who is of another segment is told of no more than who isn't there."""
    unknown = refused(
        "CANNOT",
        f"There is no user {quoted(login)}: a user is name@Segment or an e-mail address.",
    )
    try:
        found = person(tx, login)
    except Mistake:
        return unknown
    return found if found.segment_id == asking.segment_id else unknown


def _login(of: Person, name: str) -> str:
    return f"{name}@{of.segment}"
