"""The demo chain "Lụa": a company with people, goods, customers and years of sales, the same for the same seed."""

from placket.demo.backroom import begin
from placket.demo.catching_up import catch_up
from placket.demo.chain import LOGINS, PASSWORD, PIN, LogIn
from placket.demo.filling import DatabaseNotEmpty, fill
from placket.demo.sizes import SIZES, Size
from placket.demo.web_orders import order

__all__ = ["LOGINS", "PASSWORD", "PIN", "SIZES", "DatabaseNotEmpty", "LogIn", "Size", "begin", "catch_up", "fill", "order"]
