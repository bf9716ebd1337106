"""The event tail and the sockets: every terminal hears every change it may see."""

from placket.realtime.hub import Hub
from placket.realtime.queries import Heard, Position
from placket.realtime.service import prune, read_on
from placket.realtime.tail import Batch, Tail

__all__ = ["Batch", "Heard", "Hub", "Position", "Tail", "prune", "read_on"]
