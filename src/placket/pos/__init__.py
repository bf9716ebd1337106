"""The tills' own edge: attach, sign-off, journals."""
