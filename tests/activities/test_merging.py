"""Several contacts become one: all that named them names the one that is left."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from crm import Crm, mail
from sqlalchemy import event, func, select

from imapgate.activities import address_groups, by_hand, contacts, merging
from imapgate.activities.contacts import Contact
from imapgate.activities.duplicates import duplicates
from imapgate.activities.names import Mistake
from imapgate.mime.mail import Mailbox
from storage import Tx, address_checks, checks, mail_formats, schema, settings_history

WHO = "anna@desk"
REFERRING = [
    (schema.activity.c.reporting_contact_id, schema.contact),
    (schema.follow_up.c.author_contact_id, schema.contact),
    (schema.principal.c.contact_id, schema.contact),
    (schema.email_address.c.contact_id, schema.contact),
    (schema.email_recipient.c.address_id, schema.email_address),
    (schema.address_group_member.c.address_id, schema.email_address),
]


def add(crm: Crm, name: str, *addresses: str, **fields: Any) -> Contact:
    return crm.do(lambda tx: contacts.add_contact(tx, crm.segment_id, name, addresses, **fields))


def merge(crm: Crm, kept: str, *others: str) -> Contact:
    return crm.do(lambda tx: merging.merge(tx, crm.segment_id, kept, others, WHO, "one person"))


def plan(crm: Crm, kept: str, *others: str) -> merging.Plan:
    return crm.db.read(lambda tx: merging.plan(tx, crm.segment_id, kept, others))


def whole(crm: Crm) -> None:
    """No row names what isn't there."""
    for look in (checks.references, checks.links, address_checks.groups):
        assert list(look(crm.db)) == []


def test_the_tables_that_name_contacts_are_those_that_are_known() -> None:
    """A new column that refers to a contact or an address must be thought of here, too."""
    targets = {schema.contact, schema.email_address}
    found = {
        (column, key.column.table)
        for table in schema.email_address.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table in targets
    }
    assert found == set(REFERRING)


def test_all_that_names_the_others_names_the_kept_one(crm: Crm) -> None:
    """Addresses, numbers, mails, activities, follow-ups, address groups, marks; the name stays."""
    kept = add(crm, "Erika Example", "erika@example.net", numbers=["+41 44 111"])
    other = add(
        crm, "E. Example", "old@example.net", "ERIKA@example.net", "/O=EX/CN=ERIKA",
        numbers=["044 222", "+41 44/111"], is_customer=False, is_staff=True,
    )  # fmt: skip
    incident = crm.incident()
    filed = crm.file(
        mail(f"Re: #{incident}", from_=(Mailbox("E", "old@example.net"),)), who="alice"
    )

    def work(tx: Tx) -> None:
        by_hand.new_activity(
            tx, crm.segment_id, "Talk", creator="GadgetASupport", contact="old@example.net"
        )
        address_groups.add_group(tx, crm.segment_id, "Dealers")
        for one in ("old@example.net", "044 222"):
            address_groups.add_member(tx, crm.segment_id, "Dealers", one)
        mail_formats.set_of_contact(tx, other.id, "plain")

    crm.do(work)
    told = plan(crm, "Erika Example", "old@example.net")
    counts = (told.mails, told.reported, told.follow_ups, told.groups)
    assert (counts, told.user) == ((1, 2, 1, 1), None)
    now = merge(crm, "Erika Example", "old@example.net")
    assert (now.id, now.name) == (kept.id, "Erika Example")
    assert now.addresses == ("erika@example.net", "old@example.net", "/O=EX/CN=ERIKA")
    assert now.numbers == ("+41 44 111", "044 222")
    assert (now.is_customer, now.is_staff) == (True, True)
    shown = crm.show(filed.number)
    assert (shown["sender"], shown["reporting_contact"]) == ("old@example.net", "Erika Example")
    assert crm.show(incident)["follow_ups"][0]["author"] == "Erika Example"
    assert crm.show(incident + 2)["reporting_contact"] == "Erika Example"
    group = crm.db.read(lambda tx: address_groups.find_group(tx, crm.segment_id, "Dealers"))
    assert {one.contact for one in group.members} == {"Erika Example"}
    assert crm.db.read(lambda tx: mail_formats.of_contact(tx, kept.id)) == "plain"
    (record,) = crm.db.read(lambda tx: settings_history.records(tx, crm.segment_id))
    assert (record.who, record.subject, record.reason) == (
        WHO, "contact Erika Example", "one person",
    )  # fmt: skip
    assert "old@example.net" in str(record.changes)
    whole(crm)
    with pytest.raises(Mistake, match="no contact"):
        plan(crm, "Erika Example", "E. Example")


def test_an_address_that_both_have_stands_once_with_its_groups(crm: Crm) -> None:
    """Both are members of one group: one is left."""
    add(crm, "First", "shared@example.net")
    second = add(crm, "Second", "shared@example.net")
    filed = crm.file(mail(from_=(Mailbox("", "shared@example.net"),)))

    def work(tx: Tx) -> None:
        address_groups.add_group(tx, crm.segment_id, "Dealers")
        group_id = tx.connection.execute(select(schema.address_group.c.id)).scalar_one()
        for row in tx.connection.execute(
            select(schema.email_address.c.id).where(
                schema.email_address.c.address == "shared@example.net"
            )
        ).scalars():
            tx.connection.execute(
                schema.address_group_member.insert().values(group_id=group_id, address_id=row)
            )

    crm.do(work)
    merge(crm, f"id:{second.id}", "First")
    assert crm.show(filed.number)["recipients"][0]["contact"] == "Second"
    group = crm.db.read(lambda tx: address_groups.find_group(tx, crm.segment_id, "Dealers"))
    assert [one.contact for one in group.members] == ["Second"]
    whole(crm)


def test_activities_that_show_it_are_marked_as_changed(crm: Crm) -> None:
    """Those that are written as messages; an e-mail's own message never changes."""
    add(crm, "Kept", "kept@example.net")
    incident = crm.incident()
    crm.file(mail(f"Re: #{incident}"))

    def due(tx: Tx) -> list[int]:
        return list(tx.connection.execute(select(schema.activity_due.c.activity_id)).scalars())

    crm.do(lambda tx: tx.connection.execute(schema.activity_due.delete()))
    merge(crm, "Kept", "Erika Example")
    assert crm.db.read(due) == [crm.id_of(incident)]


def test_a_contact_without_a_name_gets_that_of_the_others(crm: Crm) -> None:
    add(crm, "a@example.net", "a@example.net", "c@example.net")
    add(crm, "b@example.net", "b@example.net")
    add(crm, "Erika", "e@example.net")
    assert plan(crm, "c@example.net", "b@example.net", "Erika").name == "Erika"
    now = merge(crm, "c@example.net", "b@example.net", "Erika")
    assert now.name == "Erika"
    assert now.addresses == tuple(f"{one}@example.net" for one in "acbe")


def test_a_user_s_contact_stays_the_user_s(crm: Crm) -> None:
    """Whichever of them is kept; of two users' contacts none goes into the other."""
    add(crm, "Alice Example", "private@example.net")
    told = plan(crm, "Alice Example", "alice")
    assert told.user == "alice"
    now = merge(crm, "Alice Example", "alice")
    assert (now.is_customer, now.is_staff) == (True, True)
    users = crm.db.read(lambda tx: merging.users_of(tx, [now.id]))
    assert users == ["alice"]
    with pytest.raises(Mistake, match="several users: alice, bob"):
        merge(crm, "Alice Example", "bob")
    whole(crm)


def test_what_can_not_be_merged(crm: Crm) -> None:
    one = add(crm, "One", "one@example.net")
    for others, said in (
        ((), "Say which"),
        (("One",), "named before"),
        (("alice", "alice@example.org"), "named before"),
        (("nobody",), "no contact"),
        (("id:999999",), 'no contact "id:999999"'),
        ((f"id:{one.id}",), "named before"),
    ):
        with pytest.raises(Mistake, match=said):
            plan(crm, "One", *others)


def test_who_was_found_by_an_address_still_is(crm: Crm) -> None:
    """A third contact that has the address, too, but is younger than one of them, isn't taken."""
    add(crm, "First", "shared@example.net")
    add(crm, "Third", "shared@example.net")
    add(crm, "Last", "last@example.net")

    def ages(tx: Tx) -> None:
        for age, name in enumerate(("First", "Third", "Last")):
            tx.connection.execute(
                schema.contact.update()
                .where(schema.contact.c.name == name)
                .values(created_at=1000 + age)
            )

    crm.do(ages)
    merge(crm, "Last", "First")
    filed = crm.file(mail(from_=(Mailbox("", "shared@example.net"),)))
    assert crm.show(filed.number)["reporting_contact"] == "Last"


def test_an_address_is_moved_with_its_mails(crm: Crm) -> None:
    """From the oldest other one that has it; the history keeps it."""
    add(crm, "Erika", "erika@example.net", "office@example.net")
    add(crm, "Otto", "otto@example.net")
    filed = crm.file(mail(from_=(Mailbox("", "office@example.net"),)))

    def move(address: str, to: str) -> Contact:
        return crm.do(lambda tx: merging.move(tx, crm.segment_id, address, to, WHO))

    now = move("OFFICE@example.net", "Otto")
    # Mail to Otto still goes where it went, though the other address is older.
    assert now.addresses == ("otto@example.net", "office@example.net")
    assert crm.show(filed.number)["recipients"][0]["contact"] == "Otto"
    (record,) = crm.db.read(lambda tx: settings_history.records(tx, crm.segment_id))
    ((before, after),) = record.changes.values()
    assert (before.partition(" (id:")[0], after) == ("Erika", f"Otto (id:{now.id})")
    with pytest.raises(Mistake, match="No other contact has"):
        move("office@example.net", "Otto")
    with pytest.raises(Mistake, match="No other contact has"):
        move("nobody@example.net", "Otto")
    whole(crm)


def test_the_first_address_and_removing_one(crm: Crm) -> None:
    """What a mail names stays, and says so."""
    add(crm, "Erika", "old@example.net", "/O=EX/CN=ERIKA", "new@example.net", "new2@example.net")
    crm.file(mail(from_=(Mailbox("", "old@example.net"),)))

    def edit(**wanted: Any) -> Contact:
        return crm.do(lambda tx: contacts.edit_contact(tx, crm.segment_id, "Erika", **wanted))

    assert edit(first="NEW@example.net").addresses[0] == "new@example.net"
    now = edit(first="new2@example.net", without_addresses=["new@example.net", "EX:/O=EX/CN=ERIKA"])
    assert now.addresses == ("new2@example.net", "old@example.net")
    for wanted, said in (
        ({"without_addresses": ["old@example.net"]}, "stands in the mail #10000001"),
        ({"without_addresses": ["x@example.net"]}, '"Erika" has no address'),
        ({"first": "x@example.net"}, '"Erika" has no address'),
        ({"addresses": ["/O=A/CN=B"], "first": "/O=A/CN=B"}, "No mail can be sent"),
    ):
        with pytest.raises(Mistake, match=said):
            edit(**wanted)
    assert edit().addresses == now.addresses


def test_contacts_that_may_be_one_person_s(crm: Crm) -> None:
    """By address, by number, by name and domain; a user's first, else the oldest."""
    add(crm, "Erika", "erika@example.net")
    add(crm, "Else", "ERIKA@example.net")
    add(crm, "erika", "e2@EXAMPLE.net")
    add(crm, "Erika", "e3@other.example")
    add(crm, "Fax", numbers=["+41 44 111"])
    add(crm, "Fax 2", numbers=["+41 (44) 111"])
    add(crm, "Alice", "alice@example.org")
    found = crm.db.read(lambda tx: duplicates(tx, crm.segment_id))
    assert [[one.name for one in each.contacts] for each in found] == [
        ["alice", "Alice"], ["Erika", "Else", "erika"], ["Fax", "Fax 2"],
    ]  # fmt: skip
    assert set(found[1].why) == {"erika@example.net", '"erika" at example.net'}


def test_a_merge_beside_drops(crm: Crm) -> None:
    """Mails of the others come in all the while: each is linked to who has the address then, and
    nothing names what is gone."""
    senders = [f"e{n}@example.net" for n in range(4)]
    for n, address in enumerate(senders):
        crm.file(mail(f"First {n}", from_=(Mailbox("", address),)))
    add(crm, "Kept", "kept@example.net")
    trouble: list[BaseException] = []
    begun = threading.Barrier(2)

    def drops() -> None:
        try:
            begun.wait()
            for n in range(16):
                crm.file(mail(f"Drop {n}", from_=(Mailbox("", senders[n % 4]),)))
        except BaseException as error:  # noqa: BLE001  (told below)
            trouble.append(error)

    thread = threading.Thread(target=drops)
    thread.start()
    begun.wait()
    for address in senders:
        merge(crm, "Kept", address)
    thread.join()
    assert trouble == []
    whole(crm)
    for number in range(10000001, 10000001 + 20):
        shown = crm.show(number)
        assert shown["reporting_contact"] == shown["recipients"][0]["contact"] == "Kept"

    def contacts_left(tx: Tx) -> int:
        wanted = select(func.count()).where(schema.contact.c.name.startswith("e"))
        return int(tx.connection.execute(wanted).scalar_one())

    assert crm.db.read(contacts_left) == 0


def test_no_other_activity_is_looked_at(crm: Crm) -> None:
    """Thousands may be merged at once, of names of Exchange; drops wait for it."""

    def plans(tx: Tx) -> list[str]:
        run: list[tuple[str, Any]] = []
        one = contacts.add_contact(tx, crm.segment_id, "One").id
        other = contacts.add_contact(tx, crm.segment_id, "Other").id
        event.listen(tx.connection, "before_cursor_execute", lambda *given: run.append(given[2:4]))
        merging.take_in(tx, one, [other])
        return [
            str(row[3])
            for statement, given in list(run)
            if not statement.startswith("INSERT")
            for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        ]

    steps = crm.do(plans)
    assert any("follow_up" in step for step in steps)
    assert [step for step in steps if step.startswith(("SCAN activity", "SCAN follow_up"))] == []
