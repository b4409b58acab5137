"""Rows of test_limits_table: where mail is submitted."""

from __future__ import annotations

from limit_rows import row
from posting import with_mailer
from submitting import ALICE, CUSTOMER, Post, plain
from transcript import Stage

BEGIN = f"""
    C: MAIL FROM:<{ALICE}>
    S: 250 ...
    C: RCPT TO:<{CUSTOMER}>
    S: 250 ...
"""


def _post(stage: Stage) -> Post:
    with_mailer(stage.world)
    return Post(stage.world, stage.server.limits)


@row(submission_line=40)
def _(stage: Stage) -> None:
    post = _post(stage)
    post.connect("new").read().clear()
    post.run(
        f"""
        new C: NOOP {"x" * 33}
        new S: 250 ...
        new C: NOOP {"x" * 34}
        new S: 500 5.5.2 The line is too long.
        new C: NOOP {"x" * 300}
        new S: 500 5.5.2 The line is too long.
        new C: NOOP
        new S: 250 ...
        """
    )
    post.clients["new"].send(b"x" * (40 * 16 + 1))
    assert post.clients["new"].closed
    post.clients["new"].read().clear()
    post.close()


@row(submission_recipients=1)
def _(stage: Stage) -> None:
    post = _post(stage)
    post.run(f"{BEGIN} C: RCPT TO:<b@example.com>\n S: 452 4.5.3 A mail has at most 1 ...")
    post.close()


@row(submission_commands=4)
def _(stage: Stage) -> None:
    post = _post(stage)
    post.run(
        f"""
        {BEGIN}
        C: RCPT TO:<b@example.com>
        S: 250 ...
        C: NOOP
        S: 250 ...
        C: NOOP
        S: 421 4.7.0 Too many commands without a mail.
        S: closed
        """
    )
    post.close()


@row(submission_sessions=1)
def _(stage: Stage) -> None:
    post = _post(stage)
    post.client("alice")
    post.connect("new")
    post.run("new S: 421 4.7.0 There are too many sessions just now. ...\n new S: closed")
    post.clients["alice"].lose()
    post.client("bob")
    post.close()


@row(submission_per_user=1)
def _(stage: Stage) -> None:
    post = _post(stage)
    post.client("alice")
    other = post.connect("new")
    other.read().clear()
    post.run(
        f"""
        new C: EHLO x
        new S: ~
        new S: 250 AUTH PLAIN LOGIN
        new C: AUTH PLAIN {plain("alice@Standard")}
        new S: 454 4.7.0 You have 1 connections already.
        new C: AUTH PLAIN {plain("bob@Standard")}
        new S: 235 ...
        """
    )
    post.close()


@row(submission_time=100.0)
def _(stage: Stage) -> None:
    post = _post(stage)
    post.run(
        f"""
        {BEGIN}
        -- 90
        C: DATA
        S: 354 ...
        -- 90
        C: Subject: x
        -- 101
        S: 421 4.4.2 Too long without a word.
        S: closed
        """
    )
    post.close()
