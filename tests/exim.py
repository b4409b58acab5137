"""An Exim of the tests' own: SMTP on free ports of loopback, run without root, that delivers into
the mailboxes of the tests' Dovecot.

Fixture: `exim`, one server for each worker. It skips where Exim isn't installed, as
`exim_installed` does. Postfix can't be had without root: its master process refuses to run.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dovecot import HOST, WITH_US, Dovecot, Mailbox, free_ports

from certs import files
from certs.material import AUTHORITY, local

PROGRAM = shutil.which("exim4", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
USER, PASSWORD = "relay", "correct horse"

CONFIGURATION = """\
primary_hostname = relay.example.org
exim_path = {root}/exim
exim_user = {user}
exim_group = {group}
never_users =
deliver_drop_privilege = true
keep_environment =
spool_directory = {root}/spool
log_file_path = {root}/log/%slog
pid_file_path = {root}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {smtp} : {smtps}
tls_on_connect_ports = {smtps}
tls_certificate = {root}/server.crt
tls_privatekey = {root}/server.key
tls_advertise_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
smtp_accept_max = 0
message_size_limit = 20M
acl_smtp_rcpt = acl_rcpt
begin acl
acl_rcpt:
  deny message = Nobody here
       !verify = recipient
  accept
begin routers
mailbox:
  driver = accept
  address_data = ${{lookup{{$local_part@$domain}} dsearch,filter=subdir,ret=full \
{{{homes}}}{{$value}}fail}}
  transport = maildir
begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = $address_data/Maildir
  return_path_add
begin retry
* * F,1h,1m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{login}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = User : Password
  server_condition = ${{if and{{{{eq{{$auth1}}{{{login}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{login}}}{{{password}}}fail}}
"""


class Exim:
    """A running server. homes: the directory of the mailboxes; an address has one whose name it is.
    It takes mail for these alone, from everybody, and log-ins of USER."""

    def __init__(self, homes: Path) -> None:
        assert PROGRAM is not None, "Exim isn't installed"
        # Of a path that another user may walk.
        self.root = Path(tempfile.mkdtemp(prefix="exim-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._homes = homes
        try:
            self._make()
            self._start()
        except BaseException:
            self.stop()
            raise

    @property
    def authority(self) -> str:
        """PEM."""
        return (self.root / AUTHORITY).read_text("ascii")

    def log(self) -> str:
        return (self.root / "log" / "mainlog").read_text("utf-8", "replace")

    @property
    def sendmail(self) -> Path:
        """A program that takes mail as any `sendmail` does."""
        program = self.root / "sendmail"
        switch = ""
        if self._owner is not None:
            ids = f"--reuid {self._owner.pw_uid} --regid {self._owner.pw_gid} --clear-groups"
            switch = f"setpriv {ids} "
        text = f'#!/bin/sh\nexec {switch}{self.root}/exim -C {self.root}/conf "$@"\n'
        program.write_text(text, "utf-8")
        program.chmod(0o755)
        return program

    def stop(self) -> None:
        """Ends the server and takes all that it had."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=20)
        shutil.rmtree(self.root, ignore_errors=True)

    def _make(self) -> None:
        assert PROGRAM is not None
        # A copy has no right of its own, and none to be taken away from us.
        shutil.copyfile(PROGRAM, self.root / "exim")
        (self.root / "exim").chmod(0o755)
        material = local(self.root, ("localhost", HOST), datetime.datetime.now(datetime.UTC))
        files.write(self.root / "server.crt", files.certificate_pem(*material.chain), 0o644)
        files.write(self.root / "server.key", files.key_pem(material.key), 0o600)
        for part in ("spool", "log"):
            (self.root / part).mkdir()
        if self._owner is not None:
            for path in (self.root, *self.root.iterdir()):
                os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _start(self) -> None:
        owner = self._owner if self._owner is not None else pwd.getpwuid(os.geteuid())
        for _ in range(5):
            self.smtp, self.smtps = free_ports(2)
            text = CONFIGURATION.format(
                root=self.root,
                homes=self._homes,
                user=owner.pw_uid,
                group=owner.pw_gid,
                smtp=self.smtp,
                smtps=self.smtps,
                login=USER,
                password=PASSWORD,
            )
            (self.root / "conf").write_text(text, "utf-8")
            switch = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
            with (self.root / "start").open("ab") as trouble:
                self._process = subprocess.Popen(
                    [*WITH_US, str(self.root / "exim"), "-C", f"{self.root}/conf", "-bdf", "-q1m"],
                    stdin=subprocess.DEVNULL,
                    stdout=trouble,
                    stderr=trouble,
                    cwd=self.root,
                    start_new_session=True,
                    **(switch if self._owner is not None else {}),
                )
            if self._answers():
                return
        said = (self.root / "start").read_text("utf-8", "replace")
        raise AssertionError(f"Exim doesn't start: {said}")

    def _answers(self) -> bool:
        """Whether it has come up; False: it ended, since a port was taken meanwhile."""
        assert self._process is not None
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if self._process.poll() is not None:
                return False
            try:
                for port in (self.smtp, self.smtps):
                    socket.create_connection((HOST, port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return True
        raise AssertionError("Exim doesn't answer")

    def __enter__(self) -> Exim:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def arrived(mailbox: Mailbox, count: int = 1) -> list[bytes]:
    """The messages, once so many are there."""
    end = time.monotonic() + 20
    while len(found := mailbox.messages()) < count:
        assert time.monotonic() < end, "no mail came"
        time.sleep(0.02)
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs Exim can be chosen with `-m exim`, wherever it stands."""
    for item in items:
        if "exim_installed" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.exim)


@pytest.fixture(scope="session")
def exim_installed() -> None:
    """Skips where it isn't."""
    if PROGRAM is None:
        pytest.skip("needs exim4 (Debian's package exim4-daemon-light)")


@pytest.fixture(scope="session")
def exim(exim_installed: None, dovecot: Dovecot) -> Iterator[Exim]:
    """One for all tests of a worker; it delivers to the users of `dovecot`."""
    with Exim(dovecot.root / "home") as server:
        yield server
