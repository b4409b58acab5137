"""Rows of test_limits_table: what is shown of activities."""

from __future__ import annotations

from limit_rows import row
from revising import ago, case, make
from transcript import Stage


@row(activity_folders=1)
def _(stage: Stage) -> None:
    case(stage.world, "First")
    case(stage.world, "Second")
    stage.run("""
        C: a LIST "" Activities/*
        S: * LIST (\\HasChildren) "/" Activities/Support
        S: * LIST (\\HasNoChildren) "/" "Activities/Support/#10000002 Second"
        S: a OK ...
        C: b STATUS Activities/Support/#10000001 (MESSAGES)
        S: * STATUS Activities/Support/#10000001 (MESSAGES 0)
        S: b OK ...
    """)


@row(revision_time=1000)
def _(stage: Stage) -> None:
    """The change after a pause is shown at once, the one after it later."""
    db, limits = stage.world.db, stage.server.limits
    one, other = case(stage.world, "First"), case(stage.world, "Second")
    make(db, limits)
    ago(db, 1000)
    one.change(name="After a pause")
    make(db, limits)
    for each in (one, other):
        each.change(name="After the pause")
    make(db, limits)
    stage.run("""
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
        C: b FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])
        S: * 1 FETCH ...
        S: Subject: [#10000001] After a pause
        S:
        S: )
        S: * 2 FETCH ...
        S: Subject: [#10000002] After the pause
        S:
        S: )
        S: b OK ...
    """)
