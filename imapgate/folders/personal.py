"""CREATE, RENAME and DELETE: only a person's own folders can be made and changed (rule 13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from imapgate.activities.people import Person
from imapgate.folders import copies, names, object_ids, recovered
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.groups import HOME
from imapgate.folders.listing import find
from imapgate.folders.verdict import Verdict, done, refused
from imapgate.limits import Limits
from storage import Tx, annotating, entries, folders, standing, subscriptions

_FIXED = frozenset((names.FAILED_KEY, *(names.key(name) for name, _ in HOME)))


def create(tx: Tx, person: Person, name: str, limits: Limits, uses: Sequence[str] = ()) -> Verdict:
    """With missing parents (RFC 3501 6.3.3). uses: special uses that it is made for (RFC 6154 3).
    Done: [MAILBOXID] (RFC 8474 4.1).

    NO [ALREADYEXISTS], [CANNOT] for a name that can't be (below a heading too), [LIMIT],
    [USEATTR] for more than one use, for one that isn't among those of a home, or that a folder has.
    """
    wanted = _as_parents_are_spelled(tx, person, names.normal(name), limits)
    if find(tx, person, wanted) is not None:
        return refused("ALREADYEXISTS", f'There is already a folder "{wanted}".')
    cause = cannot_be(wanted, limits)
    if cause is not None:
        return cause
    use = _free_use(tx, person, uses) if uses else None
    if isinstance(use, Verdict):
        return use
    if not _make(tx, person, wanted, limits, use):
        return _too_many(limits)
    made = find(tx, person, wanted)
    assert made is not None
    return replace(done("Folder made."), code=object_ids.code(made.uidvalidity))


def rename(tx: Tx, person: Person, name: str, new_name: str, limits: Limits) -> Verdict:
    """With its children; UIDs and UIDVALIDITY stay. INBOX gives its messages to the new folder and
    stays (RFC 3501 6.3.5). Missing parents of the new name are made.

    NO [NONEXISTENT], [ALREADYEXISTS], [CANNOT] for what everybody has or a name that can't be,
    [NOPERM] for group folders, [LIMIT].
    """
    folder = find(tx, person, name)
    if folder is None:
        return refused("NONEXISTENT", f'There is no folder "{name}".')
    wanted = _as_parents_are_spelled(tx, person, names.normal(new_name), limits)
    inbox = folder.kind is Kind.PERSONAL and folder.name == names.INBOX
    if not inbox and (cause := _fixed(folder, "renamed")) is not None:
        return cause
    found = find(tx, person, wanted)
    if found is not None and (found.id != folder.id or inbox):
        return refused("ALREADYEXISTS", f'There is already a folder "{wanted}".')
    if (cause := cannot_be(wanted, limits)) is not None:
        return cause
    return (
        _empty_inbox(tx, person, folder, wanted, limits)
        if inbox
        else _rename(tx, person, folder, wanted, limits)
    )


def delete(tx: Tx, person: Person, name: str) -> Verdict:
    """NO [HASCHILDREN] for a folder with children: there is no \\Noselect here.

    NO [NONEXISTENT], [CANNOT] for what everybody has, [NOPERM] for group folders. A mail whose
    COPY or MOVE was refused lately is kept in Recovered Messages (rule 3).
    """
    folder = find(tx, person, name)
    if folder is None:
        return refused("NONEXISTENT", f'There is no folder "{name}".')
    if (cause := _fixed(folder, "deleted")) is not None:
        return cause
    if folder.has_children:
        return refused("HASCHILDREN", f'Not deleted: "{folder.name}" has subfolders.')
    gone = dict.fromkeys(standing.stored_messages(tx, folder.id), tx.now)
    recovered.keep_if_refused(tx, person, gone, folder.id)
    if folder.subscribed:
        subscriptions.lose(tx, person.id, folder.name, names.key(folder.name))
    folders.remove(tx, folder.id)
    tx.touch_people()
    return done("Folder deleted.")


def cannot_be(name: str, limits: Limits) -> Verdict | None:
    """Why this person can't make a personal folder of this name (as `names.normal` gives it);
    None if nothing but a missing folder stands against it."""
    clause = names.check(name, limits.folder_name)
    if clause is None:
        return None
    return refused("CANNOT", f"Not possible: {clause}.")


def _fixed(folder: Folder, done_to_it: str) -> Verdict | None:
    if folder.kind is Kind.HEADING:
        return refused("CANNOT", f'"{folder.name}" is a heading and can\'t be {done_to_it}.')
    if folder.kind is Kind.GROUP:
        return refused(
            "NOPERM", f"The folder of {folder.title} can't be {done_to_it} by a mail client."
        )
    if folder.kind is Kind.ACTIVITY:
        return refused(
            "NOPERM",
            f"The folder of {folder.title} can't be {done_to_it}: it has the activity's name, and "
            "goes when the activity is closed.",
        )
    if names.key(folder.name) in _FIXED:
        return refused("CANNOT", f'"{folder.name}" can\'t be {done_to_it}.')
    return None


def _free_use(tx: Tx, person: Person, uses: Sequence[str]) -> str | Verdict:
    """As it is stored. Two folders for one use would leave it open where a client puts mail."""
    if len(uses) > 1:
        return refused("USEATTR", "Not possible: a folder has at most one special use here.")
    known = {use.casefold(): use for _, use in HOME if use is not None}
    use = known.get(uses[0].casefold())
    if use is None:
        return refused("USEATTR", f"Not possible: {uses[0]} is no special use here.")
    taken = folders.own_with_use(tx, person.id, use)
    if taken is not None:
        return refused("USEATTR", f'Not possible: "{taken}" is the folder for {use[1:]} already.')
    return use


def _too_many(limits: Limits) -> Verdict:
    return refused("LIMIT", f"Not possible: you can have at most {limits.folders} folders.")


def could_create(tx: Tx, person: Person, name: str, limits: Limits) -> bool:
    """Whether CREATE of this name, which isn't there, would be done (name: as `names.normal`
    gives it)."""
    if cannot_be(name, limits) is not None:
        return False
    count, missing = _missing(tx, person, name)
    return count + len(missing) <= limits.folders


def _as_parents_are_spelled(tx: Tx, person: Person, name: str, limits: Limits) -> str:
    """`archive/2024` is made as `Archive/2024`: a client finds the parent by its very letters."""
    if len(name) > limits.folder_name:
        return name
    spelled = {key: own_name for _, own_name, key in folders.own(tx, person.id)}
    levels = name.split(names.SEPARATOR)
    for depth in range(len(levels) - 1, 0, -1):
        above = spelled.get(names.key(names.SEPARATOR.join(levels[:depth])))
        if above is not None:
            return names.SEPARATOR.join([above, *levels[depth:]])
    return name


def _missing(tx: Tx, person: Person, name: str) -> tuple[int, list[str]]:
    """(how many folders the person has, which of name and its parents aren't there, outermost
    first)."""
    known = {key for _, _, key in folders.own(tx, person.id)}
    levels = name.split(names.SEPARATOR)
    wholes = [names.SEPARATOR.join(levels[:depth]) for depth in range(1, len(levels) + 1)]
    return len(known), [whole for whole in wholes if names.key(whole) not in known]


def _make(
    tx: Tx, person: Person, name: str, limits: Limits, special_use: str | None = None
) -> int | None:
    """The id of the new folder, its missing parents made before it; None if there would be too
    many. special_use: of the folder itself."""
    count, missing = _missing(tx, person, name)
    if count + len(missing) > limits.folders:
        return None
    made = None
    for whole in missing:
        key = names.key(whole)
        made = folders.add(
            tx,
            person.segment_id,
            Kind.PERSONAL.value,
            whole,
            key,
            entries.next_uidvalidity(tx),
            owner_id=person.id,
            special_use=special_use if whole == name else None,
        )
        if subscriptions.forget_lost(tx, person.id, key):
            subscriptions.decide(tx, person.id, made, True)
    tx.touch_people()
    return made


def _make_parents(tx: Tx, person: Person, name: str, limits: Limits) -> bool:
    above = names.parent(name)
    if above is None or find(tx, person, above) is not None:
        return True
    return _make(tx, person, above, limits) is not None


def _rename(tx: Tx, person: Person, folder: Folder, wanted: str, limits: Limits) -> Verdict:
    old_key, new_key = names.key(folder.name), names.key(wanted)
    if new_key.startswith(old_key + names.SEPARATOR):
        return refused("CANNOT", f'Not possible: "{wanted}" is inside "{folder.name}".')
    moved = {
        folder_id: wanted + name[len(folder.name) :]
        for folder_id, name, key in folders.own(tx, person.id)
        if key.startswith(old_key + names.SEPARATOR)
    }
    if any(len(name) > limits.folder_name for name in moved.values()):
        return refused(
            "CANNOT",
            f"Not possible: a subfolder's name would be longer than {limits.folder_name} "
            "characters.",
        )
    if not _make_parents(tx, person, wanted, limits):
        return _too_many(limits)
    for folder_id, name in {folder.id: wanted, **moved}.items():
        folders.rename(tx, folder_id, name, names.key(name))
        if subscriptions.forget_lost(tx, person.id, names.key(name)):
            subscriptions.decide(tx, person.id, folder_id, True)
        tx.touch(folder_id)
    tx.touch_people()
    return done("Folder renamed.")


def _empty_inbox(tx: Tx, person: Person, inbox: Folder, wanted: str, limits: Limits) -> Verdict:
    made = _make(tx, person, wanted, limits)
    if made is None:
        return _too_many(limits)
    moving = standing.load(tx, inbox.id, standing.uids(tx, inbox.id))
    copies.copy_plain(tx, person, inbox.id, moving, made, limits)
    entries.remove(tx, inbox.id, [one.uid for one in moving])
    annotating.copy(tx, inbox.id, made)
    return done("The messages of INBOX are moved.")
