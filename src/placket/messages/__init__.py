"""Messages to people outside the company: asked for in the transaction they belong to, sent once by the worker.

E-mail, SMS and push stand behind one port. It knows no orders and no campaigns: whoever asks says what is to be told, to
whom, and by which key it is told once. See docs/rules/messages.md.
"""

from placket.messages.devices import NoDevice, devices_of, stop_device, tell_device
from placket.messages.letters import previewed
from placket.messages.models import Channel, Message
from placket.messages.policy import House, hours, opens_at
from placket.messages.push import Device, public_key
from placket.messages.queries import MessageSeen, house, of_subject
from placket.messages.rules import masked
from placket.messages.sending import CannotSend, send_now, send_waiting
from placket.messages.service import SOON, ask, cancel, hold_back, is_asked, let_go, prune, write_terms
from placket.messages.ways import File, Letter, can_reach

__all__ = [
    "SOON",
    "CannotSend",
    "Channel",
    "Device",
    "File",
    "House",
    "Letter",
    "Message",
    "MessageSeen",
    "NoDevice",
    "ask",
    "can_reach",
    "cancel",
    "devices_of",
    "hold_back",
    "hours",
    "house",
    "is_asked",
    "let_go",
    "masked",
    "of_subject",
    "opens_at",
    "previewed",
    "prune",
    "public_key",
    "send_now",
    "send_waiting",
    "stop_device",
    "tell_device",
    "write_terms",
]
