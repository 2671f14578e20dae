"""The limit on a running item."""

from __future__ import annotations

import contextlib
import io
import signal
import time

import pytest

from attnproof.checks._run.time_limit import TimeLimit, time_limit


def test_what_ends_in_time_is_left_alone():
    before = signal.getsignal(signal.SIGALRM)
    with time_limit(5):
        pass
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_does_not_is_stopped():
    started = time.monotonic()
    with pytest.raises(TimeLimit, match=r"no answer within 0\.1 s"), time_limit(0.1):
        time.sleep(30)
    assert time.monotonic() - started < 10


def test_no_exception_handler_can_swallow_it():
    with pytest.raises(TimeLimit), time_limit(0.1), contextlib.suppress(BaseException):
        time.sleep(30)


def test_standard_error_may_be_a_buffer():
    with contextlib.redirect_stderr(io.StringIO()), pytest.raises(TimeLimit), time_limit(0.1):
        time.sleep(30)
