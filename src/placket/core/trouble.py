"""Trouble: something about the machine or its set-up that a person must put right. Not a refusal, not a bug."""


class Trouble(Exception):
    """The program cannot go on; the message is one sentence that says what to do. The command line prints it."""
