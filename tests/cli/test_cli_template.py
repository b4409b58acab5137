"""`imapgate template` and what is set for mail that goes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import Command

from imapgate.outgoing.templates import own


def _file(command: Command, text: str, name: str = "file.txt") -> str:
    file = command.data.parent / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_templates_are_listed_and_shown_with_what_can_be_used(office: Command) -> None:
    listed = office.json("template", "list")
    assert [one["name"] for one in listed] == list(own.BUILT_IN)
    assert "comes with the program" in office.ok("template", "list")
    shown = office.ok("template", "show", "reply")
    for word in ("{{ contact.name }}", "What can be used", "activity.number", "may lack", "quote"):
        assert word in shown
    names = [one["name"] for one in office.json("template", "show", "reply")["values"]]
    assert "contact.address" in names
    sample = office.ok("template", "show", "reply", "--sample")
    assert "Hello Erika Example," in sample
    assert office.ok("template", "show", "test", "--part", "subject").startswith(
        "Test of mailer {{"
    )
    assert "no template" in office.refused("template", "show", "nonsense")


def test_a_segment_sets_its_own_and_takes_it_back(office: Command) -> None:
    """One file, or one for each part; new names too."""
    one = _file(office, "Subject: Case {{ activity.number }}\n\nDear {{ user }},\n")
    made = office.json("template", "set", "reply", one)
    assert (made["subject"], made["text"], made["html"], made["own"]) == (
        "Case {{ activity.number }}", "Dear {{ user }},\n", None, True,
    )  # fmt: skip
    html = _file(office, "<p>{{ user }}</p>", "file.html")
    assert office.json("template", "set", "reply", "--html-file", html)["text"] == made["text"]
    assert "in place of the usual one" in office.ok("template", "list")
    office.ok("template", "set", "closing", one)
    assert [one["name"] for one in office.json("template", "list")][-1] == "closing"
    assert "counts again" in office.ok("template", "reset", "reply", "--yes")
    assert office.run("template", "reset", "closing", input="n\n").exit_code == 1
    assert "There is none" in office.ok("template", "reset", "closing", "--yes")
    assert len(office.json("template", "list")) == len(own.BUILT_IN)
    history = office.json("account", "history")
    assert [one["subject"] for one in history][:2] == ["template closing", "template reply"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Dear {{ user }}", "begins with a line"),
        ("Subject: x\nDear", "begins with a line"),
        ("Subject: {{ nobody }}\n\nx", 'there is no value "nobody"'),
        ("Subject: x\n\n{{ user.name() }}", "line 1: calls"),
        ("Subject: x\n\n" + "x" * 40_000, "longer than"),
    ],
)
def test_what_is_not_fit_is_refused(office: Command, text: str, why: str) -> None:
    assert why in office.refused("template", "set", "reply", _file(office, text))
    assert not any(one["own"] for one in office.json("template", "list"))


def test_what_is_no_text_is_refused(office: Command, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"Subject: \xff\xfe\n\nx")
    assert "UTF-8" in office.refused("template", "set", "reply", str(tmp_path / "x"))
    for words in (("template", "set", "reply"), ("template", "set", "reply", str(tmp_path / "x"),
                  "--text-file", str(tmp_path / "x"))):  # fmt: skip
        assert office.run(*words).exit_code == 2


def test_settings_are_listed_set_and_reset(office: Command) -> None:
    listed = {one["key"]: one for one in office.json("outgoing", "list")}
    assert listed["mail-format"]["value"] == "html"
    assert not listed["mail-format"]["set"]
    assert "mail-format is plain now." in office.ok("outgoing", "set", "mail-format", "plain")
    assert "plain" in office.ok("outgoing", "list")
    assert "It is one of plain, html." in office.refused("outgoing", "set", "mail-format", "rtf")
    assert "html again" in office.ok("outgoing", "reset", "mail-format")
    assert "gateway is empty again." in office.ok("outgoing", "reset", "gateway")


def test_people_have_formats_of_their_own(office: Command) -> None:
    """Until the segment lets none count."""
    office.ok("contact", "add", "Erika", "erika@example.net")
    assert "are html." in office.ok("user", "format", "anna")
    assert "are plain." in office.ok("user", "format", "anna", "plain")
    assert office.json("contact", "format", "Erika", "plain")["format"] == "plain"
    assert "are html." in office.ok("contact", "format", "Erika", "segment")
    office.ok("outgoing", "set", "own-formats", "no")
    assert "don't count here" in office.ok("user", "format", "anna", "plain")


def test_a_draft_is_made_from_a_case(office: Command) -> None:
    """The administrator's, or a named user's who may see it; the sentence says where it is."""
    office.ok("user", "add", "bert", "--email", "bert@acme.example")
    office.ok("contact", "add", "Erika", "erika@example.net")
    office.ok("activity", "new", "Too hot", "--creator", "Bugs", "--contact", "Erika")
    told = office.ok("activity", "mail", "10000001", "--template", "confirmation")
    assert told == ('A draft to erika@example.net is in Drafts of anna: "[#10000001] Too hot".\n')
    assert "not theirs to see" in office.refused("activity", "mail", "10000001", "--user", "bert")
    office.ok("member", "set", "Support", "bert", "viewer")
    made = office.json("activity", "mail", "10000001", "--user", "bert", "--to", "x@example.net")
    assert (made["to"], made["sender"]) == (["x@example.net"], "bert@acme.example")


def test_a_transition_sends_a_template(office: Command) -> None:
    """Set, shown, and kept from a template that it sends being dropped."""
    transition = ("process", "transition", "Bug and feature", "Assign")
    done = office.ok(*transition, "--template", "confirmation", "--template-to", "assigned to")
    assert "sends template confirmation" in done
    assert "confirmation to assigned to" in office.ok("process", "show", "Bug and feature")
    office.ok("template", "set", "own", _file(office, "Subject: x\n\ny"))
    office.ok(*transition, "--template", "own")
    assert 'sent by transition "Assign"' in office.refused("template", "reset", "own", "--yes")
    assert "sends no template" in office.ok(*transition, "--template", "")
    office.ok("template", "reset", "own", "--yes")
    assert "no template" in office.refused(*transition, "--template", "nonsense")
    assert "system's own mails" in office.refused(*transition, "--template", "failure")
    assert "neither" in office.refused(*transition, "--template", "reply", "--template-to", "bert")
    assert office.run(*transition).exit_code == 2
    assert office.run(*transition, "--template-to", "assigned to").exit_code == 2
