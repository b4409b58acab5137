"""What an activity's message says, and how it looks: gathering, page, media, message."""
