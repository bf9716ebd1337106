"""Messages to people outside the company: asked for in the transaction they belong to, sent once by the worker.

E-mail, SMS and push stand behind one port. It knows no orders and no campaigns: whoever asks says what is to be told, to
whom, and by which key it is told once. See docs/rules/messages.md.
"""

from placket.messages.models import Channel, Message
from placket.messages.queries import MessageSeen, of_subject
from placket.messages.rules import masked
from placket.messages.sending import CannotSend, send_now, send_waiting
from placket.messages.service import SOON, ask, is_asked, prune
from placket.messages.ways import File, can_reach

__all__ = [
    "SOON",
    "CannotSend",
    "Channel",
    "File",
    "Message",
    "MessageSeen",
    "ask",
    "can_reach",
    "is_asked",
    "masked",
    "of_subject",
    "prune",
    "send_now",
    "send_waiting",
]
