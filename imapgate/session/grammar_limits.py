"""What of the limits bounds the reading of commands."""

from __future__ import annotations

from imapgate.limits import Limits
from imapgate.wire.grammar import GrammarLimits
from imapgate.workarounds import Workarounds


def grammar_limits(limits: Limits, workarounds: Workarounds) -> GrammarLimits:
    """Of all limits those that the grammar knows, and what clients write all the same."""
    return GrammarLimits(
        nesting=limits.nesting,
        sequence_ranges=limits.sequence_ranges,
        search_keys=limits.search_keys,
        search_texts=limits.search_texts,
        fetch_items=limits.fetch_items,
        notify_names=limits.notify_names,
        keyword=limits.keyword,
        folder_name=limits.folder_name,
        list_patterns=limits.list_patterns,
        least_changed_since=0 if workarounds.changed_since_zero else 1,
    )
