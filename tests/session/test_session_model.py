"""Three sessions do as they like in personal folders and two groups: what each is told, and what is
there, is what RFC 3501, RFC 5182 and docs/rules.md 3, 7, 15 and 16 say (see session_model,
session_view)."""

from __future__ import annotations

import sys
from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from session_model import Mail, applied
from session_play import (
    GROUPS,
    PEOPLE,
    PERSONAL,
    QUICK,
    SESSIONS,
    Play,
    chosen,
    expanded,
    person,
)
from world import PASSWORD

from imapgate.activities import groups, users
from imapgate.folders import groups as folder_groups
from storage import Tx

KEYS: dict[str, Callable[[set[str]], bool]] = {
    "ALL": lambda flags: True,
    "SEEN": lambda flags: "\\Seen" in flags,
    "UNSEEN": lambda flags: "\\Seen" not in flags,
    "DELETED": lambda flags: "\\Deleted" in flags,
    "UNDELETED FLAGGED": lambda flags: "\\Deleted" not in flags and "\\Flagged" in flags,
    "OR UNFLAGGED SEEN": lambda flags: "\\Flagged" not in flags or "\\Seen" in flags,
    "KEYWORD later": lambda flags: any(one.lower() == "later" for one in flags),
}


def _mail(n: int, first: str = "") -> Mail:
    text = f"From: erika@example.net\r\nMessage-ID: <{n}@x>\r\nSubject: No. {n}\r\n\r\nText {n}\r\n"
    return Mail((first + text).encode(), str(n))


MAILS = (*map(_mail, range(4)), _mail(0, "X-Mozilla-Status: 0001\r\n"))

sessions = st.sampled_from(SESSIONS)
places = st.sampled_from((GROUPS[0], *GROUPS, *PERSONAL))
flag_sets = st.builds(
    lambda flags, loud: {one.upper() if loud and one == "Later" else one for one in flags},
    st.sets(st.sampled_from(["\\Seen", "\\Deleted", "\\Flagged", "Later", "Next"])),
    st.booleans(),
)
choices = st.tuples(
    st.sampled_from(["some", "some", "some", "all", "to the end", "beyond", "saved"]),
    st.lists(st.integers(0, 7), min_size=1, max_size=3),
)
"""Which messages: how, and positions modulo their number."""


class Sessions(Play, RuleBasedStateMachine):
    """Each rule is one command of one session."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        Play.__init__(self)

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.settle()
        finally:
            self.end()

    @initialize(mails=st.lists(st.tuples(sessions, st.sampled_from(MAILS)), max_size=5))
    def begin(self, mails: list[tuple[str, Mail]]) -> None:
        """Everybody is in one group, with mails of both."""
        for name, mail in mails:
            self.append(name, GROUPS[0], [mail], set())
        for name in SESSIONS:
            self.open(name, GROUPS[0])

    # What a session does

    @rule(name=sessions, place=places, word=st.sampled_from(["SELECT", "SELECT", "EXAMINE"]))
    def select(self, name: str, place: str, word: str) -> None:
        self.open(name, place, word)

    @rule(name=sessions, word=st.sampled_from(["CLOSE", "UNSELECT"]))
    def close(self, name: str, word: str) -> None:
        view = self.selected(name)
        if word == "CLOSE" and view.writable:
            self.house.expunge(view.person, view.place)
        self.leave(name)
        assert self.say(name, word)[1].startswith("OK")

    @rule(name=sessions, word=st.sampled_from(["NOOP", "CHECK"]))
    def noop(self, name: str, word: str) -> None:
        view = self.selected(name)
        assert self.say(name, word)[1].startswith("OK")
        view.check_settled()

    @rule(name=sessions)
    def start_idle(self, name: str) -> None:
        self.selected(name)
        self.idle.add(name)
        self.stage.client(name).send(b"i IDLE\r\n")
        self.overhear(begins=name)

    @rule(
        name=sessions,
        place=places,
        mails=st.lists(st.sampled_from(MAILS), min_size=1, max_size=3),
        flags=flag_sets,
    )
    def append(self, name: str, place: str, mails: list[Mail], flags: set[str]) -> None:
        self.wake(name)
        answer = self.house.append(person(name), place, mails, flags)
        command = f'APPEND "{place}"'.encode()
        for mail in mails:
            command += b" (%b) {%d+}\r\n" % (_list(flags), len(mail.content)) + mail.content
        last = self.say(name, command)[1]
        self.check_answer(name, place, answer, last, last, "APPENDUID")

    @rule(
        name=sessions,
        place=places,
        word=st.sampled_from(["COPY", "MOVE"]),
        which=choices,
        by_uid=st.booleans(),
    )
    def copy(
        self, name: str, place: str, word: str, which: tuple[str, list[int]], by_uid: bool
    ) -> None:
        view = self.selected(name)
        numbers, uids = chosen(view, which, by_uid)
        command = f'{"UID " if by_uid else ""}{word} {numbers} "{place}"'
        if uids is None:
            self.refused(name, command, "BAD")
            return
        moving = word == "MOVE"
        answer = self.house.copy(
            *(view.person, view.place, uids, place, moving, by_uid),
            read_only=moving and not view.writable,
        )
        told, last = self.say(name, command)
        with_code = last
        if word == "MOVE" and answer.pairs:
            with_code = next(one[2:].decode() for one in told if b"COPYUID" in one)
        self.check_answer(name, place, answer, last, with_code, "COPYUID")

    @rule(
        name=sessions,
        which=choices,
        by_uid=st.booleans(),
        mode=st.sampled_from(["+", "+", "-", ""]),
        flags=flag_sets,
        silent=st.booleans(),
    )
    def store(
        self,
        name: str,
        which: tuple[str, list[int]],
        by_uid: bool,
        mode: str,
        flags: set[str],
        silent: bool,
    ) -> None:
        view = self.selected(name)
        numbers, uids = chosen(view, which, by_uid)
        uid_form, quiet = "UID " if by_uid else "", ".SILENT" if silent else ""
        command = f"{uid_form}STORE {numbers} {mode}FLAGS{quiet} ({_list(flags).decode()})"
        if uids is None or not view.writable:
            self.refused(name, command, "BAD" if view.writable else "NO")
            return
        stored = self.house.store(view.person, view.place, uids, mode, flags)
        there = {uid for uid in uids if uid in view.place.entries}
        if silent and stored.ok:
            for uid in there & view.flags.keys():
                view.flags[uid] = applied(view.flags[uid], mode, view.place.spelled(flags))
        told, last = self.say(name, command)
        if uids and not there and not silent and not by_uid and stored.ok:
            assert last.startswith("NO [EXPUNGEISSUED]"), last  # RFC 2180 4.2.2
            return
        assert last.startswith("OK" if stored.ok else "NO [NOPERM]"), last
        said = {one["uid"] for one in told if isinstance(one, dict) and ("UID" in one) >= by_uid}
        assert said >= (stored.told if silent else there), (said, stored, there)

    @rule(name=sessions, which=st.none() | choices)
    def expunge(self, name: str, which: tuple[str, list[int]] | None) -> None:
        view = self.selected(name)
        numbers, uids = chosen(view, which, True) if which else ("", None)
        command = f"UID EXPUNGE {numbers}" if which else "EXPUNGE"
        if not view.writable or "e" not in self.house.rights(view.person, view.place):
            self.refused(name, command, "NO")
            return
        self.house.expunge(view.person, view.place, uids)
        assert self.say(name, command)[1].startswith("OK")

    @rule(name=sessions, which=choices)
    def strike_out(self, name: str, which: tuple[str, list[int]]) -> None:
        """As clients delete."""
        self.store(name, which, True, "+", {"\\Deleted"}, True)
        self.expunge(name, which)

    @rule(
        name=sessions,
        which=choices,
        by_uid=st.booleans(),
        items=st.sampled_from(["FLAGS", "(UID FLAGS)", "BODY[]", "(FLAGS BODY[])", "BODY.PEEK[]"]),
    )
    def fetch(self, name: str, which: tuple[str, list[int]], by_uid: bool, items: str) -> None:
        view = self.selected(name)
        numbers, uids = chosen(view, which, by_uid)
        command = f"{'UID ' if by_uid else ''}FETCH {numbers} {items}"
        if uids is None:
            self.refused(name, command, "BAD")
            return
        new = set()
        if view.writable and "BODY[]" in items:
            new = self.house.see(view.person, view.place, uids)
        told, last = self.say(name, command)
        assert last.startswith("OK"), last
        fetched = [one for one in told if isinstance(one, dict)]
        for key in ("FLAGS", "BODY[]"):
            wanted = set(uids) if key[:4] in items else set()
            wanted |= new if key == "FLAGS" else set()
            assert wanted <= {one["uid"] for one in fetched if key in one}, (key, wanted, fetched)

    @rule(name=sessions, key=st.sampled_from(sorted(KEYS)), by_uid=st.booleans())
    def search(self, name: str, key: str, by_uid: bool) -> None:
        view = self.selected(name)
        uids, alive = list(view.uids), view.alive()
        told, last = self.say(name, f"{'UID ' if by_uid else ''}SEARCH {key}")
        assert last.startswith("OK"), last
        [said] = [one for one in told if isinstance(one, bytes) and one.startswith(b"* SEARCH")]
        found = [int(one) for one in said.split()[2:]]
        if not by_uid:
            found = [uids[number - 1] for number in found]
        assert set(found) <= set(uids), (found, uids)
        matching = [uid for uid in alive if KEYS[key](self.now(view, uid))]
        assert [uid for uid in found if uid in alive] == matching, (key, found, matching)

    @rule(
        name=sessions,
        key=st.sampled_from(sorted(KEYS)),
        option=st.sampled_from(["ALL", "MIN", "MAX"]),
        by_uid=st.booleans(),
    )
    def save(self, name: str, key: str, option: str, by_uid: bool) -> None:
        """What the response names is `$` from here on."""
        view = self.selected(name)
        uids = list(view.uids)
        command = f"{'UID ' if by_uid else ''}SEARCH RETURN (SAVE {option}) {key}"
        told, last = self.say(name, command)
        assert last.startswith("OK"), last
        [said] = [one for one in told if isinstance(one, bytes) and one.startswith(b"* ESEARCH")]
        _, found, numbers = said.decode().partition(f" {option} ")
        named = expanded(numbers) if found else []
        view.saved = set(named if by_uid else [uids[number - 1] for number in named])
        matching = {uid for uid in view.alive() if KEYS[key](self.now(view, uid))}
        assert view.saved <= set(uids), (said, uids)
        assert view.saved & set(view.alive()) <= matching, (said, matching)
        assert option != "ALL" or matching <= view.saved, (said, matching)

    @rule(name=sessions, bad=st.booleans())
    def fail_to_save(self, name: str, bad: bool) -> None:
        """BAD leaves `$` as it was, NO empties it."""
        self.save(name, "ALL", "ALL", by_uid=False)
        view = self.selected(name)
        self.refused(
            name, f"SEARCH RETURN (SAVE) CHARSET {'(' if bad else 'X'}", "BAD" if bad else "NO"
        )
        view.saved = view.saved if bad else set()
        self.check_saved(name, view)

    @rule(name=sessions)
    def lose_connection(self, name: str) -> None:
        """In IDLE or not; what the client saw as \\Recent is recent no longer."""
        self.stage.client(name)
        self.hang_up(name)
        self.overhear()

    @rule(who=st.sampled_from(PEOPLE))
    def change_password(self, who: str) -> None:
        """Every session of the old one ends."""
        known = QUICK.hash(PASSWORD)
        self.db.write(lambda tx: users.set_password(tx, f"{who}@Standard", known))
        self.stage.tell_news()
        for name, client in list(self.stage.clients.items()):
            if person(name) == who:
                self.gone(name, client.wire.take())
        self.overhear()

    @rule(
        who=st.sampled_from(PEOPLE),
        place=st.sampled_from(GROUPS),
        role=st.sampled_from(["viewer", "contributor", "manager", None]),
    )
    def change_role(self, who: str, place: str, role: str | None) -> None:
        """By the administrator."""
        before, login = self.house.roles[who, place], f"{who}@Standard"

        def work(tx: Tx) -> None:
            group = groups.find_group(tx, self.world.segment_id, place.split("/")[1])
            if role is not None:
                principal, new = groups.set_member(tx, group, login, role)
                folder_groups.members_changed(tx, group.id, principal if new else None)
            elif before is not None:
                groups.remove_member(tx, group, login)

        self.house.set_role(who, place, role)
        self.db.write(work)
        self.stage.tell_news()
        self.overhear()

    @rule()
    def check_everything(self) -> None:
        self.settle()


def _list(flags: set[str]) -> bytes:
    return " ".join(sorted(flags)).encode()


TestSessions = Sessions.TestCase
TestSessions.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
