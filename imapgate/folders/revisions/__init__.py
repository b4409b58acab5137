"""Every activity is a message in its groups' folders: a new revision of it follows each change.

`work` does that in the server, after the commit; `making` is one pass of it.
"""

from __future__ import annotations

from storage.revisions import entry_identity as entry_identity
