"""SPECIAL-USE and CREATE-SPECIAL-USE (RFC 6154 5)."""

from __future__ import annotations

from sqlalchemy import update
from transcript import Stage

from storage import Tx
from storage.schema import folder


def test_lists_with_special_use(stage: Stage) -> None:
    """5.2, and the plain command (5.1)."""
    stage.run(r"""
        dave C: t1 LIST "" "%" RETURN (SPECIAL-USE)
        dave S: * LIST (\HasNoChildren) "/" INBOX
        dave S: * LIST (\HasNoChildren \Archive) "/" Archive
        dave S: * LIST (\HasNoChildren \Drafts) "/" Drafts
        dave S: * LIST (\HasNoChildren \Junk) "/" Junk
        dave S: * LIST (\HasNoChildren) "/" "Recovered Messages"
        dave S: * LIST (\HasNoChildren \Sent) "/" Sent
        dave S: * LIST (\HasNoChildren \Trash) "/" Trash
        dave S: t1 OK ...
        dave C: t2 LIST (SPECIAL-USE) "" "S*"
        dave S: * LIST (\HasNoChildren \Sent) "/" Sent
        dave S: t2 OK ...
        dave C: t3 LIST "" T%
        dave S: * LIST (\HasNoChildren \Trash) "/" Trash
        dave S: t3 OK ...
    """)


def test_a_use_that_a_folder_has_or_that_is_unknown_is_refused(stage: Stage) -> None:
    """5.3's third; nothing is made. Apple Mail makes "Sent Messages" and "Notes" without a use."""
    stage.run(r"""
        C: t1 CAPABILITY
        S: * CAPABILITY ... CREATE-SPECIAL-USE ...
        S: t1 OK ...
        C: t2 CREATE MySpecial (USE (\Drafts \Sent))
        S: t2 NO [USEATTR] ...
        C: t3 CREATE Everything (USE (\All))
        S: t3 NO [USEATTR] Not possible: \All is no special use here.
        C: t4 CREATE "Sent Messages" (USE (\Sent))
        S: t4 NO [USEATTR] Not possible: "Sent" is the folder for Sent already.
        C: t5 CREATE Trackers/Mine (USE (\Sent))
        S: t5 NO [CANNOT] ...
        C: t6 LIST "" (MySpecial Everything "Sent Messages")
        S: t6 OK ...
        C: t7 CREATE "Sent Messages"
        S: t7 OK ...
        C: t8 CREATE Notes (USE ())
        S: t8 OK ...
    """)


def test_a_free_use_is_taken_and_goes_with_its_folder(stage: Stage) -> None:
    """RENAME keeps it, DELETE frees it; a parent that is made along has none."""

    def without_archive(tx: Tx) -> None:
        mine = (folder.c.owner_id == stage.world.alice.id) & (folder.c.name == "Archive")
        tx.connection.execute(update(folder).where(mine).values(special_use=None))

    stage.world.db.write(without_archive)
    stage.run(r"""
        C: a CREATE Old/Mail (USE (\archive))
        S: a OK ...
        C: b LIST "" Old* RETURN (SPECIAL-USE)
        S: * LIST (\HasChildren) "/" Old
        S: * LIST (\HasNoChildren \Archive) "/" Old/Mail
        S: b OK ...
        C: c CREATE Other (USE (\Archive))
        S: c NO [USEATTR] ...
        C: d RENAME Old/Mail Kept
        S: d OK ...
        C: e LIST (SPECIAL-USE) "" K*
        S: * LIST (\HasNoChildren \Archive) "/" Kept
        S: e OK ...
        C: f DELETE Kept
        S: f OK ...
        C: g CREATE Other (USE (\Archive))
        S: g OK ...
        C: h DELETE Archive
        S: h NO [CANNOT] ...
    """)


def test_another_persons_use_is_nothing_to_this_one(stage: Stage) -> None:
    def without_archive(tx: Tx) -> None:
        mine = (folder.c.owner_id == stage.world.alice.id) & (folder.c.name == "Archive")
        tx.connection.execute(update(folder).where(mine).values(special_use=None))

    stage.world.db.write(without_archive)
    stage.run(r"""
        C: a CREATE Mine (USE (\Archive))
        S: a OK ...
        bob C: a CREATE Mine (USE (\Archive))
        bob S: a NO [USEATTR] ...
    """)
