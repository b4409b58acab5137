"""Coverage-guided fuzzing of what reads strangers' octets; by hand, not in CI.

    pip install -e '.[test,fuzz]'
    python tests/fuzz/fuzz.py message build/fuzz/message -max_total_time=300

One target of targets.py by its name, or `repeated:` and its name (the same piece many times over,
for what costs more than its length), then a directory that keeps what was found to lead somewhere,
and libFuzzer's own options. The seeds are the tests' own messages and dialogues. A crash leaves its
input in the directory's `found-*`; it belongs into a plain test, together with the fix.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import atheris

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE), str(HERE.parent)]

with atheris.instrument_imports(include=["imapgate"]):
    import seeds
    import targets

SECONDS = 2.0
"""Of processor time for one input of at most 4 kB, under instrumentation."""
SECONDS_REPEATED = 6.0
"""The same for `repeated`, of 60 kB."""


def main() -> None:
    """Runs until libFuzzer's limits or a finding end it."""
    name, corpus, *options = sys.argv[1:]
    is_repeated = name.startswith("repeated:")
    target = name.removeprefix("repeated:")
    run: Callable[[bytes], None] = targets.TARGETS[target]
    bound = SECONDS_REPEATED if is_repeated else SECONDS

    def one(octets: bytes) -> None:
        begin = time.process_time()
        if is_repeated:
            targets.repeated(target, octets)
        else:
            run(octets)
        assert time.process_time() - begin < bound, "too slow"

    directory = Path(corpus)
    directory.mkdir(parents=True, exist_ok=True)
    for at, seed in enumerate(seeds.of(target)):
        (directory / f"seed-{at:04d}").write_bytes(seed[: seeds.LONGEST])
    arguments = [
        sys.argv[0],
        str(directory),
        f"-dict={HERE / 'imapgate.dict'}",
        f"-artifact_prefix={directory}/found-",
        f"-max_len={seeds.LONGEST}",
        "-timeout=20",
        "-rss_limit_mb=1500",
        *options,
    ]
    atheris.Setup(arguments, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
