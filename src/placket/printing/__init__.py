"""The print bridge: a small program on the counter that owns the receipt printer, the drawer and the tills' second copy.

It runs without the database and without the server, so a till prints and opens its drawer while the internet is gone.
"""
