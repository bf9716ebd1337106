"""The verbs of identity, by subject: people, sessions, tills."""
