"""What is set for a segment's mail, and in which format people get it."""

from __future__ import annotations

import pytest
import world

from imapgate.activities import contacts
from imapgate.activities.names import Mistake
from imapgate.outgoing import formats, settings
from storage import Database, settings_history


@pytest.fixture
def standard(db: Database) -> world.World:
    return world.build(db)


def test_each_setting_takes_its_own_default_and_nothing_foreign() -> None:
    """A default that can't be said is no default."""
    for one in settings.SETTINGS.values():
        said = {True: "yes", False: "no"}.get(one.default, str(one.default))
        assert one.read(said) == one.default
        assert type(one.read(said)) is type(one.default)
        for wrong in {"", "maybe", "-1", "1e3", "999999999999999999999", "٣"} - {one.default}:
            with pytest.raises(Mistake):
                one.read(wrong)


def test_a_change_counts_and_stands_in_the_history(standard: world.World) -> None:
    """Until it is taken back; what changes nothing isn't recorded."""
    db, where = standard.db, standard.segment_id
    key = settings.TEMPLATES_PER_HOUR
    assert db.read(lambda tx: settings.value_of(tx, where, key)) == 5
    db.write(lambda tx: settings.change(tx, where, key, "9", "anna", "a busy day"))
    db.write(lambda tx: settings.change(tx, where, key, "9", "anna"))
    assert db.read(lambda tx: settings.value_of(tx, where, key)) == 9
    listed = {one.setting.key: one for one in db.read(lambda tx: settings.list_values(tx, where))}
    assert (listed[key].value, listed[key].is_set) == (9, True)
    assert not listed[settings.MAIL_FORMAT].is_set
    db.write(lambda tx: settings.reset(tx, where, key, "bert"))
    assert db.read(lambda tx: settings.value_of(tx, where, key)) == 5
    found = db.read(lambda tx: settings_history.records(tx, where))
    assert [(one.subject, one.who, one.changes, one.reason) for one in found] == [
        ("outgoing", "bert", {key: (9, 5)}, ""),
        ("outgoing", "anna", {key: (5, 9)}, "a busy day"),
    ]


@pytest.mark.parametrize(
    ("key", "text"), [("nonsense", "1"), (settings.TEMPLATES_PER_HOUR, "0"), ("mail-format", "rtf")]
)
def test_what_there_is_not_is_refused(standard: world.World, key: str, text: str) -> None:
    with pytest.raises(Mistake, match=key):
        standard.db.write(lambda tx: settings.change(tx, standard.segment_id, key, text, "anna"))


def test_own_formats_count_before_the_segments_unless_switched_off(standard: world.World) -> None:
    """Per user and per contact; all of them can be switched off together."""
    db, where, alice = standard.db, standard.segment_id, standard.alice.id
    erika = db.write(lambda tx: contacts.add_contact(tx, where, "Erika", ["e@example.net"])).id

    def seen() -> tuple[str, str, str]:
        return db.read(
            lambda tx: (
                formats.format_for(tx, where),
                formats.format_for(tx, where, principal_id=alice),
                formats.format_for(tx, where, contact_id=erika),
            )
        )

    assert seen() == ("html", "html", "html")
    db.write(
        lambda tx: (
            formats.set_for_user(tx, where, alice, "alice@Standard", "plain", "anna"),
            formats.set_for_contact(tx, where, erika, "Erika", "plain", "anna"),
        )
    )
    assert seen() == ("html", "plain", "plain")
    db.write(lambda tx: settings.change(tx, where, settings.OWN_FORMATS, "no", "anna"))
    assert seen() == ("html", "html", "html")
    db.write(lambda tx: settings.reset(tx, where, settings.OWN_FORMATS, "anna"))
    db.write(lambda tx: settings.change(tx, where, settings.MAIL_FORMAT, "plain", "anna"))
    db.write(lambda tx: formats.set_for_contact(tx, where, erika, "Erika", "segment", "anna"))
    assert seen() == ("plain", "plain", "plain")
    found = db.read(lambda tx: settings_history.records(tx, where))
    assert [one.subject for one in found] == [
        "contact Erika", "outgoing", "outgoing", "outgoing", "contact Erika", "user alice@Standard",
    ]  # fmt: skip
    with pytest.raises(Mistake):
        db.write(lambda tx: formats.set_for_user(tx, where, alice, "alice", "rtf", "anna"))
