"""Texts of the mails that the system writes: Jinja2 templates that come with the program, a
segment's own in place of them, and what is sent or drafted by them."""
