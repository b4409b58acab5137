"""Merges, moves and removals in any order, against a model of who has which address."""

from __future__ import annotations

from dataclasses import dataclass, field

from crm import Crm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_merging import WHO, whole

from imapgate.activities import contacts, merging, segments
from imapgate.activities.names import Mistake
from storage import Tx, addresses

FEW = 4
ADDRESSES = [f"{one}@example.net" for one in "abcd"]

WHICH = st.integers(0, FEW - 1)
STEP = st.one_of(
    st.tuples(st.just("merge"), WHICH, WHICH),
    st.tuples(st.just("move"), WHICH, st.sampled_from(ADDRESSES)),
    st.tuples(st.just("first"), WHICH, st.sampled_from(ADDRESSES)),
    st.tuples(st.just("remove"), WHICH, st.sampled_from(ADDRESSES)),
)


@dataclass
class One:
    """rows: address -> the order of its making."""

    id: int
    rows: dict[str, int]
    named_first: str | None = None

    @property
    def first(self) -> str | None:
        if self.named_first is not None or not self.rows:
            return self.named_first
        return min(self.rows, key=lambda one: self.rows[one])


@dataclass
class Model:
    """Oldest first."""

    contacts: list[One] = field(default_factory=list)

    def bring(self, address: str, source: One, target: One) -> None:
        target.named_first = target.first
        made = source.rows.pop(address)
        if source.named_first == address:
            source.named_first = None
        target.rows.setdefault(address, made)

    def step(self, what: str, which: One, wanted: str | One) -> bool:
        """Whether it can be done."""
        if isinstance(wanted, One):
            if wanted is which:
                return False
            self.contacts.remove(wanted)
            for address in sorted(wanted.rows, key=lambda one: one != wanted.first):
                self.bring(address, wanted, which)
            return True
        if what == "move":
            holder = next(
                (one for one in self.contacts if one is not which and wanted in one.rows), None
            )
            if holder is not None:
                self.bring(wanted, holder, which)
            return holder is not None
        if wanted not in which.rows:
            return False
        if what == "first":
            which.named_first = wanted
            return True
        del which.rows[wanted]
        if which.named_first == wanted:
            which.named_first = None
        return True


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.lists(st.sampled_from(ADDRESSES), unique=True), min_size=FEW, max_size=FEW),
    st.lists(STEP, max_size=8),
)
def test_who_has_which_address(
    crm: Crm, start: list[list[str]], steps: list[tuple[str, int, int | str]]
) -> None:
    """And which is first; what can't be done is refused and changes nothing."""
    model = Model()
    name = f"S{len(crm.db.read(segments.list_segments))}"

    def set_up(tx: Tx) -> int:
        segment, _ = segments.add_segment(tx, name, "admin", f"{name}@x.example", "hash")
        for n, wanted in enumerate(start):
            made = contacts.add_contact(tx, segment.id, f"C{n}", wanted)
            rows = {one: n * 10 + at for at, one in enumerate(wanted)}
            model.contacts.append(One(made.id, rows))
        return segment.id

    segment_id = crm.do(set_up)

    def play(tx: Tx, what: str, which: str, wanted: str) -> None:
        if what == "merge":
            merging.merge(tx, segment_id, which, [wanted], WHO)
        elif what == "move":
            merging.move(tx, segment_id, wanted, which, WHO)
        elif what == "first":
            contacts.edit_contact(tx, segment_id, which, first=wanted)
        else:
            contacts.edit_contact(tx, segment_id, which, without_addresses=[wanted])

    for what, number, wanted in steps:
        left = model.contacts
        which = left[number % len(left)]
        other = left[wanted % len(left)] if isinstance(wanted, int) else wanted
        called = f"id:{other.id}" if isinstance(other, One) else other
        try:
            crm.do(lambda tx, a=what, b=f"id:{which.id}", c=called: play(tx, a, b, c))
            done = True
        except Mistake:
            done = False
        assert done == model.step(what, which, other)

    def look(tx: Tx) -> None:
        for one in model.contacts:
            found = contacts.contact_by_id(tx, one.id)
            assert set(found.addresses) == set(one.rows)
            assert addresses.mailbox_of(tx, one.id) == one.first
        known = {one.id for one in contacts.list_contacts(tx, segment_id) if one.name[0] == "C"}
        assert known == {one.id for one in model.contacts}

    crm.db.read(look)
    whole(crm)
