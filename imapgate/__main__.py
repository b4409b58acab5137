"""`python -m imapgate`: the same as the `imapgate` command."""

from imapgate.cli.main import main

main()
