"""The printer at the other end: on the network (port 9100), or a device or file of this machine."""

import socket
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, Protocol

from placket.core.trouble import Trouble
from placket.printing.escpos import ASK_CAUSE, ASK_DONE, ASK_PAPER, DRAWER, DRAWER_NOW, State, is_status, state_of

PORT: Final = 9100
CONNECT_S: Final = 2.0
ANSWER_S: Final = 0.4
DONE_S: Final = 20.0
QUESTIONS: Final = 2


class PrinterFault(Exception):
    """The printer does not print now; ``state`` says why."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class Printer(Protocol):
    """What the bridge needs of a printer."""

    def state(self) -> State:
        """How it is."""

    def send(self, content: bytes, *, drawer: bool) -> None:
        """Open the drawer if asked, then print; return when it is on paper. Raises PrinterFault, the drawer opened."""


class NetworkPrinter:
    """A printer on the network. One that answers no questions is believed to be ready."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._answers = True

    def state(self) -> State:
        """How it says that it is."""
        try:
            with closing(self._connect()) as line:
                return self._ask(line)
        except PrinterFault as fault:
            return fault.state
        except OSError:
            return "offline"

    def send(self, content: bytes, *, drawer: bool) -> None:
        """Print, and wait until it says that it has."""
        try:
            with closing(self._connect()) as line:
                state = self._ask(line)
                if drawer:
                    line.sendall(DRAWER if state == "ready" else DRAWER_NOW)
                if state != "ready":
                    raise PrinterFault(state)
                line.settimeout(DONE_S)
                line.sendall(content)
                self._await_done(line)
        except OSError as error:
            raise PrinterFault("offline") from error

    def _connect(self) -> socket.socket:
        try:
            return socket.create_connection(self._address, timeout=CONNECT_S)
        except OSError as error:
            raise PrinterFault("offline") from error

    def _ask(self, line: socket.socket) -> State:
        if not self._answers:
            return "ready"
        line.settimeout(ANSWER_S)
        line.sendall(ASK_CAUSE + ASK_PAPER)
        answers = self._read(line, QUESTIONS)
        if len(answers) < QUESTIONS or not all(map(is_status, answers)):
            self._answers = False
            return "ready"
        return state_of(*answers)

    def _await_done(self, line: socket.socket) -> None:
        """Return when the printer says that it has printed; it is silent while it prints, and while it cannot."""
        if not self._answers:
            return
        line.settimeout(ANSWER_S)
        line.sendall(ASK_DONE)
        until = time.monotonic() + DONE_S
        heard = self._read(line, 1)
        while time.monotonic() < until:
            if any(not is_status(answer) for answer in heard):
                return
            if len(heard) >= QUESTIONS and state_of(*heard[-QUESTIONS:]) != "ready":
                raise PrinterFault(state_of(*heard[-QUESTIONS:]))
            # Questions about its state pass what waits before them.
            line.sendall(ASK_CAUSE + ASK_PAPER)
            heard = self._read(line, QUESTIONS)
            if not heard:
                return  # it answers nothing of this kind: what was sent counts as printed
        raise PrinterFault("fault")

    @staticmethod
    def _read(line: socket.socket, count: int) -> bytes:
        answer = b""
        with suppress(TimeoutError):
            while len(answer) < count:
                piece = line.recv(count - len(answer))
                if not piece:
                    break
                answer += piece
        return answer


class FilePrinter:
    """A device such as ``/dev/usb/lp0``, or a file that the commands are added to. It answers no questions."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def state(self) -> State:
        """Ready, when it can be written to."""
        try:
            with self._path.open("ab"):
                return "ready"
        except OSError:
            return "offline"

    def send(self, content: bytes, *, drawer: bool) -> None:
        """Write the commands."""
        try:
            with self._path.open("ab") as device:
                device.write((DRAWER if drawer else b"") + content)
        except OSError as error:
            raise PrinterFault("offline") from error


def printer_at(address: str) -> Printer:
    """The printer that an address names: ``192.168.1.50``, ``tcp://host:9100`` or the path of a device. Raises Trouble."""
    if address.startswith(("/", "./")):
        return FilePrinter(Path(address))
    host, _, port = address.removeprefix("tcp://").partition(":")
    if not host or (port and not port.isdigit()):
        raise Trouble(f"A printer is named by its address, such as 192.168.1.50 or /dev/usb/lp0, and not by {address!r}.")
    return NetworkPrinter(host, int(port or PORT))
