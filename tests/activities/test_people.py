"""Segments, users, groups, members, creators and contacts as the administrator sets them up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from crm import Crm
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.activities import (
    by_hand,
    contacts,
    creators,
    groups,
    names,
    passwords,
    people,
    processes,
    segments,
    show,
    users,
)
from imapgate.activities.names import Mistake
from imapgate.mime.mail import Mailbox
from storage import Tx


def test_a_segment_comes_with_administrator_types_and_processes(crm: Crm) -> None:
    (segment,) = crm.db.read(segments.list_segments)
    assert (segment.name, segment.administrator) == ("Standard", "admin")
    assert segment.default_creator == "E-Mails"
    types = crm.db.read(lambda tx: processes.list_types(tx, crm.segment_id))
    assert [(one.name, one.activity_class) for one in types] == [
        ("E-Mail", "E-Mail"),
        ("Bug", "Incident"),
        ("Feature", "Incident"),
        ("Task", "Task"),
        ("Meeting", "Meeting"),
        ("Phone Call", "Phone Call"),
    ]
    listed = crm.db.read(lambda tx: processes.list_processes(tx, crm.segment_id))
    assert listed == ["E-Mail", "Bug and feature", "Simple"]


def test_the_only_segment_is_meant_where_none_is_named(crm: Crm) -> None:
    assert crm.db.read(segments.find_segment).name == "Standard"
    assert crm.db.read(lambda tx: segments.find_segment(tx, "STANDARD")).name == "Standard"
    crm.do(lambda tx: segments.add_segment(tx, "Other"))
    with pytest.raises(Mistake, match="several"):
        crm.db.read(segments.find_segment)


@pytest.mark.parametrize(
    "login", ["alice@Standard", "ALICE@standard", "alice@example.org", "Alice@Example.ORG"]
)
def test_a_login_is_matched_without_case(crm: Crm, login: str) -> None:
    known = crm.db.read(lambda tx: people.credentials(tx, login))
    assert known == (crm.people["alice"], "hash", False)
    assert crm.db.read(lambda tx: people.person(tx, login)) == crm.people["alice"]


@pytest.mark.parametrize(
    "login", ["alice", "alice@Other", "@Standard", "", "alice@", "\ud800@Standard", "a\0@x"]
)
def test_nobody_has_any_other_login(crm: Crm, login: str) -> None:
    assert crm.db.read(lambda tx: people.credentials(tx, login)) is None
    with pytest.raises(Mistake, match="no user"):
        crm.db.read(lambda tx: people.person(tx, login))


def test_a_disabled_user_is_told_as_such_and_can_come_back(crm: Crm) -> None:
    for disabled in (True, False):
        crm.do(lambda tx, on=disabled: users.set_disabled(tx, "alice@Standard", on))
        known = crm.db.read(lambda tx: people.credentials(tx, "alice@Standard"))
        assert known is not None
        assert known[2] is disabled
    listed = crm.db.read(lambda tx: users.list_users(tx, crm.segment_id))
    assert [one.login for one in listed][:2] == ["admin@Standard", "alice@Standard"]


def test_a_new_password_replaces_the_old_hash(crm: Crm) -> None:
    new = passwords.hashed("secret")
    crm.do(lambda tx: users.set_password(tx, "alice@Standard", new))
    known = crm.db.read(lambda tx: people.credentials(tx, "alice@Standard"))
    assert known is not None
    assert known[1].startswith("$argon2id$")
    assert passwords.matches(known[1], "secret")
    assert not passwords.matches(known[1], "Secret")
    assert not passwords.matches("no hash", "secret")
    assert not passwords.matches(None, "nobody's password")


@pytest.mark.parametrize(
    ("mistaken", "sentence"),
    [
        (lambda tx, crm: segments.add_segment(tx, "standard"), "already a segment"),
        (lambda tx, crm: segments.add_segment(tx, "a@b"), "no @"),
        (lambda tx, crm: segments.find_segment(tx, "Other"), "no segment"),
        (lambda tx, crm: add_user(tx, crm, "ALICE"), "already a user"),
        (lambda tx, crm: add_user(tx, crm, "x@y"), "no @"),
        (lambda tx, crm: add_user(tx, crm, "eve", "Alice@Example.org"), "belongs to alice"),
        (lambda tx, crm: add_user(tx, crm, "eve", "alice@standard"), "login of another"),
        (lambda tx, crm: add_user(tx, crm, "eve", "nobody"), "no e-mail address"),
        (lambda tx, crm: groups.add_group(tx, crm.segment_id, "SUPPORT"), "already a tracker"),
        (lambda tx, crm: groups.add_group(tx, crm.segment_id, "x", "club"), "no kind"),
        (lambda tx, crm: groups.find_group(tx, crm.segment_id, "x"), "no group"),
        (
            lambda tx, crm: groups.rename_group(tx, crm.segment_id, "Sales", "Support"),
            "already a tracker",
        ),
        (lambda tx, crm: groups.remove_group(tx, crm.segment_id, "x"), "no group"),
        (lambda tx, crm: groups.set_member(tx, sales(tx, crm), "eve@x", "viewer"), "no user"),
        (
            lambda tx, crm: groups.set_member(tx, sales(tx, crm), "alice@Standard", "king"),
            "no role",
        ),
        (lambda tx, crm: groups.remove_member(tx, sales(tx, crm), "dave@Standard"), "no member"),
        (
            lambda tx, crm: creators.add_creator(tx, crm.segment_id, "SUPPORT", "Bug"),
            "already a creator",
        ),
        (lambda tx, crm: creators.add_creator(tx, crm.segment_id, "x", "Nothing"), "no activity"),
        (
            lambda tx, crm: creators.add_creator(tx, crm.segment_id, "x", "Bug", priority="mad"),
            "no priority",
        ),
        (
            lambda tx, crm: creators.add_creator(
                tx, crm.segment_id, "x", "Bug", follow_up_transition="Send as mail"
            ),
            "no transition",
        ),
        (lambda tx, crm: creators.remove_creator(tx, crm.segment_id, "x"), "no creator"),
        (lambda tx, crm: segments.set_default_creator(tx, crm.segment_id, "x"), "no creator"),
        (lambda tx, crm: by_hand.new_activity(tx, crm.segment_id, "x"), "creator or a type"),
        (
            lambda tx, crm: by_hand.new_activity(
                tx, crm.segment_id, "x", type_name="Bug", contact="Nobody"
            ),
            "no contact",
        ),
        (lambda tx, crm: by_hand.follow_up(tx, crm.segment_id, 5, text="x"), "no activity"),
        (lambda tx, crm: show.show_activity(tx, crm.segment_id, 5), "no activity"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    crm: Crm, mistaken: Callable[[Tx, Crm], object], sentence: str
) -> None:
    with pytest.raises(Mistake, match=sentence):
        crm.do(lambda tx: mistaken(tx, crm))


def add_user(tx: Tx, crm: Crm, name: str, email: str | None = None) -> object:
    return users.add_user(tx, crm.segment_id, name, email, "hash")


def sales(tx: Tx, crm: Crm) -> groups.Group:
    return groups.find_group(tx, crm.segment_id, "Sales")


def test_a_user_of_another_segment_is_no_member_here(crm: Crm) -> None:
    def work(tx: Tx) -> None:
        segments.add_segment(tx, "Other", "eve", None, "hash")
        groups.set_member(tx, sales(tx, crm), "eve@Other", "viewer")

    with pytest.raises(Mistake, match="another segment"):
        crm.do(work)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00b", "\x1b[0m", "x" * 201, "\u2028"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(Mistake, match="group name"):
        names.checked(name, "group name")


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=50))
def test_a_kept_name_is_kept_again_as_it_is_and_has_one_key(name: str) -> None:
    try:
        kept = names.checked(name, "name")
    except Mistake:
        return
    assert names.checked(kept, "name") == kept
    assert names.key(kept) == names.key(name) == names.key(names.key(name))


def test_groups_of_two_kinds_may_share_a_name_that_then_needs_its_kind(crm: Crm) -> None:
    crm.do(lambda tx: groups.add_group(tx, crm.segment_id, "Support", "category"))
    with pytest.raises(Mistake, match="say which kind"):
        crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "Support"))
    found = crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "Support", "category"))
    assert (found.kind, found.members) == ("category", ())


def test_a_renamed_group_keeps_members_and_creators(crm: Crm) -> None:
    renamed = crm.do(lambda tx: groups.rename_group(tx, crm.segment_id, "support", "SUPPORT 2"))
    assert renamed.id == crm.groups["Support"]
    assert renamed.members == (
        ("alice", "contributor"),
        ("bob", "manager"),
        ("carol", "viewer"),
    )
    assert renamed.creators == ("Support E-Mails", "Support", "GadgetASupport")


def test_roles_are_those_of_the_memberships(crm: Crm) -> None:
    support = crm.groups["Support"]
    assert crm.db.read(lambda tx: people.roles(tx, crm.people["carol"])) == {
        support: people.Role.VIEWER
    }
    assert crm.db.read(lambda tx: people.roles(tx, crm.people["dave"])) == {}

    def promote(tx: Tx) -> tuple[int, bool]:
        group = groups.find_group(tx, crm.segment_id, "Support")
        return groups.set_member(tx, group, "carol@Standard", "manager")

    assert crm.do(promote) == (crm.people["carol"].id, False)
    assert crm.db.read(lambda tx: people.roles(tx, crm.people["carol"])) == {
        support: people.Role.MANAGER
    }


def test_an_edited_creator_tells_all_groups_that_it_served_or_serves(crm: Crm) -> None:
    edited, touched = crm.do(
        lambda tx: creators.edit_creator(
            tx,
            crm.segment_id,
            "SALES e-mails",
            new_name="Sales mail",
            groups=[groups.find_group(tx, crm.segment_id, "Archive")],
            priority="high",
            assigned_to="bob@Standard",
        )
    )
    assert edited.groups == ((crm.groups["Archive"], "Archive"),)
    assert (edited.name, edited.priority, edited.assigned_to) == ("Sales mail", "high", "bob")
    assert touched == (crm.groups["Sales"], crm.groups["Archive"])
    again, _ = crm.do(
        lambda tx: creators.edit_creator(tx, crm.segment_id, "sales MAIL", assigned_to="")
    )
    assert again.assigned_to is None


def test_an_address_of_several_contacts_means_the_oldest(crm: Crm) -> None:
    first = crm.do(
        lambda tx: contacts.add_contact(
            tx, crm.segment_id, "First", ["shared@example.net", "own@example.net"]
        )
    )
    crm.do(lambda tx: contacts.add_contact(tx, crm.segment_id, "Second", ["SHARED@example.net"]))
    matched = crm.do(
        lambda tx: contacts.match(tx, crm.segment_id, Mailbox("Somebody", "Shared@Example.net"))
    )
    assert matched is not None
    assert matched.contact_id == first.id
    assert first.addresses == ("shared@example.net", "own@example.net")


def test_an_unknown_address_becomes_a_contact_of_the_administrator_once(crm: Crm) -> None:
    for box in (Mailbox("New  Face", "new@example.net"), Mailbox("Other", "NEW@example.net")):
        crm.do(lambda tx, box=box: contacts.match(tx, crm.segment_id, box))
    crm.do(lambda tx: contacts.match(tx, crm.segment_id, Mailbox("", "/o=Ex/cn=Erika")))
    assert crm.do(lambda tx: contacts.match(tx, crm.segment_id, Mailbox("Nobody", " "))) is None
    known = {
        one.name: one for one in crm.db.read(lambda tx: contacts.list_contacts(tx, crm.segment_id))
    }
    assert (known["New Face"].owner, known["New Face"].addresses) == ("admin", ("new@example.net",))
    assert "/o=Ex/cn=Erika" in known
    assert "Other" not in known
    assert "Nobody" not in known


def test_a_user_has_a_contact_with_their_address(crm: Crm) -> None:
    known = {
        one.name: one for one in crm.db.read(lambda tx: contacts.list_contacts(tx, crm.segment_id))
    }
    assert known["alice"].addresses == ("alice@example.org",)
    assert known["alice"].owner == "admin"


def test_activities_are_listed_by_group_class_and_state(crm: Crm) -> None:
    first = crm.incident()
    second = crm.do(
        lambda tx: by_hand.new_activity(
            tx,
            crm.segment_id,
            "Talk",
            type_name="Meeting",
            priority="urgent",
            contact="alice@example.org",
            person=crm.people["bob"],
            groups=[sales(tx, crm)],
        )
    )

    def numbers(**wanted: object) -> list[int]:
        return [
            one["number"]
            for one in crm.db.read(
                lambda tx: show.list_activities(tx, crm.segment_id, **wanted)  # type: ignore[arg-type]
            )
        ]

    assert numbers() == [first, second]
    assert numbers(limit=1) == [second]
    assert numbers(activity_class="Incident") == [first]
    assert numbers(group=crm.db.read(lambda tx: sales(tx, crm))) == [second]
    assert numbers(state="New", closed=False) == [first, second]
    assert numbers(closed=True) == []
    shown = crm.show(second)
    assert (shown["priority"], shown["reporting_contact"]) == ("urgent", "alice")
    assert (shown["created_by"], shown["groups"]) == ("bob", ["Sales"])
    assert (shown["subject"], shown["sha256"], shown["recipients"]) == (None, None, [])


def test_what_a_terminal_gives_is_kept_as_every_database_takes_it(crm: Crm) -> None:
    number = crm.incident()
    crm.do(lambda tx: by_hand.follow_up(tx, crm.segment_id, number, text="a\0b\ud800"))
    assert crm.show(number)["follow_ups"][0]["text"] == "ab?"
