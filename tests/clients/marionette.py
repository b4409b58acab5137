"""Marionette, Mozilla's remote control, from the driving side.

A message is `LENGTH:[0, number, command, parameters]`, its answer `LENGTH:[1, number, error,
result]` (firefox-source-docs, "Marionette protocol", version 3). One command at a time.
"""

from __future__ import annotations

import json
import socket
from typing import Any

HOST = "127.0.0.1"
TIMEOUT = 120.0
"""Seconds until an answer has to be there: longer than any wait inside a script."""


class Refused(AssertionError):
    """The driven program answered a command with an error."""


class Marionette:
    """One session in the program's own windows (context `chrome`), with all its rights."""

    def __init__(self, port: int) -> None:
        """Raises OSError while nothing listens on the port."""
        self._socket = socket.create_connection((HOST, port), timeout=TIMEOUT)
        self._buffer = b""
        self._number = 0
        try:
            self._message()  # says hello
            self.command(
                "WebDriver:NewSession",
                capabilities={"alwaysMatch": {"unhandledPromptBehavior": "ignore"}},
            )
            self.command("Marionette:SetContext", value="chrome")
            self.command("WebDriver:SetTimeouts", script=int(TIMEOUT * 1000))
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        self._socket.close()

    def command(self, name: str, **parameters: Any) -> Any:
        """The result of one command; raises Refused with what the program says."""
        self._number += 1
        text = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(text), text))
        _, number, error, result = self._message()
        assert number == self._number, "answers come in order"
        if error:
            raise Refused(f"{name}: {error['error']}: {error['message']}\n{error['stacktrace']}")
        return result

    def script(self, text: str, *arguments: Any) -> Any:
        """What an asynchronous function with this body returns, given `arguments`."""
        wrapped = (
            "const [args, done] = arguments;"
            f"(async (...args) => {{ {text} }})(...args).then("
            "value => done({ value: value === undefined ? null : value }),"
            'error => done({ error: `${error}\\n${error && error.stack || ""}` }));'
        )
        answer = self.command(
            "WebDriver:ExecuteAsyncScript",
            script=wrapped,
            args=[list(arguments)],
            sandbox="system",
            newSandbox=False,
        )["value"]
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["value"]

    def _message(self) -> Any:
        while b":" not in self._buffer:
            self._receive()
        length, _, rest = self._buffer.partition(b":")
        self._buffer = rest
        while len(self._buffer) < int(length):
            self._receive()
        text, self._buffer = self._buffer[: int(length)], self._buffer[int(length) :]
        return json.loads(text)

    def _receive(self) -> None:
        octets = self._socket.recv(1 << 16)
        if not octets:
            raise ConnectionError("the driven program has hung up")
        self._buffer += octets
