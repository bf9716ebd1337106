"""The database with the tables of all contexts that point at one another: for whoever works on it outside the API.

Foreign keys may cross contexts by the table's name; a key whose table nobody has mapped is an error only when it is used.
"""

from typing import Final

from placket import campaigns, carriers, crm, einvoices, inventory, messages, payments, promotions, sales, shop
from placket.core.db import Database

MAPPED: Final = (campaigns, carriers, crm, einvoices, inventory, messages, payments, promotions, sales, shop)

__all__ = ["MAPPED", "Database"]
