"""A limit on a running item that also ends code which never returns to Python."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# After the polite signal, C code that holds the interpreter gets this much longer.
GRACE_VARIABLE = "ATTNPROOF_GRACE_SECONDS"
GRACE_SECONDS = float(os.environ.get(GRACE_VARIABLE) or 15.0)


class TimeLimit(BaseException):
    """Raised in the running item. Not an `Exception`, so that no check can swallow it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeLimit` after ``seconds``; end the process ``GRACE_SECONDS`` after that.

    The second stage exists for compiled code that never checks signals: it takes the worker down,
    and the ledger then says which item did it.
    """
    on_main_thread = threading.current_thread() is threading.main_thread()
    if seconds <= 0 or not on_main_thread or not hasattr(signal, "setitimer"):
        yield
        return

    words = f"no answer within {seconds:g} s"
    fired = False

    def expired(signum: int, frame: FrameType | None) -> None:
        nonlocal fired
        fired = True
        raise TimeLimit(words)

    before = signal.signal(signal.SIGALRM, expired)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    # File descriptor 2, not sys.stderr: that may be a string buffer without one.
    faulthandler.dump_traceback_later(seconds + GRACE_SECONDS, exit=True, file=2)
    try:
        yield
        if fired:
            # Swallowed by a bare `except:`; what came after it is not to be believed.
            raise TimeLimit(words)
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
