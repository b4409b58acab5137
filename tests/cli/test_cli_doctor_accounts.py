"""What `imapgate doctor` says of mail accounts."""

from __future__ import annotations

import time

import pytest
from command import Command
from doctoring import broken, look, sql

HERE = ("--host", "mail.acme.example", "--user", "support")
LONG_AGO = int(time.time()) - 40 * 24 * 3600


@pytest.fixture
def office(acme: Command) -> Command:
    """Account `support`, which was read a moment ago."""
    acme.ok("group", "add", "tracker", "E-Mails")
    acme.ok("creator", "add", "E-Mails", "--type", "E-Mail", "--group", "E-Mails", "--default")
    acme.ok("account", "add", "support", *HERE, "--creator", "E-Mails")
    sql(acme, f"UPDATE account_state SET succeeded_at = {int(time.time())}, fetched = 1")
    return acme


def state(command: Command, values: str) -> None:
    sql(command, f"UPDATE account_state SET {values}")


def told(command: Command) -> dict[str, list[str]]:
    found = broken(command)
    return {name: found[name] for name in ("mail accounts", "unused accounts") if name in found}


def test_an_account_that_is_read_is_no_news(office: Command) -> None:
    """Nor one that isn't, for a while."""
    assert told(office) == {}
    office.ok("account", "disable", "support")
    assert told(office) == {}


def test_failing_accounts(office: Command) -> None:
    """Once or twice is a notice, three times in a row a problem; a disabled one fails no more."""
    state(office, "failures = 2, error = 'The server is away.'")
    assert told(office) == {
        "unused accounts": ['Account "support" of Acme failed lately: The server is away.']
    }
    assert look(office)["unused accounts"]["state"] == "notice"
    state(office, "failures = 3")
    assert told(office) == {
        "mail accounts": ['Account "support" of Acme failed 3 times in a row: The server is away.']
    }
    assert look(office)["mail accounts"]["state"] == "problem"
    office.ok("account", "disable", "support")
    assert told(office) == {}


def test_accounts_that_nothing_uses(office: Command) -> None:
    """Off for a month; never read; read for a month, and nothing came."""
    state(office, "succeeded_at = NULL, fetched = 0")
    assert "has never been read" in told(office)["unused accounts"][0]
    sql(office, f"UPDATE account SET created_at = {LONG_AGO}")
    state(office, f"succeeded_at = {int(time.time())}")
    assert "has brought no mail in a month" in told(office)["unused accounts"][0]
    office.ok("account", "disable", "support")
    assert told(office) == {}
    state(office, f"succeeded_at = {LONG_AGO}")
    assert "hasn't been read for a month" in told(office)["unused accounts"][0]


def test_accounts_whose_mails_have_no_place(office: Command) -> None:
    """Its creator serves no group any more; the segment's default is gone."""
    office.ok("creator", "edit", "E-Mails", "--no-groups")
    assert told(office)["mail accounts"] == [
        'Account "support" of Acme: what it brings can\'t be filed: creator "E-Mails" serves no '
        "group."
    ]
    office.ok("account", "edit", "support", "--creator", "")
    office.ok("creator", "remove", "E-Mails")
    assert told(office)["mail accounts"] == [
        'Account "support" of Acme: what it brings can\'t be filed: the segment has no default '
        "e-mail creator."
    ]


def test_a_logging_user_who_is_disabled(office: Command) -> None:
    """The administrator stands in, with less than their own rights."""
    office.ok("user", "add", "bert")
    office.ok("account", "edit", "support", "--logging-user", "bert")
    assert told(office) == {}
    office.ok("user", "disable", "bert")
    (sentence,) = told(office)["mail accounts"]
    assert "bert, who logs what it brings, is disabled" in sentence
