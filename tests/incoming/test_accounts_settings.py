"""Settings as values: whatever is changed in whatever order, an account is one that can be read."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from imapgate.activities.names import Mistake
from imapgate.incoming.account import AFTERWARDS, IMAP_MECHANISMS, KINDS, PROTOCOLS
from imapgate.incoming.accounts import planned
from imapgate.incoming.settings import rules
from imapgate.incoming.settings.flat import BLANK, built, settings_of
from imapgate.incoming.settings.texts import LISTS, NAMES, text_of, value_of
from imapgate.incoming.settings.values import SECURITIES, checked
from imapgate.servers.server import AUTHENTICATIONS, GRANTS, TLS_VERSIONS

CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "protocol": st.sampled_from(PROTOCOLS),
    "port": st.sampled_from([143, 993, 1143]),
    "security": st.sampled_from(SECURITIES),
    "folder": st.sampled_from(["INBOX", "inbox", "Work"]),
    "lowest_tls": st.sampled_from(TLS_VERSIONS),
    "verify": st.booleans(),
    "pin": st.sampled_from([None, "ab" * 32]),
    "authentication": st.sampled_from(AUTHENTICATIONS),
    "user": st.sampled_from(["", "joe"]),
    "mechanism": st.sampled_from([None, "APOP", "XOAUTH2", *IMAP_MECHANISMS]),
    "authority": st.sampled_from(["", "https://login.example"]),
    "client_id": st.sampled_from(["", "imapgate"]),
    "grant": st.sampled_from(GRANTS),
    "after_reading": st.sampled_from([None, *AFTERWARDS]),
    "move_to": st.sampled_from([None, "Done", "INBOX"]),
    "creator": st.sampled_from([None, "E-Mails"]),
    "reply_to": st.sampled_from([None, "a@x.example"]),
    "approve": st.lists(st.sampled_from(["ja", "ok", "nein"]), max_size=2),
    "reject": st.lists(st.sampled_from(["nein", "NEIN", "no"]), max_size=2),
}
CHANGES = st.lists(
    st.sets(st.sampled_from(sorted(CHOICES)), min_size=1, max_size=4).flatmap(
        lambda names: st.fixed_dictionaries({name: CHOICES[name] for name in sorted(names)})
    ),
    max_size=8,
)


@given(st.sampled_from(KINDS), CHANGES)
def test_every_change_that_is_taken_leaves_what_fits_together(
    kind: str, changes: list[dict[str, Any]]
) -> None:
    """And is kept as it is, by way of JSON; what is named is what it says, or it is refused."""
    now = planned(kind, BLANK, {"host": "mail.example", "user": "joe", "creator": "E-Mails"})
    for wanted in changes:
        try:
            after = planned(kind, now, wanted)
        except Mistake:
            continue
        rules.check(kind, after)
        assert all(after[name] == checked(name, value) for name, value in wanted.items())
        kept = built(1, 1, "a", kind, json.loads(json.dumps(after)))
        assert settings_of(kept) == after
        assert planned(kind, after, {}) == after, "nothing follows from nothing"
        encrypted = kept.place.protocol.endswith("s") or kept.place.tls.starttls
        assert encrypted or (kept.place.login.oauth is None and kept.place.tls.verify)
        now = after


@given(st.sampled_from(sorted(CHOICES)), st.data())
def test_what_people_read_is_what_they_may_write(name: str, data: st.DataObject) -> None:
    """A value's text means that value again; nothing and no choice are empty."""
    value = checked(name, data.draw(CHOICES[name]))
    text = text_of(name, value)
    if value in (None, "", []):
        assert text == ""
    else:
        assert checked(name, value_of(name, text)) == value


@given(st.sampled_from(NAMES), st.text(max_size=30))
def test_any_text_is_a_value_or_refused(name: str, text: str) -> None:
    """Nothing else is raised, and no sentence steers a terminal."""
    told = ""
    try:
        value = checked(name, value_of(name, text))
    except Mistake as error:
        told = str(error)
    else:
        assert isinstance(value, list) == (name in LISTS)
        json.dumps(value)
    assert not [one for one in told if unicodedata.category(one) in ("Cc", "Cs")]
    assert len(told) < 250


def test_spans_of_time() -> None:
    """As people write and read them."""
    for text, seconds in (("90", 90), ("90s", 90), ("5m", 300), ("5 min", 300), ("2H", 7200)):
        assert value_of("interval", text) == seconds
    assert value_of("interval", "1d") == 86400
    for text in ("", "-1", "1.5m", "5 weeks", "٣m", "9" * 12):
        assert value_of("interval", text) == text
    shown = [text_of("interval", seconds) for seconds in (45, 90, 300, 5400, 7200)]
    assert shown == ["45 s", "90 s", "5 min", "90 min", "2 h"]


def test_an_account_of_an_older_version_has_the_usual_values() -> None:
    """Settings that weren't there yet, and some that aren't there any more."""
    kept = built(1, 1, "a", "mailbox", {"host": "mail.example", "gone": True})
    assert settings_of(kept) == {**BLANK, "host": "mail.example"}
