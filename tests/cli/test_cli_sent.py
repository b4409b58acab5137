"""`user sent` and `group sent`: what becomes of mail that is sent through imapgate."""

from __future__ import annotations

from command import Command


def test_a_user_says_where_sent_mail_is_filed(office: Command) -> None:
    """Nothing by default; a name as people write it; each change with a record."""
    office.ok("member", "set", "Support", "anna", "manager")
    assert office.ok("user", "sent", "anna").strip() == (
        "What anna@Acme sends is filed by numbers; everything else is only sent."
    )
    office.ok("user", "sent", "anna", "--references", "on")
    told = office.ok("user", "sent", "anna", "--group", "support", "--reason", "she asked")
    assert told.strip() == (
        "What anna@Acme sends is filed by numbers and by what it answers; everything else into"
        ' "Support".'
    )
    shown = office.json("user", "sent", "anna")
    assert shown == {"user": "anna@Acme", "references": True, "group": "Support"}
    office.ok("user", "sent", "anna", "--no-group", "--references", "off")
    assert office.json("user", "sent", "anna")["group"] is None


def test_a_group_says_what_becomes_of_answers(office: Command) -> None:
    assert not office.json("group", "sent", "Support")["references"]
    told = office.ok("group", "sent", "support", "--references", "on")
    assert told.strip() == ('What answers activities of "Support" is filed also without a number.')
    assert office.json("group", "sent", "Support")["references"]


def test_nobody_files_where_they_may_not(office: Command) -> None:
    """Or where no mail can be filed."""
    assert office.refused("user", "sent", "anna", "--group", "Nowhere") == (
        'There is no group "Nowhere".'
    )
    office.ok("user", "add", "bert")
    assert office.refused("user", "sent", "bert", "--group", "Support") == (
        'bert may not file into "Support".'
    )
    office.ok("member", "set", "Empty", "bert", "contributor")
    assert office.refused("user", "sent", "bert", "--group", "Empty") == (
        '"Empty" takes no mail: it has no e-mail creator.'
    )
    assert office.refused("user", "sent", "nobody").startswith("There is no user")
