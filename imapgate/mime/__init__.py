"""Reads a message: structure, envelope, text for people. No I/O, no Twisted, no SQL."""
