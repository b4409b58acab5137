"""Nobody makes the server say a line of their own: all text goes through one place (rule 22)."""

from __future__ import annotations

import ast
import base64
import re
from pathlib import Path

import pytest
from desk import wrapper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transcript import Client, Stage

from imapgate.wire.responses import status

ROOT = Path(__file__).parents[2] / "imapgate"
ROOMS = ("session", "folders")
READY_MADE = {
    ("telling.py", b"* %d FETCH (%b)\r\n"),
    ("telling.py", b"* VANISHED %b%b\r\n"),
}
"""Lines with more than numbers in them: what is put in was made by wire."""
LINES = re.compile(rb"(?:(?:\* |z |\+ )[\x20-\x7e]*\r\n)*")
FORGED = ("\r", "\n", "\r\n* OK forged", "\r\nz OK forged", "\0", "\u2028", "\x85", "{5}")
HOSTILE = st.lists(st.sampled_from(FORGED) | st.text(max_size=5), min_size=1, max_size=8).map(
    "".join
)


def _constants(room: str) -> list[tuple[str, str | bytes]]:
    """(file, constant) of each text or octets with CR or LF that isn't a docstring."""
    found = []
    for file in sorted((ROOT / room).rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        statements = [one.value for one in ast.walk(tree) if isinstance(one, ast.Expr)]
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or node in statements:
                continue
            value = node.value
            if (isinstance(value, bytes) and re.search(rb"[\r\n]", value)) or (
                isinstance(value, str) and re.search(r"[\r\n]", value)
            ):
                found.append((file.name, value))
    return found


def test_no_room_but_wire_writes_line_ends_around_text() -> None:
    """In session and folders, a line is fixed, or holds numbers, or is ready-made by wire."""
    seen = [one for room in ROOMS for one in _constants(room)]
    assert ("connection.py", b"+ go on\r\n") in seen, "the reading of constants finds them"
    for file, value in seen:
        if isinstance(value, str):
            assert value in ("\n", "\r\n"), (file, value)
        elif (file, value) not in READY_MADE:
            assert not re.search(rb"%[^d%]", value), (file, value)
    assert {one for one in READY_MADE if one in seen} == READY_MADE


@settings(deadline=None)
@given(HOSTILE, st.none() | HOSTILE, st.sampled_from([b"OK", b"NO", b"BAD", b"BYE"]))
def test_a_status_line_is_one_line_whatever_it_says(
    text: str, code: str | None, condition: bytes
) -> None:
    """In its text and in its code."""
    line = status(b"z", condition, text, code)
    assert LINES.fullmatch(line)
    assert line.count(b"\n") == line.count(b"\r") == 1


@pytest.fixture
def client(stage: Stage) -> Client:
    stage.run("C: a NOOP\nS: a OK ...")
    return stage.client("alice")


def _said(client: Client, octets: bytes) -> bytes:
    client.send(octets)
    return client.wire.take()


def _literal(octets: bytes) -> bytes:
    return b"{%d+}\r\n" % len(octets) + octets


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(HOSTILE, st.sampled_from(["Trackers/", "Trackers/Support", ""]))
def test_no_folder_name_makes_a_line_of_its_own(client: Client, name: str, above: str) -> None:
    """In refusals, in LIST, STATUS, MYRIGHTS: whatever is named, and if it gets made."""
    folder = _literal(f"{above}{name}".encode("utf-8", "surrogatepass"))
    other = _literal(b"Other")
    mail = _literal(b"Subject: x\r\n\r\nx\r\n")
    for command in (
        b"CREATE " + folder,
        b'LIST "" ' + folder,
        b'LSUB "" ' + folder,
        b"STATUS " + folder + b" (MESSAGES)",
        b"MYRIGHTS " + folder,
        b"SUBSCRIBE " + folder,
        b"APPEND " + folder + b" " + mail,
        b"SELECT " + folder,
        b"RENAME " + folder + b" " + other,
        b"RENAME " + other + b" " + folder,
        b"DELETE " + folder,
        b"DELETE " + other,
    ):
        told = _said(client, b"z " + command + b"\r\n")
        assert LINES.fullmatch(told), (command, told)
        assert len(re.findall(rb"(?m)^z (?:OK|NO|BAD) ", told)) == 1, (command, told)


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(HOSTILE)
def test_no_subject_makes_a_line_of_its_own(client: Client, name: str) -> None:
    """A wrapper's answer names what its subject named."""
    subject = f"> @{name}  #{name}  {name}".encode("utf-8", "replace")
    encoded = "=?utf-8?B?" + base64.b64encode(subject).decode() + "?="
    content = wrapper(encoded, b"Subject: inner\r\n\r\nx\r\n")
    told = _said(client, b"z APPEND Trackers/Support " + _literal(content) + b"\r\n")
    assert LINES.fullmatch(told), told
    assert len(re.findall(rb"(?m)^z (?:OK|NO) ", told)) == 1, told


def test_no_tag_makes_a_line_of_its_own(client: Client) -> None:
    """What can't be a tag isn't repeated."""
    for tag in (b"\x00", b"a\rb", b"\xff", b'"', b"a{5}", b"+", b"(" * 100):
        told = _said(client, tag + b" NOOP\r\nz CAPABILITY\r\n")
        lines = told.splitlines(keepends=True)
        assert lines[0].startswith(b"* BAD "), told
        assert LINES.fullmatch(told), told
