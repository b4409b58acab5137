"""`imapgate init` has made a database: from then on no power cut takes it away, with its mails."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from events import calls, plain
from recording import tracer
from servers import environment

CALLS = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat,mkdir,mkdirat"


def test_what_init_has_made_is_flushed(tmp_path: Path) -> None:
    """Before it says so: the file's octets, its name, and each directory on the way to it."""
    data = tmp_path / "new" / "data"
    record = tmp_path / "record"
    words = [sys.executable, "-m", "imapgate", "--data", str(data), "init"]
    subprocess.run(
        [*tracer(record, CALLS), *words],
        check=True,
        capture_output=True,
        env={**environment(), "IMAPGATE_PASSWORD": "a password"},
    )
    done = [(entered, left, plain(text)) for entered, left, text in calls(record)]

    def last(pattern: str) -> tuple[int, int]:
        found = [one[:2] for one in done if re.match(pattern, one[2])]
        assert found, pattern
        return found[-1]

    def flushed(path: str, after: int) -> None:
        found = [
            left
            for entered, left, text in done
            if re.match(rf"f(data)?sync\(\d+<{path}>\)", text) and entered > after
        ]
        assert found, f"{path} isn't flushed"
        assert found[0] < told, f"{path} is flushed too late"

    told, _ = last(r'write\(1<.*"Made ')
    _, written = last(r"pwrite64\(\d+<[^>]*/imapgate\.db>")
    flushed(r"[^>]*/imapgate\.db", written)
    _, named = last(rf'(rename|link)\w*\(.*"{data}/imapgate\.db"')
    flushed(str(data), named)
    for directory in (data, data.parent):
        _, made = last(rf'mkdir\w*\(.*"{directory}"')
        flushed(str(directory.parent), made)
