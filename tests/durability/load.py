"""Sessions at work: each thread does at random what mail users do, and keeps account of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from imap import Answer, Client, Lost
from ledger import (
    EMAILS,
    GROUPS,
    NEW,
    RECOVERED,
    SALES,
    SUPPORT,
    Account,
    Copy,
    Place,
    Receipt,
    Step,
    key_of,
)
from mails import NUMBERS, mail, wrapper

REFUSED = ("Trackers/Archive", "Trackers", "Nowhere", RECOVERED)
"""Folders that take no mail: no creator, a heading, not there, filled by the server only."""
_FILED = re.compile(r"Filed as #(\d+) ")


class Worker:
    """One user's session after another. `account` says what must be found."""

    def __init__(self, user: str, name: str, seed: int) -> None:
        """name: unlike other workers'."""
        self.user = user
        self.name = name
        self.account = Account()
        self.open_step: Step | None = None
        """What was sent and not answered."""
        self.history: list[tuple[Step, Receipt]] = []
        """What was acknowledged, in order."""
        self.acknowledged = 0
        """Messages that came or went."""
        self.failure: BaseException | None = None
        self._rng = Random(f"{seed} {name}")
        self._again: Step | None = None
        self._touchy: set[str] = set()
        self._made = 0
        self._sessions = 0
        self._client: Client | None = None
        self._thread: threading.Thread | None = None
        self._works: Sequence[Callable[[], None]] = (
            self._viewers_work() if user == "carol" else self._all_work()
        )

    def begin(self, port: int, steps: int | None = None) -> None:
        """Works in a thread until the line is dead, or for so many commands."""
        self._thread = threading.Thread(target=self._run, args=(port, steps), name=self.name)
        self._thread.start()

    @property
    def works(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def join(self) -> None:
        """Once the server is dead or the commands are done. Raises what went wrong, not Lost."""
        assert self._thread
        self._thread.join()
        if self.failure is not None:
            raise self.failure

    def settled(self, done: bool) -> None:
        """What came of the open step, after a crash."""
        step, self.open_step = self.open_step, None
        if step is not None:
            # A drop that was done is repeated too: that must change nothing.
            self._again = step if step.words and (step.drops or not done) else None

    def _run(self, port: int, steps: int | None) -> None:
        self._sessions += 1
        try:
            self._client = Client(port, self.user, f"{self.name}s{self._sessions}")
            try:
                if self._again is not None:
                    # A client whose line went dead does the same once more.
                    self._step(self._again, *self._again.words)
                    self._again = None
                while steps is None or steps > 0:
                    self._rng.choice(self._works)()
                    steps = None if steps is None else steps - 1
            finally:
                self._client.close()
        except Lost:
            return
        except BaseException as error:  # noqa: BLE001 (raised by join)
            self.failure = error

    def _all_work(self) -> list[Callable[[], None]]:
        return [
            *[self._drop] * 5,
            *[self._drop_several] * 2,
            *[self._drop_wrapper] * 2,
            *[self._drop_what_all_drop] * 2,
            *[self._save] * 2,
            *[self._be_refused] * 2,
            *[self._transfer] * 7,
            *[self._mark] * 2,
            self._expunge,
            self._copy_in_vain_and_expunge,
        ]

    def _viewers_work(self) -> list[Callable[[], None]]:
        return [
            self._save,
            self._be_refused,
            self._mark,
            self._expunge,
            self._copy_in_vain_and_expunge,
        ]

    # What a session does

    def _drop(self) -> None:
        numbers = frozenset(self._rng.sample(NUMBERS, self._rng.choice((0, 0, 1, 2))))
        content = self._mail("".join(f" #{number}" for number in numbers))
        place = self._rng.choice(GROUPS)
        date = None
        if self._rng.random() < 0.5:
            date = (
                f"{self._rng.randrange(10, 28)}-Feb-2025 10:11:{self._rng.randrange(60):02} +0100"
            )
            self.account.dates[key_of(content)] = date
        dated = f' "{date}"' if date else ""
        self._append(place, [content], dated, links=numbers)

    def _drop_several(self) -> None:
        place = self._rng.choice((*GROUPS, (self.user, "INBOX")))
        contents = [self._mail("", small=True) for _ in range(self._rng.randrange(2, 6))]
        self._append(place, contents)

    def _drop_what_all_drop(self) -> None:
        """Others drop the same mail into the same group at the same time."""
        number = self._made // 10
        content = mail(Random(f"shared {number}"), f"shared{number}", f"For all {number}", 500)
        self._touchy.add(key_of(content))
        self._append(EMAILS, [content])

    def _drop_wrapper(self) -> None:
        attached = [self._mail("", small=True) for _ in range(self._rng.randrange(1, 4))]
        title = f"Wrapped {self._mark_of()}"
        number = self._rng.choice(NUMBERS)
        target = self._rng.choice((f"#{number}", "#GadgetASupport", ""))
        subject = "  ".join(part for part in ("> @Support E-Mails", target, title) if part)
        content = wrapper(self._rng, self._mark_of(), subject, f"About {title}.", attached)
        place = self._rng.choice(GROUPS)
        keys = [key_of(one) for one in attached]
        links = {"": (), f"#{number}": (number,), "#GadgetASupport": (NEW,)}[target]
        step = Step(
            adds=tuple((SUPPORT, key) for key in keys),
            drops=(key_of(content), *keys),
            links={key: frozenset(links) for key in keys},
            made=title if NEW in links else None,
            told=title if number in links else None,
            wrapper_in=place,
            words=_append_words(place[1], [content]),
        )
        self._step(step, *step.words)

    def _save(self) -> None:
        place = (self.user, self._rng.choice(("INBOX", "Archive")))
        self._append(place, [self._mail("")])

    def _be_refused(self) -> None:
        names = ("Trackers/Support", *REFUSED) if self.user == "carol" else REFUSED
        contents = [self._mail("", small=True) for _ in range(self._rng.choice((1, 1, 3)))]
        keys = [key_of(one) for one in contents]
        recovered = (self.user, RECOVERED)
        step = Step(
            adds=tuple((recovered, key) for key in keys),
            drops=tuple(keys),
            refused=True,
            words=_append_words(self._rng.choice(names), contents),
        )
        self._step(step, *step.words)

    def _transfer(self) -> None:
        """COPY or MOVE, between any two places."""
        word = self._rng.choice(("COPY", "MOVE"))
        places = [*GROUPS, *((self.user, name) for name in ("INBOX", "Archive", RECOVERED))]
        source = self._rng.choice(places)
        target = self._rng.choice([one for one in places if one != source and one[1] != RECOVERED])
        if source[1] == RECOVERED and target not in GROUPS:
            return
        chosen = [key for key in self._own(source) if key not in self.account.at(target)]
        chosen = chosen[: self._rng.randrange(1, 4)]
        if not chosen or not self._select(source):
            return
        removes: list[Copy] = []
        adds: list[Copy] = [(target, key) for key in chosen]
        recovered = (self.user, RECOVERED)
        if word == "MOVE":
            removes += [(source, key) for key in chosen]
        if target in GROUPS:
            # What gets filed leaves Recovered Messages.
            removes += [(recovered, key) for key in chosen if key in self.account.at(recovered)]
        elif word == "MOVE" and source in GROUPS:
            adds += [(recovered, key) for key in chosen if key not in self.account.at(recovered)]
        self._on_uids(
            Step(adds=tuple(adds), removes=tuple(dict.fromkeys(removes))),
            source,
            chosen,
            f'UID {word} {{}} "{target[1]}"',
            target,
        )

    def _mark(self) -> None:
        place = self._rng.choice([*GROUPS, (self.user, "INBOX")])
        chosen = self._own(place)[:1]
        if not chosen or not self._select(place):
            return
        flag = self._rng.choice(("\\Flagged", "\\Answered", "$Later"))
        on = self._rng.random() < 0.7
        step = Step(flags=(((place, chosen[0]),), flag, on))
        self._on_uids(step, place, chosen, f"UID STORE {{}} {'+' if on else '-'}FLAGS ({flag})")

    def _expunge(self) -> None:
        """Out of a group: it also stands in Recovered Messages (rule 16)."""
        place = self._rng.choice(
            [(self.user, "INBOX"), *(() if self.user == "carol" else (SUPPORT, SALES))]
        )
        chosen = self._own(place)[:2]
        if chosen and self._select(place):
            recovered = (self.user, RECOVERED)
            self._take_away(place, chosen, recovered if place in GROUPS else None)

    def _copy_in_vain_and_expunge(self) -> None:
        """Some clients delete the source even after NO (rule 3)."""
        place = (self.user, "INBOX")
        chosen = [key for key in self._own(place) if self._stands_once(key)][:2]
        if not chosen or not self._select(place):
            return
        self._touchy.update(chosen)
        self._on_uids(Step(refused=True), place, chosen, 'UID COPY {} "Trackers/Archive"')
        self._take_away(place, chosen, (self.user, RECOVERED))

    # How it does it

    def _append(
        self,
        place: Place,
        contents: list[bytes],
        dated: str = "",
        links: frozenset[int] = frozenset(),
    ) -> None:
        keys = [key_of(one) for one in contents]
        step = Step(
            adds=tuple((place, key) for key in keys),
            drops=tuple(keys) if place in GROUPS else (),
            links=dict.fromkeys(keys, links) if links else {},
            words=_append_words(place[1], contents, dated),
        )
        self._step(step, *step.words)

    def _take_away(self, place: Place, chosen: list[str], kept: Place | None) -> None:
        # Each user's own: who looks at a group's folder is somebody else.
        copies = () if place in GROUPS else tuple((place, key) for key in chosen)
        store = Step(flags=(copies, "\\Deleted", True))
        self._on_uids(store, place, chosen, "UID STORE {} +FLAGS (\\Deleted)")
        adds = [] if kept is None else [(kept, key) for key in chosen]
        step = Step(
            adds=tuple(one for one in adds if one[1] not in self.account.at(one[0])),
            removes=tuple((place, key) for key in chosen),
        )
        self._on_uids(step, place, chosen, "UID EXPUNGE {}")

    def _on_uids(
        self,
        step: Step,
        place: Place,
        chosen: list[str],
        words: str,
        target: Place | None = None,
    ) -> None:
        pairs = sorted((self.account.at(place)[key] or 0, key) for key in chosen)
        uids = ",".join(str(uid) for uid, _ in pairs)
        ordered = tuple((target, key) for _, key in pairs) if target else ()
        self._step(step, words.format(uids), told=ordered)

    def _step(self, step: Step, *words: str | bytes, told: tuple[Copy, ...] | None = None) -> None:
        """told: what the UIDs of the answer are of, in order; None: of what is added."""
        assert self._client
        self.open_step = step = replace(step, tag=self._client.next_tag)
        answer = self._client.command(*words, synchronising=self._rng.random() < 0.2)
        assert answer.status == ("NO" if step.refused else "OK"), (step, answer)
        receipt = _receipt(step, answer, step.adds if told is None else told)
        self.account.done(step, receipt)
        self.history.append((step, receipt))
        self.acknowledged += max(len(step.adds), len(step.removes))
        self.open_step = None

    def _select(self, place: Place) -> bool:
        assert self._client
        return self._client.command(f'SELECT "{place[1]}"').status == "OK"

    def _own(self, place: Place) -> list[str]:
        """Mails there of which the UID is known and that nobody else touches, in any order."""
        known = [
            key
            for key, uid in self.account.at(place).items()
            if uid is not None and key not in self._touchy
        ]
        self._rng.shuffle(known)
        return known

    def _stands_once(self, key: str) -> bool:
        return sum(key in here for here in self.account.stands.values()) == 1

    def _mail(self, more: str, small: bool = False) -> bytes:
        mark = self._mark_of()
        return mail(self._rng, mark, f"Mail {mark}{more}", 300 if small else None)

    def _mark_of(self) -> str:
        self._made += 1
        return f"{self.name}m{self._made}"


def _receipt(step: Step, answer: Answer, told: Sequence[Copy]) -> Receipt:
    uids = answer.uids
    if step.wrapper_in is not None:
        assert len(uids) == 1, answer
        return Receipt(spent=(step.wrapper_in, uids[0]))
    if step.refused or not told:
        assert not uids, answer
        return Receipt()
    assert len(uids) == len(told), (step, answer)
    filed = _FILED.search(answer.text)
    return Receipt(dict(zip(told, uids, strict=True)), int(filed[1]) if filed else None)


def _append_words(folder: str, contents: list[bytes], dated: str = "") -> tuple[str | bytes, ...]:
    words: list[str | bytes] = [f'APPEND "{folder}"']
    for content in contents:
        words += [f"{dated} ", content]
    return tuple(words)
