"""Settings from file, environment and command line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from imapgate.limits import Limits
from imapgate.settings import (
    Outgoing,
    Settings,
    SettingsError,
    default_data,
    environment_name,
    load,
)
from imapgate.workarounds import Workarounds


def _load(text: str, tmp_path: Path, **environ: str) -> Settings:
    config = tmp_path / "settings.toml"
    config.write_text(text, encoding="utf-8")
    return load(data=None, config=config, environ=environ)


def _refused(text: str, tmp_path: Path, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        _load(text, tmp_path, **environ)
    return str(caught.value)


def test_nothing_said_means_the_defaults() -> None:
    """Loopback, ports 1143 and 1993, the user's own data directory."""
    found = load(data=None, config=None, environ={})
    assert (found.host, found.port, found.tls_port) == ("127.0.0.1", 1143, 1993)
    assert found.data == default_data()
    assert found.limits == Limits()


def test_a_file_sets_values_and_limits(tmp_path: Path) -> None:
    """Relative paths begin where the file stands."""
    found = _load(
        'data = "here"\nhost = "::1"\nport = 0\nnames = ["mail.example.org"]\n'
        "[limits]\nmessage = 1000\nidle_time = 60\n",
        tmp_path,
    )
    assert found.data == tmp_path / "here"
    assert (found.host, found.port, found.names) == ("::1", 0, ("mail.example.org",))
    assert (found.limits.message, found.limits.idle_time) == (1000, 60.0)
    assert found.limits.line == Limits().line
    assert found.database == tmp_path / "here" / "imapgate.db"


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    """IMAPGATE_ + name, IMAPGATE_LIMITS_ + name."""
    (tmp_path / "imapgate.toml").write_text("port = 1\ntls_port = 2\n[limits]\nsessions = 3\n")
    environ = {"IMAPGATE_PORT": "11", "IMAPGATE_LIMITS_SESSIONS": "13", "IMAPGATE_DATA": "/x"}
    found = load(data=tmp_path, config=None, environ=environ)
    assert (found.port, found.tls_port, found.limits.sessions) == (11, 2, 13)
    assert found.data == tmp_path


def test_the_environment_names_directory_or_file(tmp_path: Path) -> None:
    """IMAPGATE_DATA and IMAPGATE_CONFIG stand for --data and --config."""
    (tmp_path / "imapgate.toml").write_text("port = 5\n")
    found = load(data=None, config=None, environ={"IMAPGATE_DATA": str(tmp_path)})
    assert (found.data, found.port) == (tmp_path, 5)
    named = {"IMAPGATE_CONFIG": str(tmp_path / "imapgate.toml")}
    assert load(data=None, config=None, environ=named).port == 5


def test_every_value_has_its_name_in_the_environment() -> None:
    """Each one is taken, none is forgotten."""
    environ = {environment_name(one.name, "limits"): "7" for one in fields(Limits)}
    environ |= {"IMAPGATE_HOST": "::", "IMAPGATE_PORT": "1", "IMAPGATE_TLS_PORT": "2"}
    environ |= {"IMAPGATE_CERTIFICATE": "/c", "IMAPGATE_KEY": "/k", "IMAPGATE_NAMES": "a, b"}
    environ |= {"IMAPGATE_SECRETS_KEY": "/s"}
    environ |= {"IMAPGATE_LOG": "json", "IMAPGATE_HTTP_PORT": "3", "IMAPGATE_COMPRESS": "true"}
    environ |= {"IMAPGATE_SUBMISSION_PORT": "4", "IMAPGATE_SUBMISSION_TLS_PORT": "5"}
    environ |= {"IMAPGATE_OUTGOING_HOST": "smtp.example.org", "IMAPGATE_OUTGOING_PORT": "465"}
    environ |= {"IMAPGATE_OUTGOING_SECURITY": "tls", "IMAPGATE_OUTGOING_LOGIN": "name"}
    environ |= {environment_name(one.name, "workarounds"): "false" for one in fields(Workarounds)}
    found = load(data=Path("/d"), config=None, environ=environ)
    assert {getattr(found.limits, one.name) for one in fields(Limits)} == {7}
    assert {getattr(found.workarounds, one.name) for one in fields(Workarounds)} == {False}
    assert found.outgoing == Outgoing("smtp.example.org", 465, "tls", "name")
    assert found == Settings(
        *(Path("/d"), "::", 1, 2, 3, 4, 5, Path("/c"), Path("/k"), Path("/s"), ("a", "b")),
        *("json", True),
        *(found.limits, found.outgoing, found.workarounds),
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("host = '::1'\nprot = 1", 'line 2: there is no setting "prot"'),
        ("[limits]\n\nmesage = 1", 'line 3: there is no limit "mesage"'),
        ("limits.mesage = 1", 'line 1: there is no limit "mesage"'),
        ("[other]\nx = 1", 'line 1: there is no setting "other"'),
        ("message = 1\n[limits]\nmessage = 1", 'line 1: there is no setting "message"'),
        ("port = 65536", 'line 1: "port" is a port number'),
        ('port = "1143"', 'line 1: "port" is a port number'),
        ("port = true", 'line 1: "port" is a port number'),
        ("host = 1", 'line 1: "host" is a text'),
        ("host = ''", 'line 1: "host" is a text that isn\'t empty'),
        ("log = 'xml'", 'line 1: "log" is "text" or "json"'),
        ("log = true", 'line 1: "log" is "text" or "json"'),
        ("names = 'x'", 'line 1: "names" is a list'),
        ("names = ['a.example', 'b c']", 'line 1: "b c" in "names" is no host name'),
        ("[outgoing]\nhost = 'a.example:25'", 'line 2: "a.example:25" in "host" is no host name'),
        ("limits = 3", '"limits" is a section'),
        ("http_port = -1", 'line 1: "http_port" is a port number from 0'),
        ("\n[outgoing]\nhots = 'x'", 'line 3: there is no setting "hots" in [outgoing]'),
        ("outgoing.port = 0", 'line 1: "port" is a port number from 1'),
        ("port = 0\n[outgoing]\nport = 0", 'line 3: "port" is a port number from 1'),
        ("[outgoing]\nhost = ''", 'line 2: "host" is a text that isn\'t empty'),
        ("[outgoing]\nsecurity = 'ssl'", 'line 2: "security" is "none", "starttls" or "tls"'),
        ("[outgoing]\nlogin = true", 'line 2: "login" is "address", "name" or "none"'),
        ("[workarounds]\nspecial_use = false", 'no setting "special_use" in [workarounds]'),
        ("[workarounds]\ndates_from_1982 = 0", 'line 2: "dates_from_1982" is true or false'),
        ("outgoing = 'x'", '"outgoing" is a section'),
        ("[limits]\nsessions = 0", 'line 2: "sessions" is a whole number'),
        ("[limits]\nsessions = 1.5", 'line 2: "sessions" is a whole number'),
        ("[limits]\nlogin_delay = -1", 'line 2: "login_delay" is a time'),
        ("[limits]\nlogin_delay = nan", 'line 2: "login_delay" is a time'),
        ("port = ", "no valid TOML"),
        ("key = 'k.pem'", "go together"),
    ],
)
def test_what_can_t_be_used_is_refused_by_its_place(text: str, place: str, tmp_path: Path) -> None:
    """One plain sentence that names file, line and setting."""
    sentence = _refused(text, tmp_path)
    assert place in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_bad_values_in_the_environment_are_refused_by_name(tmp_path: Path) -> None:
    """So are limits that don't exist; other names that begin alike are none of our business."""
    assert "IMAPGATE_PORT" in _refused("", tmp_path, IMAPGATE_PORT="tcp://1.2.3.4")
    assert "IMAPGATE_LIMITS_MESAGE" in _refused("", tmp_path, IMAPGATE_LIMITS_MESAGE="1")
    assert "IMAPGATE_OUTGOING_HOTS" in _refused("", tmp_path, IMAPGATE_OUTGOING_HOTS="x")
    assert "IMAPGATE_LIMITS_LINE" in _refused("", tmp_path, IMAPGATE_LIMITS_LINE="much")
    assert _load("", tmp_path, IMAPGATE_SERVICE_HOST="x").host == "127.0.0.1"


def test_a_missing_settings_file_is_refused(tmp_path: Path) -> None:
    """--config names a file that must be there."""
    with pytest.raises(SettingsError, match="Can't read the settings"):
        load(data=None, config=tmp_path / "none.toml", environ={})


def test_a_switch_is_true_or_false_in_the_file_and_in_the_environment(tmp_path: Path) -> None:
    assert not load(data=None, config=None, environ={}).compress
    assert _load("compress = true\n", tmp_path).compress
    assert load(data=None, config=None, environ={"IMAPGATE_COMPRESS": "True"}).compress
    with pytest.raises(SettingsError, match='line 1: "compress" is true or false'):
        _load("compress = 1\n", tmp_path)
    with pytest.raises(SettingsError, match='IMAPGATE_COMPRESS: "compress" is true or false'):
        load(data=None, config=None, environ={"IMAPGATE_COMPRESS": "yes"})
