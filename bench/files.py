"""How fast files of mails are imported and exported, and that nothing of them changes on the way.

    python bench/files.py [--mails 10000]

Makes a database of its own, imports an mbox of mails of every kind into a group, exports the group
in each format, and compares what comes out with what went in, octet for octet; then imports what
came out into another database, and exports that. Prints one line per figure and removes everything.
Exit code 1 if a single octet differs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from imapgate.incoming.files import reading, walking
from imapgate.incoming.files.found import Found
from imapgate.incoming.files.walking import File
from imapgate.incoming.files.writing import FORMATS, Outgoing, writing

WORDS = ("the", "printer", "is", "on fire", "again", "From ", ">From here", "help", "Größe", "\0")
ENDS = (b"\r\n", b"\n")
LAST = (b"", b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n\r\n", b"\0")
MOST = 50 * 1024 * 1024


def mails(count: int) -> Iterator[bytes]:
    """Each another one; with bare line feeds, NULs, lines that begin with From, 8 bit, without a
    last line end."""
    chance = random.Random(1)
    for n in range(count):
        end = chance.choice(ENDS)
        lines = [
            b"From: Erika %d <erika%d@example.com>" % (n % 500, n % 500),
            b"To: support@example.org",
            b"Subject: Case %d" % n,
            b"Date: Mon, 06 Jan 2025 10:00:00 +0000",
            b"Message-ID: <bench-%d@example.com>" % n,
            b"",
        ]
        for _ in range(chance.randint(1, 40)):
            words = " ".join(chance.choices(WORDS, k=chance.randint(0, 12)))
            lines.append(words.encode(chance.choice(("utf-8", "latin-1"))))
        if n % 50 == 0:
            lines += [b"From nobody Mon Jan  1 00:00:00 2024", b"", bytes(range(256))]
        if n % 1000 == 0:
            lines.append(chance.randbytes(2 * 1024 * 1024))
        yield end.join(lines) + chance.choice(LAST)


def figure(name: str, count: int, seconds: float, more: str = "") -> None:
    print(
        f"{name:<34} {count:>7} in {seconds:7.2f} s  {count / seconds:>8,.0f}/s{more}", flush=True
    )


def run(data: Path, *words: str) -> tuple[float, int]:
    """Seconds, and the most memory that the command took, in octets."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "imapgate", "--data", str(data), *words],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "IMAPGATE_PASSWORD": "for the bench"},
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"imapgate {' '.join(words)}: exit code {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024


def office(data: Path) -> None:
    run(data, "init", "--segment", "Acme", "--admin", "anna", "--email", "anna@acme.example")
    run(data, "group", "add", "tracker", "Support")
    run(data, "creator", "add", "Support E-Mails", "--type", "E-Mail", "--group", "Support")


def in_files(path: Path) -> Counter[bytes]:
    """SHA-256 of each mail, and how often it is there."""
    found: Counter[bytes] = Counter()
    for file in walking.files_in(path):
        assert isinstance(file, File), file
        for one in reading.read(file, MOST, lambda *_: None):
            assert isinstance(one, Found), one
            found[hashlib.sha256(one.content[:]).digest()] += 1
    return found


def measure(directory: Path, count: int) -> bool:
    """Whether all came back."""
    wanted: Counter[bytes] = Counter()
    source = directory / "source.mbox"
    with writing("mbox", source, replace=False) as writer:
        for content in mails(count):
            wanted[hashlib.sha256(content).digest()] += 1
            writer.add(Outgoing(None, "", 1_736_157_600), content)
    is_same = in_files(source) == wanted
    for turn in ("first", "second"):
        data = directory / turn
        office(data)
        seconds, memory = run(data, "import", str(source), "--group", "Support")
        figure(f"import, {turn} time", count, seconds, f"  {memory / 1024**2:.0f} MiB at most")
        seconds, _ = run(data, "import", str(source), "--group", "Support")
        figure("import of what is there", count, seconds)
        for form in FORMATS if turn == "first" else ("mbox",):
            ending = "" if form == "maildir" else f".{form}"
            out = directory / f"{turn}{ending or '-maildir'}"
            words = ("export", "--group", "Support", "--format", form, "--output", str(out))
            seconds, memory = run(data, *words)
            same = in_files(out) == wanted
            is_same = is_same and same
            more = f"  {memory / 1024**2:.0f} MiB at most, {'the same' if same else 'DIFFERENT'}"
            figure(f"export, {form}", count, seconds, more)
        source = directory / "first.mbox"
    return is_same


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mails", type=int, default=10_000)
    count = parser.parse_args().mails
    with tempfile.TemporaryDirectory() as directory:
        if not measure(Path(directory), count):
            raise SystemExit("What came out isn't what went in.")


if __name__ == "__main__":
    main()
