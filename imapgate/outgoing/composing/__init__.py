"""Mails that are made of activities: sent to their recipients, or exported to a user."""
