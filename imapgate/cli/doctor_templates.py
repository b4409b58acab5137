"""What `imapgate doctor` looks at in the templates of segments."""

from __future__ import annotations

from collections.abc import Iterator

from imapgate.activities.names import Mistake
from imapgate.outgoing.templates import own
from storage import Database, Tx, people, processes

ADVICE = (
    "`imapgate template show NAME` tells what can be used; `template set` and `template reset` "
    "change it, `process transition --template` what a transition sends."
)


def faults(db: Database) -> Iterator[str]:
    """A sentence for each template of a segment's own that can't be used, and each transition that
    sends one that there isn't."""
    for segment in db.read(people.segments):
        yield from db.read(lambda tx, segment=segment: _of_segment(tx, segment))  # type: ignore[misc]


def _of_segment(tx: Tx, segment: people.SegmentRow) -> list[str]:
    found = []
    for template in own.list_templates(tx, segment.id):
        try:
            if template.is_own:
                own.check(template)
        except Mistake as mistake:
            became = " The usual one is sent." if template.replaces else " Nothing is sent by it."
            found.append(f"Segment {segment.name}: {mistake}{became}")
    for process_id, process in processes.processes(tx, segment.id):
        for step in processes.transitions(tx, process_id):
            try:
                if step.template is not None:
                    own.find_for_cases(tx, segment.id, step.template)
            except Mistake as mistake:
                what = f'transition "{step.name}" of "{process}" sends nothing'
                found.append(f"Segment {segment.name}: {what}. {mistake}")
    return found
