"""Child processes that never outlive the process that started them, however that one ends."""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def tied(ending: signal.Signals, account: pwd.struct_passwd | None = None) -> Callable[[], None]:
    """What a child does before it becomes its program: leave the terminal's group, drop privileges, tie its life to ours.

    ``ending`` is sent to it when the thread that started it ends, so start children from the main thread.
    """
    parent = os.getpid()

    def become() -> None:
        os.setsid()  # Ctrl-C in the terminal is the supervisor's business
        if account is not None:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        os.umask(0o077)
        _LIBC.prctl(_PR_SET_PDEATHSIG, ending)  # a change of user clears it, so it comes last
        if os.getppid() != parent:
            os._exit(1)  # the parent died meanwhile, and nobody would tell

    return become


def end(process: subprocess.Popen[bytes], first: signal.Signals, patience_s: float) -> None:
    """Ask a child to stop, wait, and make it stop."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(timeout=patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)
