"""Authorizing by device code and in a browser."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from token_server import CLIENT, DEVICE, HOST, PUBLIC, SECRET, TokenServer

from imapgate.servers.oauth.browser import AGREED, STRANGE, Browser
from imapgate.servers.oauth.device import INTERVAL, ask_code, wait_for_token
from imapgate.servers.oauth.grants import Endpoints, Granted, TokenRefused, find_endpoints
from imapgate.servers.oauth.web import Web
from imapgate.servers.server import OAuth, Secrets, ServerError, Tls

JSON = {"Content-Type": "application/json"}


class _Scene:
    def __init__(self, server: TokenServer, client: str = PUBLIC) -> None:
        self.server = server
        self.web = Web(Tls(ca=server.authority), 10.0)
        self.endpoints = find_endpoints(self.web, server.issuer)
        self.oauth = OAuth(server.issuer, client, "mail offline_access", "refresh_token")
        self.secrets = Secrets(client_secret=SECRET if client == CLIENT else None)
        self.slept: list[float] = []
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def wait(self) -> Granted:
        """For a device code, whose person is asked at each `before_answer`."""
        code = ask_code(self.web, self.endpoints, self.oauth, self.secrets)
        return wait_for_token(
            self.web,
            self.endpoints,
            self.oauth,
            self.secrets,
            code,
            self.sleep,
            lambda: self.now,
        )


@pytest.fixture
def scene(token_server: TokenServer) -> _Scene:
    return _Scene(token_server)


def _decides(server: TokenServer, approved: bool, at: int) -> None:
    """The person types the code before the server has been asked that often."""

    def before(path: str) -> None:
        if path == "/tenant/token" and server.paths().count(path) == at:
            server.decide(next(iter(server.devices.values())).user_code, approved)

    server.before_answer = before


@pytest.mark.parametrize("client", [PUBLIC, CLIENT])
def test_a_device_code_gives_a_refresh_token(token_server: TokenServer, client: str) -> None:
    """With and without a client's secret; the server is asked at the pace that it names."""
    scene = _Scene(token_server, client)
    _decides(token_server, True, 2)
    granted = scene.wait()
    assert granted.refresh in token_server.refresh
    assert scene.slept == [5, 5, 5]
    assert token_server.forms("/tenant/device")[0]["scope"] == "mail offline_access"
    assert {one["grant_type"] for one in token_server.forms("/tenant/token")} == {DEVICE}


def test_slow_down_is_honoured(scene: _Scene) -> None:
    """Five seconds more, from then on (RFC 8628 3.5)."""
    _decides(scene.server, True, 3)
    slow = (400, JSON, b'{"error": "slow_down"}')
    scene.server.interval = 2
    scene.server.scripted["/tenant/token"] = [slow, slow]
    scene.wait()
    assert scene.slept == [2, 7, 12, 12]


def test_without_an_interval_it_is_five_seconds(scene: _Scene) -> None:
    scene.server.interval = None
    _decides(scene.server, True, 0)
    scene.wait()
    assert scene.slept == [INTERVAL]


def test_a_denied_code_is_told(scene: _Scene) -> None:
    _decides(scene.server, False, 1)
    with pytest.raises(TokenRefused, match="was denied") as caught:
        scene.wait()
    assert caught.value.code == "access_denied"


def test_a_code_that_nobody_types_ends(scene: _Scene) -> None:
    """Within its life, which is the server's word up to half an hour."""
    scene.server.interval = 60
    with pytest.raises(TokenRefused, match="Nobody authorized it in time"):
        scene.wait()
    assert 540 <= scene.now <= 600
    forever = {
        "device_code": "x", "user_code": "y", "verification_uri": "https://a", "interval": 60,
        "expires_in": 1e12,
    }  # fmt: skip
    body = json.dumps(forever).encode()
    scene.server.scripted["/tenant/device"] = [(200, JSON, body)]
    pending = (400, JSON, b'{"error": "authorization_pending"}')
    scene.server.scripted["/tenant/token"] = [pending] * 40
    scene.now = 0.0
    with pytest.raises(TokenRefused, match="in time"):
        scene.wait()
    assert 1740 <= scene.now <= 1800


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"device_code": 1, "user_code": "a", "verification_uri": "https://a"}',
        b'{"device_code": "1", "user_code": ["a"], "verification_uri": "https://a"}',
        b'{"device_code": "1", "user_code": "a"}',
    ],
)
def test_a_strange_code_is_refused(scene: _Scene, body: bytes) -> None:
    scene.server.scripted["/tenant/device"] = [(200, JSON, body)]
    with pytest.raises(ServerError, match="no device code"):
        scene.wait()


@pytest.mark.parametrize("number", [b"0", b"-5", b"NaN", b"true", b'"5"', b"null"])
def test_strange_times_of_a_code_are_not_taken(scene: _Scene, number: bytes) -> None:
    body = (
        b'{"device_code": "1", "user_code": "a", "verification_url": "https://a",'
        b'"interval": %b, "expires_in": %b}' % (number, number)
    )
    scene.server.scripted["/tenant/device"] = [(200, JSON, body)]
    code = ask_code(scene.web, scene.endpoints, scene.oauth, scene.secrets)
    assert (code.address, code.interval, code.lifetime) == ("https://a", INTERVAL, 1800)


def test_a_server_without_the_way_says_so(scene: _Scene) -> None:
    bare = Endpoints(scene.endpoints.token)
    with pytest.raises(ServerError, match="no device codes") as caught:
        ask_code(scene.web, bare, scene.oauth, scene.secrets)
    assert "--browser" in caught.value.hint
    with pytest.raises(ServerError, match="no page for browsers") as caught:
        Browser(scene.web, bare, scene.oauth, scene.secrets)
    assert "--device" in caught.value.hint


@contextmanager
def _waiting(scene: _Scene, patience: float = 30.0) -> Iterator[tuple[Browser, Future[Granted]]]:
    """A browser is waited for, in a thread."""
    with (
        Browser(scene.web, scene.endpoints, scene.oauth, scene.secrets) as browser,
        ThreadPoolExecutor(1) as thread,
    ):
        yield browser, thread.submit(browser.wait_for_token, patience)


def _open(scene: _Scene, url: str) -> tuple[int, str, str]:
    """As a browser does, following redirections: status, page, its address."""
    context = ssl.create_default_context(cadata=scene.server.authority)
    try:
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(url, timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.url
    except HTTPError as error:
        with error:
            return error.code, error.read().decode(), url


def _state(browser: Browser) -> str:
    return parse_qs(urlsplit(browser.address).query)["state"][0]


def _back(browser: Browser, **query: str) -> str:
    redirect = parse_qs(urlsplit(browser.address).query)["redirect_uri"][0]
    return f"{redirect}?{urlencode(query)}"


@pytest.mark.parametrize("client", [PUBLIC, CLIENT])
def test_a_browser_brings_a_refresh_token(token_server: TokenServer, client: str) -> None:
    """By a port of loopback, with PKCE S256 and a state; the code shows on no page."""
    scene = _Scene(token_server, client)
    with _waiting(scene) as (browser, granted):
        status, page, address = _open(scene, browser.address)
        assert granted.result(10).refresh in token_server.refresh
    assert (status, AGREED in page) == (200, True)
    assert urlsplit(address).hostname == HOST
    assert "code-" not in page
    asked = token_server.forms("/tenant/authorize")[0]
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "mail offline_access"
    assert len(asked["state"]) >= 43


def test_only_the_right_state_counts(scene: _Scene) -> None:
    """What else comes to the port is sent away, and it goes on waiting."""
    with _waiting(scene) as (browser, granted):
        for query in ({"code": "a"}, {"code": "a", "state": "x"}, {"state": "", "code": "a"}):
            status, page, _ = _open(scene, _back(browser, **query))
            assert (status, STRANGE in page) == (404, True)
        assert _open(scene, _back(browser, code="a", state=_state(browser)) + "&state=x")[0] == 404
        elsewhere = _back(browser, code="a", state=_state(browser)).replace("/?", "/favicon.ico?")
        assert _open(scene, elsewhere)[0] == 404
        assert not granted.done()
        assert scene.server.forms("/tenant/token") == []
        _open(scene, browser.address)
        assert granted.result(10).refresh in scene.server.refresh


def test_a_browser_that_hangs_or_goes_away_harms_nothing(scene: _Scene) -> None:
    with _waiting(scene) as (browser, granted):
        port = urlsplit(_back(browser)).port
        assert port is not None
        with socket.create_connection((HOST, port)) as gone:
            gone.sendall(b"GET /?code=a HTTP/1.1\r\n")
        with socket.create_connection((HOST, port)) as nonsense:
            nonsense.sendall(b"\x16\x03\x01\r\n\r\n")
            nonsense.settimeout(10)
            assert b"400" in nonsense.recv(1000)
        _open(scene, browser.address)
        assert granted.result(10).refresh in scene.server.refresh


def test_a_code_of_another_request_is_not_taken(scene: _Scene) -> None:
    """Whoever slips a code of their own in can't know the verifier (RFC 7636)."""
    with _waiting(scene) as (other, unused):
        query = dict(item.split("=") for item in urlsplit(other.address).query.split("&"))
        with _waiting(scene) as (browser, granted):
            context = ssl.create_default_context(cadata=scene.server.authority)
            opener = urllib.request.build_opener(
                urllib.request.ProxyHandler({}),
                urllib.request.HTTPSHandler(context=context),
                _Stays(),
            )
            with pytest.raises(HTTPError) as caught:
                opener.open(other.address, timeout=10)
            with caught.value as answer:
                stolen = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
            assert query["state"] != _state(browser)
            _open(scene, _back(browser, code=stolen, state=_state(browser)))
            with pytest.raises(TokenRefused) as refused:
                granted.result(10)
            assert refused.value.code == "invalid_grant"
        _open(scene, _back(other, error="access_denied", state=_state(other)))
        with pytest.raises(TokenRefused, match="denied"):
            unused.result(10)


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def test_what_the_person_denied_is_told(scene: _Scene) -> None:
    with _waiting(scene) as (browser, granted):
        back = _back(
            browser, error="access_denied", error_description="I won't", state=_state(browser)
        )
        _open(scene, back)
        with pytest.raises(TokenRefused, match="was denied") as caught:
            granted.result(10)
    assert caught.value.technical == "access_denied: I won't"


def test_the_answer_of_another_server_is_refused(scene: _Scene) -> None:
    """RFC 9207: its code would be sent to this one."""
    with _waiting(scene) as (browser, granted):
        _open(scene, _back(browser, code="a", iss="https://evil.example", state=_state(browser)))
        with pytest.raises(ServerError, match="another authorization server"):
            granted.result(10)
    assert scene.server.forms("/tenant/token") == []


def test_an_answer_without_a_code_is_told(scene: _Scene) -> None:
    with _waiting(scene) as (browser, granted):
        _open(scene, _back(browser, state=_state(browser)))
        with pytest.raises(ServerError, match="without a code"):
            granted.result(10)


def test_nobody_at_the_browser_ends_it(scene: _Scene) -> None:
    """And the port is closed afterwards."""
    with _waiting(scene, 0.1) as (browser, granted):
        with pytest.raises(TokenRefused, match="in time"):
            granted.result(10)
        assert browser._server.socket.fileno() >= 0
    assert browser._server.socket.fileno() == -1
