"""Carriers: parcels that somebody else brings, booked through a port, and what their carrier tells of them on the way.

Knows no order and no return: each shipment has a subject, and whoever owns that follows what has changed.
"""

from placket.carriers.booking import Wish, book, drop, written
from placket.carriers.models import CarrierEvent, Shipment
from placket.carriers.provider import Carrier, CarrierAway, Party, carrier_of
from placket.carriers.queries import shipments_of, track_of
from placket.carriers.tracking import Changed, apply, keep_event, subject_of

__all__ = [
    "Carrier",
    "CarrierAway",
    "CarrierEvent",
    "Changed",
    "Party",
    "Shipment",
    "Wish",
    "apply",
    "book",
    "carrier_of",
    "drop",
    "keep_event",
    "shipments_of",
    "subject_of",
    "track_of",
    "written",
]
