"""docs/service.md says what is true: its unit, its plist, its events and their fields."""

from __future__ import annotations

import ast
import contextlib
import imaplib
import json
import plistlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import HOST, start

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
UNIT = PAGE.partition("```ini\n")[2].partition("```")[0]
EVERY = {"time", "level", "logger", "message", "event", "traceback"}


def _documented() -> dict[str, set[str]]:
    """Event -> its fields, from the page's table."""
    found = {}
    for line in PAGE.splitlines():
        cells = line.split("|")
        if line.startswith("| `") and len(cells) >= 4:
            for event in re.findall(r"`(\w+)`", cells[1]):
                found[event] = set(re.findall(r"`(\w+)`", cells[2]))
    return found


def _events_in_code() -> set[str]:
    """Of what a log line is given: an event and its fields, if any. Other dicts may have an
    "event", too, beside other keys."""
    found = set()
    for package in ("imapgate", "storage", "certs"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Dict) and _is_of_a_log_line(node):
                    for key, value in zip(node.keys, node.values, strict=True):
                        if isinstance(key, ast.Constant) and key.value == "event":
                            assert isinstance(value, ast.Constant), file
                            found.add(value.value)
    return found


def _is_of_a_log_line(node: ast.Dict) -> bool:
    keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    return keys in (["event"], ["event", "fields"])


def test_the_page_lists_every_event_and_no_other() -> None:
    assert _events_in_code() == set(_documented())


def test_a_server_that_logs_json_writes_nothing_else_and_the_fields_of_the_page(
    tmp_path: Path,
) -> None:
    """By the environment; from the start to the end, failures included."""
    running = start(tmp_path / "demo", "demo", IMAPGATE_LOG="json")
    client = imaplib.IMAP4(HOST, running.port, timeout=30)
    with contextlib.suppress(imaplib.IMAP4.error):
        client.login("alice@Standard", "wrong one")
    client.login("alice@Standard", "demo")
    client.append("Trackers/Archive", "", "", b"Subject: Zq7\r\n\r\nZq7\r\n")
    client.logout()
    code, log = running.stop()
    assert code == 0, log
    said = [json.loads(line) for line in log.splitlines()]
    documented = _documented()
    for one in said:
        assert {"time", "level", "logger", "message"} <= set(one), one
        assert set(one) - EVERY == documented[one["event"]], one
    seen = [one["event"] for one in said]
    assert seen == ["listening", "sign_in_failed", "sign_in", "drop", "stopping", "stopped"]
    drop = said[3]
    assert (drop["verdict"], drop["code"], drop["folder"]) == ("refused", "CANNOT", None)
    assert (said[0]["port"], said[0]["tls_port"]) == (running.port, running.tls_port)
    assert "Zq7" not in log
    assert "wrong one" not in log


def test_systemd_has_nothing_against_the_unit(tmp_path: Path) -> None:
    """With a program that is here in the place of the installed one."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "imapgate.service"
    unit.write_text(UNIT.replace("/opt/imapgate/bin/imapgate ", f"{sys.executable} -m imapgate "))
    done = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60
    )
    complaints = [line for line in done.stderr.splitlines() if "imapgate" in line]
    assert (done.returncode, complaints) == (0, [])
    unit.write_text(UNIT + "NoSuchSetting=yes\n[Service]\nNoSuchSetting=yes\n")
    wrong = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60
    )
    assert "NoSuchSetting" in wrong.stderr


def test_the_unit_is_hardened_and_reloads() -> None:
    """What the page promises of it."""
    for line in (
        "Type=notify",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "Restart=on-failure",
        "StateDirectory=imapgate",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
    ):
        assert line in UNIT.splitlines()


def test_the_plist_can_be_read() -> None:
    plist = plistlib.loads(PAGE.partition("```xml\n")[2].partition("```")[0].encode())
    assert plist["ProgramArguments"][-1] == "serve"
    assert plist["KeepAlive"] == {"SuccessfulExit": False}
