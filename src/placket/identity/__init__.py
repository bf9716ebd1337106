"""People and devices: staff, roles, tills, sessions, audit. Strangers to stock and money."""
