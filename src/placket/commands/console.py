"""Lines for the person at the terminal."""


def say(what: str) -> None:
    """A line that stays."""
    print(f"  placket: {what}", flush=True)
