"""A Dovecot of the tests' own: IMAP and POP3 on free ports of loopback, run without root.

Fixtures: `dovecot`, one server for each worker, and `mailbox`, a new user's on it. Both skip where
Dovecot isn't installed, as `dovecot_installed` does.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import grp
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from certs import files
from certs.material import AUTHORITY, local

HOST = "127.0.0.1"
PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
WITH_US = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
"""So that tests that are killed leave no server behind."""
MECHANISMS = "plain login cram-md5 scram-sha-256 apop"
PASSWORD = "correct horse"

CONFIGURATION = """\
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
auth_verbose = yes
protocols = imap pop3
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <{root}/server.crt
ssl_key = <{root}/server.key
ssl_min_protocol = {lowest_tls}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
auth_username_chars =
mail_location = maildir:~/Maildir
mail_max_userip_connections = 0
mail_save_crlf = yes
mail_fsync = never
pop3_uidl_format = %08Xu%08Xv
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = passwd-file
  args = {root}/users/%u
  mechanisms = {password_mechanisms}
}}
{oauth}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home/%u
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
  }}
}}
{extra}
"""
OAUTH = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2
}}
"""


def free_ports(count: int) -> list[int]:
    """Ports of loopback on which nothing listens now."""
    with contextlib.ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in sockets]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A user of the server; home has the Maildir, in which the tests may look and deliver."""

    user: str
    password: str
    home: Path

    def deliver(self, *messages: bytes, folder: str = "INBOX") -> None:
        """New mail, unseen, in this order, byte for byte. The folder must be there."""
        maildir = self._maildir(folder)
        start = len(list((maildir / "new").iterdir())) + len(list((maildir / "cur").iterdir()))
        for n, message in enumerate(messages, start):
            name = f"{1_700_000_000 + n}.M{time.monotonic_ns()}P{os.getpid()}.tests"
            (maildir / "tmp" / name).write_bytes(message)
            (maildir / "tmp" / name).chmod(0o644)
            (maildir / "tmp" / name).rename(maildir / "new" / name)

    def files(self, folder: str = "INBOX") -> list[Path]:
        """The messages that stand there, the oldest first; flags are the letters behind `:2,`."""
        maildir = self._maildir(folder)
        found = [*(maildir / "new").iterdir(), *(maildir / "cur").iterdir()]
        return sorted(found, key=lambda file: (int(file.name.split(".")[0]), file.name))

    def messages(self, folder: str = "INBOX") -> list[bytes]:
        return [file.read_bytes() for file in self.files(folder)]

    def flags(self, folder: str = "INBOX") -> list[str]:
        """Letters of each message's system flags: S is seen, T deleted."""
        return ["".join(file.name.partition(":2,")[2]) for file in self.files(folder)]

    def _maildir(self, folder: str) -> Path:
        top = self.home / "Maildir"
        return top if folder == "INBOX" else top / f".{folder.replace('/', '.')}"


class Dovecot:
    """A running server: ports by protocol, its authority's certificate, its users.

    introspection: URL of a token server (RFC 7662), for XOAUTH2 and OAUTHBEARER; the token's
    claim `username` is the user. names: of the certificate. mechanisms: SASL, as Dovecot writes
    them. extra: lines of configuration."""

    def __init__(
        self,
        *,
        introspection: str | None = None,
        names: Sequence[str] = ("localhost", HOST),
        mechanisms: str = MECHANISMS,
        lowest_tls: str = "TLSv1.2",
        extra: str = "",
    ) -> None:
        assert PROGRAM is not None, "Dovecot isn't installed"
        # Of a path that is short, since sockets are in it, and that another user may walk.
        self.root = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._mechanisms = mechanisms
        self._lowest_tls = lowest_tls
        self._extra = extra
        self._introspection = introspection
        self._users = 0
        try:
            self._make(names)
            self._start()
        except BaseException:
            self.stop()
            raise

    @property
    def authority(self) -> str:
        """PEM."""
        return (self.root / AUTHORITY).read_text("ascii")

    def port(self, protocol: str) -> int:
        """Of imap, imaps, pop3 or pop3s."""
        return self._ports[protocol]

    def new_mailbox(self, user: str | None = None, password: str = PASSWORD) -> Mailbox:
        """A new user, with an empty mailbox."""
        self._users += 1
        name = user if user is not None else f"user{self._users}@example.org"
        home = self.root / "home" / name
        for part in ("new", "cur", "tmp"):
            (home / "Maildir" / part).mkdir(parents=True)
        self._give(home, home / "Maildir", *(home / "Maildir").iterdir())
        encoded = base64.b64encode(password.encode()).decode()
        # A file of its own, since one that all share is looked at once a second at most.
        file = self.root / "users" / name
        file.write_text(f"{name}:{{PLAIN.b64}}{encoded}::::::\n", "utf-8")
        return Mailbox(name, password, home)

    def new_folder(self, mailbox: Mailbox, folder: str) -> None:
        """An empty folder of a user's; a name of ASCII."""
        maildir = mailbox._maildir(folder)
        for part in ("new", "cur", "tmp"):
            (maildir / part).mkdir(parents=True)
        (maildir / "maildirfolder").touch()
        self._give(maildir, *maildir.iterdir())

    def log(self) -> str:
        return (self.root / "log").read_text("utf-8", "replace")

    def stop(self) -> None:
        """Ends the server and takes all that it had."""
        process, self._process = self._process, None
        if process is not None:
            # Asked to end, it waits seconds for children that have only just begun.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=20)
        shutil.rmtree(self.root, ignore_errors=True)

    def _make(self, names: Sequence[str]) -> None:
        material = local(self.root, names, datetime.datetime.now(datetime.UTC))
        chain = files.certificate_pem(*material.chain)
        files.write(self.root / "server.crt", chain, 0o644)
        files.write(self.root / "server.key", files.key_pem(material.key), 0o600)
        for part in ("run", "state", "home", "users"):
            (self.root / part).mkdir()
        if self._introspection is not None:
            lines = (
                f"introspection_url = {self._introspection}",
                "introspection_mode = post",
                "username_attribute = username",
                "active_attribute = active",
                "active_value = true",
            )
            (self.root / "oauth2").write_text("\n".join(lines) + "\n", "utf-8")
        self._give(self.root, *self.root.iterdir())

    def _give(self, *paths: Path) -> None:
        """To the user whom the server runs as."""
        if self._owner is not None:
            for path in paths:
                os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _start(self) -> None:
        assert PROGRAM is not None
        owner = self._owner if self._owner is not None else pwd.getpwuid(os.geteuid())
        file = self.root / "dovecot.conf"
        for _ in range(5):
            self._ports = dict(zip(("imap", "imaps", "pop3", "pop3s"), free_ports(4), strict=True))
            with_oauth = self._introspection is not None
            text = CONFIGURATION.format(
                root=self.root,
                user=owner.pw_name,
                group=_group(owner),
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                mechanisms=self._mechanisms + (" xoauth2 oauthbearer" if with_oauth else ""),
                password_mechanisms=self._mechanisms,
                oauth=OAUTH.format(root=self.root) if with_oauth else "",
                lowest_tls=self._lowest_tls,
                extra=self._extra,
                **self._ports,
            )
            file.write_text(text, "utf-8")
            self._give(file)
            switch = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
            with (self.root / "start").open("ab") as trouble:
                self._process = subprocess.Popen(
                    [*WITH_US, PROGRAM, "-F", "-c", str(file)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=trouble,
                    cwd=self.root,
                    start_new_session=True,
                    **(switch if self._owner is not None else {}),
                )
            if self._answers():
                return
        said = (self.root / "start").read_text("utf-8", "replace")
        raise AssertionError(f"Dovecot doesn't start: {said}")

    def _answers(self) -> bool:
        """Whether it has come up; False: it ended, since a port was taken meanwhile."""
        assert self._process is not None
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if self._process.poll() is not None:
                return False
            try:
                for port in self._ports.values():
                    socket.create_connection((HOST, port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return True
        raise AssertionError("Dovecot doesn't answer")

    def __enter__(self) -> Dovecot:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _group(owner: pwd.struct_passwd) -> str:
    return grp.getgrgid(owner.pw_gid).gr_name


def client_context(server: Dovecot) -> ssl.SSLContext:
    """Of a client that trusts the server's authority."""
    return ssl.create_default_context(cadata=server.authority)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs Dovecot can be chosen with `-m dovecot`, wherever it stands."""
    for item in items:
        if "dovecot_installed" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.dovecot)


@pytest.fixture(scope="session")
def dovecot_installed() -> None:
    """Skips where it isn't; also for tests that start a server with settings of its own."""
    if PROGRAM is None:
        pytest.skip("needs dovecot (Debian's packages dovecot-imapd and dovecot-pop3d)")


@pytest.fixture(scope="session")
def dovecot(dovecot_installed: None) -> Iterator[Dovecot]:
    """One for all tests of a worker."""
    with Dovecot() as server:
        yield server


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    """A new user's, empty."""
    return dovecot.new_mailbox()
