"""A mailer's settings: any change that is taken leaves what fits together; texts and values."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from imapgate.activities.names import Mistake
from imapgate.outgoing.mailer import MECHANISMS, SECURITIES, SENDMAIL, usual_port
from imapgate.outgoing.mailer_settings import rules
from imapgate.outgoing.mailer_settings.flat import BLANK, built, effective
from imapgate.outgoing.mailer_settings.texts import text_of, value_of
from imapgate.outgoing.mailer_settings.values import checked
from imapgate.servers.server import AUTHENTICATIONS, GRANTS, OAUTH_MECHANISMS, TLS_VERSIONS

APPLICATION = {
    "authentication": "oauth",
    "authority": "https://login.example",
    "client_id": "imapgate",
    "scope": "mail",
    "grant": "refresh_token",
    "user": "support@x.example",
}
CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "active": st.booleans(),
    "host": st.sampled_from(["", "mail.example", "127.0.0.1"]),
    "port": st.sampled_from([None, 25, 2525]),
    "security": st.sampled_from(SECURITIES),
    "sendmail": st.sampled_from([None, SENDMAIL]),
    "connecting": st.sampled_from([5.0, 30.0]),
    "sending": st.sampled_from([5.0, 300.0]),
    "lowest_tls": st.sampled_from(TLS_VERSIONS),
    "verify": st.booleans(),
    "pin": st.sampled_from([None, "ab" * 32]),
    "authentication": st.sampled_from([None, *AUTHENTICATIONS]),
    "user": st.sampled_from(["", "joe"]),
    "mechanism": st.sampled_from([None, *MECHANISMS, *OAUTH_MECHANISMS]),
    "authority": st.sampled_from(["", "https://login.example"]),
    "client_id": st.sampled_from(["", "imapgate"]),
    "grant": st.sampled_from(GRANTS),
    "account": st.sampled_from([None, "support"]),
    "from": st.sampled_from(["", "crm@x.example"]),
    "reply_to": st.sampled_from([None, "crm@x.example"]),
    "intercept": st.sampled_from([None, "file", "tests@x.example"]),
    "debug": st.booleans(),
}
CHANGES = st.lists(
    st.sets(st.sampled_from(sorted(CHOICES)), min_size=1, max_size=4).flatmap(
        lambda names: st.fixed_dictionaries({name: CHOICES[name] for name in sorted(names)})
    ),
    max_size=8,
)


def _planned(before: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    now = rules.changed(before, {name: checked(name, value) for name, value in wanted.items()})
    rules.check(now, None if now["account"] is None else APPLICATION)
    return now


@given(CHANGES)
def test_every_change_that_is_taken_leaves_what_fits_together(
    changes: list[dict[str, Any]],
) -> None:
    """What is named is what it says, or it is refused; what the mailer comes to is whole."""
    now = _planned(BLANK, {"host": "mail.example", "user": "joe"})
    for wanted in changes:
        try:
            after = _planned(now, wanted)
        except Mistake:
            continue
        assert all(after[name] == checked(name, value) for name, value in wanted.items())
        assert _planned(after, {}) == after, "nothing follows from nothing"
        application = None if after["account"] is None else APPLICATION
        kept = json.loads(json.dumps(after))
        made = built(1, 1, "a", True, kept, 3 if application else None, application)
        assert (made.relay is None) is (after["sendmail"] is not None)
        if made.relay is not None:
            relay = made.relay
            logs_in = relay.login.authentication != "none"
            assert relay.host
            assert bool(relay.login.user) is logs_in
            assert (relay.login.oauth is not None) is (relay.login.authentication == "oauth")
            assert relay.login.oauth is None or relay.security != "none"
            assert relay.port == (after["port"] or usual_port(relay.security, logs_in))
            assert relay.tls.verify or relay.security != "none"
        now = after


@given(st.sampled_from(sorted(CHOICES)), st.data())
def test_what_people_read_is_what_they_may_write(name: str, data: st.DataObject) -> None:
    """A value's text means that value again; nothing and no choice are empty."""
    value = checked(name, data.draw(CHOICES[name]))
    text = text_of(name, value)
    if value in (None, ""):
        assert text == ""
    else:
        assert checked(name, value_of(name, text)) == value


@given(st.sampled_from(sorted(BLANK)), st.text(max_size=30))
def test_any_text_is_a_value_or_refused(name: str, text: str) -> None:
    """Nothing else is raised, and no sentence steers a terminal."""
    told = ""
    try:
        json.dumps(checked(name, value_of(name, text)))
    except Mistake as error:
        told = str(error)
    assert not [one for one in told if unicodedata.category(one) in ("Cc", "Cs")]
    assert len(told) < 250


def test_an_application_gives_what_the_mailer_lacks() -> None:
    """Authority, client, scope and grant; the user too where none is named."""
    of = effective({"host": "mail.example", "account": "support"}, APPLICATION)
    assert (of["authentication"], of["user"], of["port"]) == ("oauth", "support@x.example", 587)
    named = effective({"host": "mail.example", "account": "support", "user": "joe"}, APPLICATION)
    assert (named["user"], named["scope"]) == ("joe", "mail")


def test_default_takes_a_choice_back() -> None:
    assert value_of("port", "default") is None
    assert value_of("authentication", "Default") is None
    assert value_of("sending", "10m") == 600
