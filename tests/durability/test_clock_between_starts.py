"""The machine's clock is set back, between two starts and while the server runs: what is given out
goes on upward all the same, and an INTERNALDATE is what it was told to be (rule 8)."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from random import Random

from imap import Client, Fetched
from ledger import by_key, key_of
from looking import put_there
from mails import mail
from servers import Zygote
from stored import Rows

TEN_YEARS = 10 * 365 * 24 * 3600
DATE = '"13-Feb-2025 10:11:12 +0100"'
SUPPORT = ("", "Trackers/Support")


def test_numbers_go_on_upward(zygote: Zygote, data: Path, figures: Counter[str]) -> None:
    """Ten years ahead while it runs, twenty back at the second start, another ten while it runs,
    and right again: UIDVALIDITY, UIDs, activity numbers and mod-sequences only grow."""
    rng = Random(1)
    rows = Rows()
    jump = data.parent / "jump"
    kept: dict[str, str] = {}
    uids: list[int] = []
    numbers: list[int] = []
    validities: list[int] = []
    for clock in ([0, TEN_YEARS], [-TEN_YEARS, -2 * TEN_YEARS], [0, 0]):
        server = zygote.start(data, clock=clock, jump=str(jump))
        assert server.port is not None
        client = Client(server.port, "alice", "clock")
        for jumped in (False, True):
            if jumped:
                jump.touch()
            for dated in (False, True):
                content = mail(rng, f"m{len(uids)}", "On time", 300)
                date = f"{DATE} " if dated else ""
                answer = client.command(f'APPEND "{SUPPORT[1]}" {date}', content)
                assert answer.status == "OK", answer
                number = re.search(r"Filed as #(\d+)", answer.text)
                assert number
                numbers.append(int(number[1]))
                uids.append(answer.uids[0])
                if dated:
                    kept[key_of(content)] = DATE.strip('"')
            validities.append(_made_anew(client))
            rows.look(data / "imapgate.db")
        found = put_there(client.fetch(SUPPORT[1])[0])
        assert len(found) == len(uids)
        _dates_are(kept, found)
        client.close()
        server.kill()
        jump.unlink()
    for given in (uids, numbers, validities):
        assert given == sorted(set(given)), given
    figures["clock jumps survived"] += 4


def test_a_new_database_with_a_wrong_clock(zygote: Zygote, data: Path) -> None:
    """Before 1970, too: mails are taken, served and searched."""
    jump = data.parent / "jump"
    server = zygote.start(data, clock=[-80 * 365 * 24 * 3600] * 2, jump=str(jump))
    assert server.port is not None
    client = Client(server.port, "alice", "past")
    content = mail(Random(2), "past", "Long ago", 300)
    assert client.command(f'APPEND "{SUPPORT[1]}" ', content).status == "OK"
    found = put_there(client.fetch(SUPPORT[1])[0])
    assert [one.content for one in found] == [content]
    assert client.command("UID SEARCH SINCE 1-Jan-1990").status == "OK"
    client.close()
    server.stop()


def _made_anew(client: Client) -> int:
    """The UIDVALIDITY of a folder of the same name, each time another one."""
    client.command("DELETE Anew")
    assert client.command("CREATE Anew").status == "OK"
    answer = client.command("EXAMINE Anew")
    found = [re.search(r"UIDVALIDITY (\d+)", line) for line, _ in answer.untagged]
    client.command("UNSELECT")
    (validity,) = (int(one[1]) for one in found if one)
    return validity


def _dates_are(kept: dict[str, str], found: list[Fetched]) -> None:
    here = by_key(SUPPORT, found)
    for key, date in kept.items():
        assert here[key].internal == date
