"""`imapgate contact`: duplicates, merging, moving addresses, X.500 names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command import Command
from doctoring import broken, look, sql

NAME = "/O=ACME/OU=EXCHANGE/CN=RECIPIENTS/CN=ERIKA"


@pytest.fixture
def twice(office: Command) -> Command:
    """Erika twice, with one address, and a mail to a second address of the younger."""
    office.ok("contact", "add", "Erika Example", "erika@example.net")
    office.ok("contact", "add", "E. Example", "old@example.net", "erika@example.net")
    office.ok("activity", "new", "Offer", "--creator", "Sales E-Mails", "--to", "old@example.net")
    return office


def ids(office: Command) -> dict[str, str]:
    return {one["name"]: f"id:{one['id']}" for one in office.json("contact", "list")}


def contact(office: Command, name: str) -> dict[str, Any]:
    found: dict[str, Any] = office.json("contact", "show", name)
    return found


def test_duplicates_tell_the_command_that_merges_them(twice: Command) -> None:
    """What is printed can be pasted; the doctor names the way, and is content afterwards."""
    known = ids(twice)
    found = look(twice)["addresses"]
    assert found["state"] == "notice"
    assert "contact merge" in found["advice"]
    (alike,) = twice.json("contact", "duplicates")
    command = f"imapgate contact merge {known['Erika Example']} {known['E. Example']}"
    assert (alike["command"], alike["why"]) == (command, ["erika@example.net"])
    text = twice.ok("contact", "duplicates")
    assert text.startswith("Alike: erika@example.net\n")
    assert f"  > {command}\n" in text
    assert f"{known['E. Example']}  E. Example <old@example.net> <erika@example.net>\n" in text
    assert twice.ok(*command.split()[1:], "--yes") == (
        '1 contact was merged into "Erika Example".\n'
    )
    assert twice.ok("contact", "duplicates") == "There are none.\n"
    assert look(twice)["addresses"]["state"] == "ok"
    assert broken(twice) == {}


def test_a_dry_run_and_a_no_change_nothing(twice: Command) -> None:
    before = twice.json("contact", "list")
    words = ("contact", "merge", "Erika Example", "E. Example")
    told = twice.ok(*words, "--dry-run")
    assert told.splitlines()[2] == (
        "With them: 1 mail, 0 activities that they reported, 0 follow-ups, 0 address groups."
    )
    plan = twice.json(*words, "--dry-run")
    assert (plan["kept"]["name"], plan["mails"], plan["user"]) == ("Erika Example", 1, None)
    for answer in ("n\n", ""):
        result = twice.run(*words, input=answer)
        assert result.exit_code == 1
        assert result.stderr.endswith("Nothing was changed.\n")
        assert "Goes into it:" in result.stderr
    assert twice.json("contact", "list") == before


def test_merged_for_good(twice: Command) -> None:
    """The mail is of the one that is left; a merge is asked for once more at the terminal."""
    words = ("contact", "merge", "Erika Example", "E. Example", "--reason", "one person")
    result = twice.run(*words, input="y\n")
    assert result.exit_code == 0, result.output
    now = contact(twice, "Erika Example")
    assert now["addresses"] == ["erika@example.net", "old@example.net"]
    shown = twice.json("activity", "show", "10000001")
    assert [one["contact"] for one in shown["recipients"]] == ["anna", "Erika Example"]
    assert "no contact" in twice.refused(*words)
    assert "several users" in twice.refused("contact", "merge", "anna", _user(twice))


def _user(office: Command) -> str:
    office.ok("user", "add", "bert", "--email", "bert@acme.example")
    return "bert"


def test_an_address_is_moved_removed_and_made_the_first(twice: Command) -> None:
    assert twice.ok("contact", "move", "old@example.net", "Erika Example") == (
        'old@example.net is an address of "Erika Example" now.\n'
    )
    edit = ("contact", "edit", "Erika Example")
    assert "#10000001" in twice.refused(*edit, "--remove-address", "old@example.net")
    twice.ok(*edit, "--first", "old@example.net", "--remove-address", "ERIKA@example.net")
    assert contact(twice, "Erika Example")["addresses"] == ["old@example.net"]
    assert contact(twice, "E. Example")["addresses"] == ["erika@example.net"]
    shown = twice.ok("contact", "show", "Erika Example")
    assert shown.startswith("contact ")  # no empty header above it
    assert ids(twice)["Erika Example"] in shown
    assert broken(twice) == {}


def test_x500_names_are_mapped_listed_and_imported(twice: Command, tmp_path: Path) -> None:
    """By hand, and of a file as Exchange's shell writes it; all of it or nothing."""
    assert twice.ok("contact", "x500", "list") == "There are no X.500 names.\n"
    words = ("contact", "x500", "map", NAME, "erika@example.net")
    assert twice.ok(*words) == f"{NAME} stands for erika@example.net.\n"
    assert twice.ok(*words) == f"{NAME} stands for erika@example.net already.\n"
    assert "stands already for" in twice.refused(*words[:-1], "else@example.net")
    file = tmp_path / "pairs.csv"
    file.write_bytes(
        b"\xef\xbb\xbf"
        + f'"LegacyExchangeDN","PrimarySmtpAddress"\r\n"{NAME}",'
        '"erika@example.net"\r\n"/O=ACME/CN=OTTO","otto@acme.example"\r\n'.encode()
    )
    assert twice.ok("contact", "x500", "import", str(file)) == "2 pairs read, 1 of them new.\n"
    assert twice.json("contact", "x500", "list") == [
        {"x500": "/O=ACME/CN=OTTO", "address": "otto@acme.example", "contact": "otto@acme.example"},
        {"x500": NAME, "address": "erika@example.net", "contact": "Erika Example"},
    ]
    assert "/O=ACME/CN=OTTO" in twice.ok("contact", "x500", "list")
    before = twice.json("contact", "list")
    for content, said in (
        (b"/O=ACME/CN=X,x@acme.example\n/O=ACME/CN=OTTO,else@x.example\n", "stands already"),
        (b"/O=ACME/CN=X,x@acme.example\nnonsense\n", "Line 2"),
        (b"\xff", "no UTF-8"),
        (b"x" * (16 * 1024 * 1024 + 1), "larger than 16 MiB"),
    ):
        file.write_bytes(content)
        assert said in twice.refused("contact", "x500", "import", str(file))
    assert twice.json("contact", "list") == before
    assert set(broken(twice)) == {"addresses"}


def test_the_doctor_finds_addresses_that_are_wrong(twice: Command) -> None:
    """Of a contact of another segment, and more than one first address."""
    sql(
        twice,
        "INSERT INTO segment (id, name, name_key, next_number, created_at, object_key)"
        " SELECT 9, 'Other', 'other', 20000001, created_at, x'' FROM segment",
        "UPDATE email_address SET segment_id = 9 WHERE address = 'old@example.net'",
        "UPDATE email_address SET is_first = 1",
    )
    found = broken(twice)
    assert found["contacts"] == [
        'old@example.net of contact "E. Example" is of another segment.',
        'Contact "E. Example" has 2 first addresses.',
    ]
