"""RFC 8508's own draft, and a folder of four mails in which it takes the place of one."""

from __future__ import annotations

DRAFT = b"""\
Date: Thu, 1 Jan 2015 00:05:00 -0500 (EST)\r
From: Fritz Schmidt <fritz.ze@example.org>\r
Subject: happy new year !!\r
To: miss.mitzy@example.org\r
Message-Id: <B238822388-0100000@example.org>\r
MIME-Version: 1.0\r
Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r
\r
Just saw the best fireworks show. Wish you were here.\r
"""
FOUR = r"""
    C: p APPEND PLACE {#m1+}
    C: #m1\
    C:  {#m2+}
    C: #m2\
    C:  (\Flagged) {#m3+}
    C: #m3\
    C:  (\Flagged $x) {#m4+}
    C: #m4
    S: p OK [APPENDUID <validity> 1:4] ...
    C: p SELECT PLACE
    S: ~
    S: p OK ...
"""
MAILS = {f"m{n}": b"Message-ID: <m%d@x>\r\n\r\n%d\r\n" % (n, n) for n in range(1, 5)}
