"""The machine room for people: jobs that wait, that fail and that are run again. What they do belongs to others."""
