"""`imapgate segment show` and `edit`, `imapgate contact`."""

from __future__ import annotations

from command import Command

from imapgate.activities.subjects import USUAL


def test_what_is_set_for_a_segment_is_shown(acme: Command) -> None:
    shown = acme.json("segment", "show")
    assert (shown["name"], shown["administrator"]) == ("Acme", "anna")
    assert (shown["subject_template"], shown["own_domains"]) == (USUAL, ["acme.example"])
    assert shown["subject_example"] == "[#10000001] It does not boot"
    acme.ok(
        *("segment", "edit", "Acme", "--subject-pattern", "Case ([0-9]{1,18})"),
        *("--subject-template", "{subject} (Case {number})"),
        *("--domain", "acme.example", "--domain", "Acme.Test", "--reason", "as before"),
    )
    text = acme.ok("segment", "show", "acme")
    assert "It does not boot (Case 10000001)" in text
    assert "acme.example, acme.test" in text
    history = acme.json("account", "history")
    assert history[0]["subject"] == "segment"
    assert history[0]["reason"] == "as before"
    assert sorted(history[0]["changes"]) == ["domains", "subject_pattern", "subject_template"]
    acme.ok("segment", "edit", "Acme", "--domain", "")
    assert acme.json("segment", "show")["own_domains"] == ["acme.example"]


def test_a_template_whose_number_is_lost_is_refused(acme: Command) -> None:
    said = acme.refused("segment", "edit", "Acme", "--subject-template", "{subject} {number}")
    assert said == (
        'Answers would not be found: in the subject "Gadget 10000001", as the template makes it '
        "for 10000001, the pattern finds nothing."
    )
    assert acme.json("segment", "show")["subject_template"] == USUAL


def test_a_creator_that_becomes_the_default_stands_in_the_history(acme: Command) -> None:
    acme.ok("creator", "add", "Mails", "--type", "E-Mail", "--default")
    assert acme.json("segment", "show")["default_creator"] == "Mails"
    (entry,) = acme.json("account", "history")
    assert entry["changes"]["default_creator"] == [None, "Mails"]


def test_contacts_are_customers_staff_or_both(acme: Command) -> None:
    acme.ok("contact", "add", "Erika", "erika@example.net")
    acme.ok("contact", "add", "Otto", "otto@acme.example", "--staff")
    acme.ok("contact", "add", "Both", "--staff", "--customer")

    def flags() -> dict[str, tuple[bool, bool]]:
        rows = acme.json("contact", "list")
        return {one["name"]: (one["is_customer"], one["is_staff"]) for one in rows}

    assert flags() == {
        "anna": (False, True),
        "Both": (True, True),
        "Erika": (True, False),
        "Otto": (False, True),
    }
    acme.ok("contact", "edit", "ERIKA@example.net", "--staff", "--no-customer", "--name", "Erika E")
    assert flags()["Erika E"] == (False, True)
    acme.ok("contact", "edit", "Both", "--no-staff")
    assert flags()["Both"] == (True, False)
    acme.ok("contact", "edit", "Both", "--staff")
    assert "customer, staff or both" in acme.refused("contact", "edit", "Otto", "--no-staff")
    assert {row["name"] for row in acme.json("contact", "list", "--customer")} == {"Both"}
    acme.ok("contact", "edit", "Both", "--no-staff")
    assert acme.ok("contact", "list", "--customer", "--staff") == "There is no such contact.\n"


def test_contacts_gain_addresses_x500_names_too(acme: Command) -> None:
    name = "/O=ACME/OU=FIRST/CN=RECIPIENTS/CN=OTTO" + "X" * 200
    acme.ok("contact", "add", "Otto", "otto@acme.example")
    acme.ok("contact", "edit", "Otto", "--address", name, "--address", "OTTO@acme.example")
    (otto,) = (row for row in acme.json("contact", "list") if row["name"] == "Otto")
    assert otto["addresses"] == ["otto@acme.example", name]
    for bad in ("nonsense", "/no-name", "/O=A\tB", "/O=" + "A" * 1000):
        acme.refused("contact", "edit", "Otto", "--address", bad)
    assert "There is no contact" in acme.refused("contact", "edit", "Nobody", "--staff")
