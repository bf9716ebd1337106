"""The shop: what shoppers see, choose and own; pages for people and search engines, and an API for every client.

It sells nothing itself: carts are priced and orders made by ``sales``, goods are promised by ``inventory``.
"""

from placket.shop.window import window

__all__ = ["window"]
