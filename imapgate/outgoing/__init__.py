"""Mail that goes out: mailers, the outbox, what is sent of activities, templates, notifications.
What comes in through the submission listener is `submission`'s."""
