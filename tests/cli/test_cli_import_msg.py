"""`imapgate import` of Outlook's .msg: X.500 names become addresses, and stay known."""

from __future__ import annotations

import shlex
import zipfile
from pathlib import Path
from typing import Any

import pytest
from command import Command
from ole import Item, msg

from imapgate.cli import x500_names

ERIKA = "/o=Acme/ou=Exchange (FYD)/cn=Recipients/cn=erika"
BOB = "/o=Acme/ou=Exchange (FYD)/cn=Recipients/cn=bob"


def letter(path: Path, subject: str = "Letter", sender: str = ERIKA, to: str = BOB) -> Path:
    path.write_bytes(
        msg(
            Item(
                {0x0037: subject, 0x1000: "Hello", 0x0042: "Erika Müller", 0x0065: sender},
                [Item({0x0C15: 1, 0x3001: "Bob", 0x3003: to})],
            )
        )
    )
    return path


def recipients(office: Command, number: int) -> list[str]:
    shown: dict[str, Any] = office.json("activity", "show", str(number))
    return [one["address"] for one in shown["recipients"]]


def test_by_map_and_remembered(office: Command, tmp_path: Path) -> None:
    """The X.500 name becomes an address of the contact: the next import knows it."""
    office.ok("contact", "add", "Erika", "erika@acme.example")
    first = letter(tmp_path / "1.msg", to="bob@acme.example")
    words = ("--map", f"{ERIKA}=erika@acme.example", "--group", "Support")
    office.ok("import", str(first), *words)
    assert recipients(office, 10000001) == ["erika@acme.example", "bob@acme.example"]
    (erika,) = [one for one in office.json("contact", "list") if one["name"] == "Erika"]
    assert erika["addresses"] == ["erika@acme.example", ERIKA]
    second = letter(tmp_path / "2.msg", "Second", sender=ERIKA.upper(), to="bob@acme.example")
    office.ok("import", str(second), "--group", "Support")
    assert recipients(office, 10000002) == ["erika@acme.example", "bob@acme.example"]


def test_nobody_knows_it_and_nobody_can_be_asked(office: Command, tmp_path: Path) -> None:
    """The mail is filed with the name; how to map it is told. Mapped later, the same file is the
    same mail, and the contact of that name gets the address."""
    box = letter(tmp_path / "1.msg")
    result = office.run("import", str(box), "--group", "Support")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "2 X.500 names have no e-mail address; the mails have the names instead. Map them before "
        "an import, each with --map:",
        f"  --map '{ERIKA}=ADDRESS'  (Erika Müller)",
        f"  --map '{BOB}=ADDRESS'  (Bob)",
    ]
    assert recipients(office, 10000001) == [ERIKA, BOB]
    words = ("--map", f"{ERIKA}=erika@acme.example", "--group", "Support")
    assert office.json("import", str(box), *words)["sums"] == {"known": 1}
    (erika,) = [one for one in office.json("contact", "list") if one["name"] == "Erika Müller"]
    assert erika["addresses"] == [ERIKA, "erika@acme.example"]


def test_a_name_that_a_shell_would_run(office: Command, tmp_path: Path) -> None:
    """The line can be pasted, whatever a stranger's file calls people."""
    name = "/o=x/cn='; reboot #"
    box = letter(tmp_path / "1.msg", sender=name, to="bob@acme.example")
    told = office.run("import", str(box), "--group", "Support").stderr.splitlines()[1]
    assert shlex.split(told.partition("  (")[0]) == ["--map", f"{name}=ADDRESS"]


def test_a_dry_run_tells_them_and_remembers_nothing(office: Command, tmp_path: Path) -> None:
    before = office.json("contact", "list")
    words = ("import", str(letter(tmp_path / "1.msg")), "--map", f"{ERIKA}=e@x.example")
    result = office.run(*words, "--dry-run", "--group", "Support")
    assert result.stderr.splitlines()[0].startswith("1 X.500 name has no e-mail address;")
    assert office.json("contact", "list") == before


def test_on_a_terminal_it_is_asked_for_once(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no address is asked for again; nothing is an answer, too."""
    monkeypatch.setattr(x500_names, "is_terminal", lambda: True)
    for n in range(2):
        letter(tmp_path / f"{n}.msg", f"Letter {n}")
    result = office.run(
        *("import", str(tmp_path / "0.msg"), str(tmp_path / "1.msg"), "--group", "Support"),
        input="no address\nerika@acme.example\n\n",
    )
    assert result.exit_code == 0
    assert result.stderr.count("E-mail address of Erika Müller, ") == 2
    assert result.stderr.count("E-mail address of Bob, ") == 1
    assert '"no address" is no e-mail address.' in result.stderr
    assert recipients(office, 10000001) == ["erika@acme.example", BOB]
    assert recipients(office, 10000002) == ["erika@acme.example", BOB]
    (erika,) = [one for one in office.json("contact", "list") if one["name"] == "Erika Müller"]
    assert erika["addresses"] == ["erika@acme.example", ERIKA]


def test_who_is_asked_may_stop(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the end of the input, or Ctrl-C; what had come is filed by the next import."""
    monkeypatch.setattr(x500_names, "is_terminal", lambda: True)
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(letter(tmp_path / "1.msg"), "1.msg")
    result = office.run("import", str(path), "--group", "Support", input="")
    assert result.exit_code == 1
    assert "Stopped. Run it again to go on." in result.stderr
    assert office.json("activity", "list") == []


def test_a_name_that_stands_for_another_address_is_told(office: Command, tmp_path: Path) -> None:
    box = str(letter(tmp_path / "1.msg"))
    office.ok("import", box, "--group", "Support", "--map", f"{ERIKA}=erika@acme.example")
    refused = office.refused(
        "import", box, "--group", "Support", "--map", f"{ERIKA}=else@x.example"
    )
    assert refused.endswith("stands already for erika@acme.example: that contact has it.")
