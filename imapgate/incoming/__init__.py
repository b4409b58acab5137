"""Mail that comes in by itself: accounts that are read, their fetchers, the queue of what they
brought. What a mail becomes is decided in `activities` and `folders`."""
