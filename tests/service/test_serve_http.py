"""The HTTP listener of a real server: off unless asked for, by option, setting or environment."""

from __future__ import annotations

import http.client
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from running import HOST, Running, start

from imapgate.cli.main import imapgate

PATH = "/mail/config-v1.1.xml"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    directory = tmp_path / "data"
    environ = {"IMAPGATE_PASSWORD": "anna's own"}
    done = CliRunner().invoke(imapgate, ["--data", str(directory), "init"], env=environ)
    assert done.exit_code == 0, done.output
    return directory


def _http_port(running: Running) -> int | None:
    found = re.search(r"port (\d+) \(HTTP", running.told)
    return int(found[1]) if found else None


def _ask(port: int, method: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request(method, path, headers={"User-Agent": "tests"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_the_file_names_the_ports_that_are_listened_on(data: Path) -> None:
    """Whatever they were set to; the log has the listener's line and nothing of who asked."""
    running = start(data, "serve", "--http-port", "0", "--log", "json")
    try:
        port = _http_port(running)
        assert port is not None
        status, content = _ask(port, "GET", PATH + "?emailaddress=anna%40acme.example")
        assert status == 200
        server = ElementTree.fromstring(content).find("emailProvider/incomingServer")
        assert server is not None
        assert server.findtext("hostname") == HOST
        assert server.findtext("port") == str(running.port)
        assert _ask(port, "GET", PATH + "?emailaddress=nobody%40acme.example") == (200, content)
        assert _ask(port, "HEAD", PATH) == (200, b"")
        assert _ask(port, "GET", "/")[0] == 404
        assert _ask(port, "POST", PATH)[0] == 405
    finally:
        code, log = running.stop()
    assert code == 0, log
    said = [json.loads(line) for line in log.splitlines()]
    (told,) = [one for one in said if one["event"] == "listening_http"]
    assert (told["host"], told["port"]) == (HOST, port)
    assert "anna" not in log
    assert "nobody" not in log


def test_the_environment_turns_it_on_and_nothing_is_off(data: Path) -> None:
    """IMAPGATE_HTTP_PORT, as for every setting."""
    for environ in ({}, {"IMAPGATE_HTTP_PORT": "0"}):
        running = start(data, "serve", **environ)
        try:
            assert (_http_port(running) is not None) == bool(environ)
        finally:
            code, log = running.stop()
        assert code == 0, log


def test_a_port_that_is_taken_is_told_with_its_option(data: Path) -> None:
    running = start(data, "serve", "--http-port", "0")
    try:
        taken = str(_http_port(running))
        other = data.with_name("other")
        made = CliRunner().invoke(
            imapgate, ["--data", str(other), "init"], env={"IMAPGATE_PASSWORD": "x's own"}
        )
        assert made.exit_code == 0, made.output
        with pytest.raises(AssertionError, match=f"port {taken} on {HOST} is taken.*--http-port"):
            start(other, "serve", "--http-port", taken)
    finally:
        code, log = running.stop()
    assert code == 0, log
