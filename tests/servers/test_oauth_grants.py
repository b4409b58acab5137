"""Asking an authorization server for tokens: what is sent, and what is made of its answers."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from token_server import CLIENT, HOST, PUBLIC, SECRET, TokenServer

from certs import files
from certs.material import AUTHORITY, local
from imapgate.servers.oauth import web
from imapgate.servers.oauth.grants import (
    LIFETIME,
    Endpoints,
    Granted,
    TokenRefused,
    find_endpoints,
    masked,
    request,
)
from imapgate.servers.oauth.web import Web
from imapgate.servers.server import OAuth, Secrets, ServerError, Tls

SECRETS = Secrets(client_secret=SECRET)
JSON = {"Content-Type": "application/json"}
METADATA = "/tenant/.well-known/openid-configuration"


def _web(server: TokenServer, timeout: float = 10.0) -> Web:
    return Web(Tls(ca=server.authority), timeout)


def _oauth(server: TokenServer, client: str = CLIENT) -> OAuth:
    return OAuth(server.issuer, client, "mail.read offline_access")


def test_client_credentials_give_a_token(token_server: TokenServer) -> None:
    """The issuer is asked for its endpoints, the client's secret goes in a header field."""
    web = _web(token_server)
    endpoints = find_endpoints(web, token_server.issuer)
    granted = request(
        web, endpoints, _oauth(token_server), SECRETS, "client_credentials", scope="mail.read"
    )
    assert granted.access in token_server.active
    assert (granted.lifetime, granted.refresh) == (3600, None)
    assert token_server.forms("/tenant/token") == [
        {"grant_type": "client_credentials", "scope": "mail.read"}
    ]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_the_secret_goes_as_the_server_takes_it(token_server: TokenServer, method: str) -> None:
    """One that is no ASCII and has colons, too (RFC 6749 2.3.1)."""
    token_server.methods = [method]
    web = _web(token_server)
    endpoints = find_endpoints(web, token_server.issuer)
    assert endpoints.basic is (method == "client_secret_basic")
    granted = request(web, endpoints, _oauth(token_server), SECRETS, "client_credentials")
    assert granted.access in token_server.active


def test_a_public_client_tells_its_id(token_server: TokenServer) -> None:
    web = _web(token_server)
    refresh = token_server.new_refresh(PUBLIC)
    granted = request(
        web,
        find_endpoints(web, token_server.issuer),
        _oauth(token_server, PUBLIC),
        Secrets(),
        "refresh_token",
        refresh_token=refresh,
    )
    assert granted.refresh in token_server.refresh
    assert refresh not in token_server.refresh


def test_the_authority_may_be_the_token_endpoint(token_server: TokenServer) -> None:
    """What describes itself nowhere is taken for it."""
    web = _web(token_server)
    endpoints = find_endpoints(web, f"{token_server.issuer}/token")
    assert endpoints == Endpoints(f"{token_server.issuer}/token")
    granted = request(web, endpoints, _oauth(token_server), SECRETS, "client_credentials")
    assert granted.access in token_server.active


def test_metadata_are_found_where_rfc_8414_puts_them(token_server: TokenServer) -> None:
    """Before the issuer's path, where OpenID's are behind it."""
    base = token_server.issuer.removesuffix("/tenant")
    token_server.described = False
    path = "/.well-known/oauth-authorization-server/tenant"
    body = json.dumps({"token_endpoint": f"{base}/elsewhere"}).encode()
    token_server.scripted[path] = [(200, JSON, body)]
    assert find_endpoints(_web(token_server), token_server.issuer + "/").token == (
        f"{base}/elsewhere"
    )
    assert token_server.paths() == [METADATA, path]


def test_an_authority_out_of_order_is_not_taken_for_a_token_endpoint(
    token_server: TokenServer,
) -> None:
    """The secret isn't sent anywhere on a mere guess."""
    token_server.scripted[METADATA] = [(503, {}, b"later")]
    with pytest.raises(ServerError, match="just now") as caught:
        find_endpoints(_web(token_server), token_server.issuer)
    assert (caught.value.step, caught.value.permanent) == ("token", False)
    assert "503" in caught.value.technical


def test_redirections_are_not_followed(token_server: TokenServer) -> None:
    """A secret goes to the place that the administrator named."""
    token_server.scripted["/tenant/token"] = [(307, {"Location": f"{token_server.issuer}/x"}, b"")]
    with pytest.raises(ServerError, match="no authorization server") as caught:
        request(
            _web(token_server),
            Endpoints(f"{token_server.issuer}/token"),
            _oauth(token_server),
            SECRETS,
            "client_credentials",
        )
    assert caught.value.technical.startswith("307")
    assert token_server.paths() == ["/tenant/token"]


@pytest.mark.parametrize(
    "authority",
    [
        "http://login.example/tenant",
        "login.example",
        "https://user:pw@login.example/",
        "https://login.example:99999/",
        "https://login example/",
        "https://",
        "https://lögin.example/",
    ],
)
def test_only_https_is_asked(authority: str) -> None:
    """Anything else is refused before a connection is made."""
    with pytest.raises(ServerError, match="https address") as caught:
        find_endpoints(Web(Tls(), 1.0), authority)
    assert caught.value.permanent


def test_endpoints_that_aren_t_https_are_refused(token_server: TokenServer) -> None:
    """A description can't lead a secret away into clear text."""
    token_server.metadata = {"token_endpoint": "http://127.0.0.1/token"}
    with pytest.raises(ServerError, match="https address"):
        find_endpoints(_web(token_server), token_server.issuer)


def test_a_certificate_of_an_unknown_authority_is_refused(token_server: TokenServer) -> None:
    with pytest.raises(ServerError, match=f"{HOST} is not trusted") as caught:
        find_endpoints(Web(Tls(), 10.0), token_server.issuer)
    assert "issuer certificate" in caught.value.technical
    assert token_server.asked == []


def test_the_lowest_version_holds_here_too(token_server: TokenServer) -> None:
    web = Web(Tls(ca=token_server.authority, lowest="1.3"), 10.0)
    assert web._context.minimum_version is ssl.TLSVersion.TLSv1_3
    assert find_endpoints(web, token_server.issuer).issuer == token_server.issuer


def test_an_own_authority_that_is_no_pem_is_told(token_server: TokenServer) -> None:
    with pytest.raises(ServerError, match="no PEM"):
        Web(Tls(ca="nonsense"), 10.0)


def test_what_the_server_refuses_is_told_in_a_sentence(token_server: TokenServer) -> None:
    """With its own words behind it, but no secret, though it repeats them."""
    web = _web(token_server)
    endpoints = find_endpoints(web, token_server.issuer)
    wrong = Secrets(client_secret="not this one")
    with pytest.raises(TokenRefused, match="client id or its secret") as caught:
        request(web, endpoints, _oauth(token_server), wrong, "client_credentials")
    assert caught.value.technical == "invalid_client: unknown client or secret ***"
    assert caught.value.permanent
    with pytest.raises(TokenRefused, match="withdrawn or has expired") as caught:
        request(
            web, endpoints, _oauth(token_server), SECRETS, "refresh_token", refresh_token="gone"
        )
    assert caught.value.technical == "invalid_grant: The refresh token *** is unknown"
    assert "imapgate account authorize" in caught.value.hint


def test_a_passing_error_is_not_permanent(token_server: TokenServer) -> None:
    token_server.scripted["/tenant/token"] = [(400, JSON, b'{"error": "temporarily_unavailable"}')]
    with pytest.raises(TokenRefused, match="gave no token") as caught:
        request(
            _web(token_server),
            Endpoints(f"{token_server.issuer}/token"),
            _oauth(token_server),
            SECRETS,
            "client_credentials",
        )
    assert (caught.value.permanent, caught.value.technical) == (False, "temporarily_unavailable")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"[" * 100_000),
        (200, b"{}"),
        (500, b'{"access_token": "a", "token_type": "bearer"}'),
        (200, b'{"access_token": 5, "token_type": "bearer"}'),
        (200, b'{"access_token": "", "token_type": "bearer"}'),
        (200, b'{"access_token": "a\\r\\nb", "token_type": "bearer"}'),
        (200, b'{"access_token": "\\u0001", "token_type": "bearer"}'),
        (200, b'{"access_token": "a", "token_type": "mac"}'),
        (200, b'{"access_token": "a", "expires_in": "soon"}'),
        (200, b'{"access_token": "a", "expires_in": Infinity}'),
        (200, b'{"access_token": "a", "expires_in": NaN}'),
        (200, b'{"access_token": "a", "expires_in": []}'),
        (200, b'{"access_token": "a", "scope": 5}'),
        (200, b'{"error": "' + b"x" * 5000 + b'"}'),
    ],
)
def test_a_strange_answer_is_an_error_and_no_token(
    token_server: TokenServer, status: int, body: bytes
) -> None:
    """Whatever it is; what is told of it is short, and one line."""
    token_server.scripted["/tenant/token"] = [(status, JSON, body)]
    with pytest.raises(ServerError) as caught:
        request(
            _web(token_server),
            Endpoints(f"{token_server.issuer}/token"),
            _oauth(token_server),
            SECRETS,
            "client_credentials",
        )
    assert caught.value.step == "token"
    assert len(caught.value.technical) <= 300
    assert "\n" not in caught.value.technical


def test_a_token_without_a_lifetime_is_used_for_a_short_time(token_server: TokenServer) -> None:
    token_server.lifetime = None
    web = _web(token_server)
    endpoints = find_endpoints(web, token_server.issuer)
    granted = request(web, endpoints, _oauth(token_server), SECRETS, "client_credentials")
    assert granted.lifetime == LIFETIME


def test_an_answer_is_bounded(token_server: TokenServer) -> None:
    token_server.scripted["/tenant/token"] = [(200, JSON, b" " * (web.MOST + 1))]
    with pytest.raises(ServerError, match="more than 256 KiB"):
        _web(token_server).post(f"{token_server.issuer}/token", "", {})


@contextmanager
def _listener(tmp_path: Path, serve: Callable[[socket.socket], None]) -> Iterator[tuple[str, str]]:
    """A TLS server for one connection: its address, and its authority. It has ended afterwards."""
    material = local(tmp_path, ("localhost", HOST))
    files.write(tmp_path / "crt", files.certificate_pem(*material.chain))
    files.write(tmp_path / "key", files.key_pem(material.key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    with socket.create_server((HOST, 0)) as listening:

        def run() -> None:
            with listening.accept()[0] as taken, suppress(OSError):
                taken.settimeout(10)
                with context.wrap_socket(taken, server_side=True) as secured:
                    serve(secured)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        authority = (tmp_path / AUTHORITY).read_text("ascii")
        yield f"https://{HOST}:{listening.getsockname()[1]}/", authority
        thread.join(10)
        assert not thread.is_alive()


def test_a_server_that_dribbles_ends_in_time(tmp_path: Path) -> None:
    """Each octet comes soon enough; all together don't."""

    def dribble(secured: socket.socket) -> None:
        secured.recv(65536)
        for octet in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
            secured.sendall(bytes((octet,)))
            time.sleep(0.02)

    with _listener(tmp_path, dribble) as (address, authority):
        with pytest.raises(ServerError, match="did not answer within") as caught:
            Web(Tls(ca=authority), 0.5).get(address)
        assert not caught.value.permanent


def test_a_server_that_hangs_up_is_told(tmp_path: Path) -> None:
    with (
        _listener(tmp_path, lambda secured: None) as (address, authority),
        pytest.raises(ServerError, match="can't be asked"),
    ):
        Web(Tls(ca=authority), 10.0).get(address)


def test_a_server_that_isn_t_there_is_told() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))  # and nobody listens
        with pytest.raises(ServerError, match="can't be asked") as caught:
            Web(Tls(), 10.0).get(f"https://{HOST}:{taken.getsockname()[1]}/")
    assert "refused" in caught.value.technical


def test_secrets_are_masked_and_lines_joined() -> None:
    assert masked("a  s3\n\tb s3" + "x" * 400, ("s3", None, "")) == "a *** b ***" + "x" * 289
    assert masked("a\x1b[2J\u202eb", ()) == "a?[2J?b"


_KEYS = ("access_token", "token_type", "expires_in", "expires_at", "refresh_token", "scope")
_ODD = (
    None, True, 0, -1, 5, 1e308, float("nan"), float("inf"), "", "a", "bearer", "mac", "\x1b[2J",
    "a b", "soon", "3600", "-1", "ü", [], ["a"], {}, {"a": 1}, "x" * 400,
)  # fmt: skip


class _Answers(Web):
    """Always the same."""

    value: object = None

    def post(self, url: str, form: str, headers: dict[str, str]) -> web.Answer:
        body = json.dumps(self.value).encode()
        return web.Answer(200, "", body, json.loads(body))


def _what_comes_of(web: Web) -> Granted | ServerError:
    oauth = OAuth("https://a.example", CLIENT, "")
    try:
        return request(web, Endpoints("https://a.example"), oauth, SECRETS, "refresh_token")
    except ServerError as error:
        return error


ANSWERS = _Answers(Tls(), 1.0)


@given(
    st.dictionaries(
        st.sampled_from((*_KEYS, *_KEYS, "error", "error_description")), st.sampled_from(_ODD)
    )
)
def test_any_json_is_a_token_or_an_error(value: dict[str, object]) -> None:
    """Never another exception; a token can be sent in a line, and its life is a number."""
    ANSWERS.value = value
    came = _what_comes_of(ANSWERS)
    if isinstance(came, ServerError):
        assert came.step == "token"
        assert came.technical.isprintable()
    else:
        assert came.access.isprintable()
        assert came.access.isascii()
        assert 0 <= came.lifetime < float("inf")
