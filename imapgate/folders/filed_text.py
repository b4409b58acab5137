"""What the OK to a drop says (rule 6): activity, links, unknown numbers; and the same for the
record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imapgate.activities.linking import ALREADY, LINKED, STRANGER, UNKNOWN
from imapgate.activities.outcome import NumberOutcome
from imapgate.activities.wrapped_before import MADE, NAMED
from imapgate.folders import records
from imapgate.folders.group_drop import Came
from imapgate.folders.verdict import plain

MOST_NAMED = 5
"""Numbers that a sentence names; the rest is counted."""


def filed(came: Sequence[Came]) -> str:
    """`Filed as #10000003 in Support, linked to #10000001. #10009999 is unknown, not linked.`; of
    several messages `Filed 3 messages in Support.` came: not empty."""
    unknown, strange = _numbers(came, (UNKNOWN,)), _numbers(came, (STRANGER,))
    text = _one(came[0]) if len(came) == 1 else f"Filed {len(came)} messages in {_groups(came)}."
    if unknown:
        is_or_are = "is" if len(unknown) == 1 else "are"
        text += f" {_listed(unknown)} {is_or_are} unknown, not linked."
    if strange:
        is_or_are = "is" if len(strange) == 1 else "are"
        text += f" {_listed(strange)} {is_or_are} not linked: the sender has no part in it."
    return plain(text)


def as_drops(
    came: Sequence[Came], code: str | None = None
) -> list[tuple[records.Message, records.Result]]:
    """One record for each message; behind a wrapper's, one for each message inside it."""
    written = []
    for one in came:
        activity_id, is_wrapper = one.result
        result = records.Result(
            records.FILED,
            filed([one]),
            code,
            activity_id,
            one.uid or None,
            (*_of_wrapper(one), *_of_mails(one)),
            is_wrapper,
        )
        written.append((one.message, result))
        written.extend(_inside(one, code))
    return written


def _inside(came: Came, code: str | None) -> Iterator[tuple[records.Message, records.Result]]:
    for (message, uid), one in zip(came.attached, came.filed, strict=False):
        text = plain(f"Filed as #{one.number}, from a wrapper mail.")
        yield (
            message,
            records.Result(records.FILED, text, code, one.activity_id, uid, one.numbers),
        )


def _one(came: Came) -> str:
    if came.text is not None:
        return came.text
    links = _numbers([came], (MADE, NAMED, LINKED, ALREADY))
    what = (
        f"as #{came.filed[0].number}"
        if len(came.filed) == 1
        else f"{len(came.filed)} attached messages"
    )
    text = f"Filed {what} in {came.group_name}"
    if links:
        made = _numbers([came], (MADE,))
        if links == [came.filed[0].case]:
            made = links
        text += f", linked to {_listed(links, made)}"
    return text + "."


def _groups(came: Sequence[Came]) -> str:
    return ", ".join(dict.fromkeys(one.group_name for one in came))


def _numbers(came: Sequence[Came], outcomes: Sequence[str]) -> list[int]:
    return list(
        dict.fromkeys(
            number.number
            for one in came
            for number in (*_of_wrapper(one), *_of_mails(one))
            if number.outcome in outcomes
        )
    )


def _of_wrapper(came: Came) -> tuple[NumberOutcome, ...]:
    """What the wrapper itself makes and names, and what it names and isn't linked to."""
    if came.named is None:
        return ()
    named = ((one.number, MADE if one.made else NAMED) for one in came.named.named)
    strange = ((number, STRANGER) for number in came.named.strangers)
    return tuple(NumberOutcome(*one) for one in (*named, *strange))


def _of_mails(came: Came) -> tuple[NumberOutcome, ...]:
    return tuple(number for filed in came.filed for number in filed.numbers)


def _listed(numbers: Sequence[int], made: Sequence[int] = ()) -> str:
    """made: those of them that are new."""
    some = numbers[:MOST_NAMED]
    named = ", ".join(f"{'new ' if one in made else ''}#{one}" for one in some)
    more = len(numbers) - MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named
