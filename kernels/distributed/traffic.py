"""Elements that this rank hands to torch.distributed for others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch.distributed as distributed


@dataclass
class Traffic:
    """Attributes:
    sent: elements for other ranks.
    """

    sent: int = 0


@contextmanager
def counting() -> Iterator[Traffic]:
    """Count what is sent inside the block, by standing in for the functions that send.

    A rank's own share of an exchange stays where it is and is not counted.
    """
    traffic = Traffic()
    originals = distributed.isend, distributed.P2POp, distributed.all_to_all_single
    isend, operation, exchange = originals

    def counted_operation(function, tensor, *arguments, **more):
        if function is isend:
            traffic.sent += tensor.numel()
        return operation(function, tensor, *arguments, **more)

    def counted_exchange(output, given, *arguments, **more):
        ranks = distributed.get_world_size()
        traffic.sent += given.numel() * (ranks - 1) // ranks
        return exchange(output, given, *arguments, **more)

    distributed.P2POp, distributed.all_to_all_single = counted_operation, counted_exchange
    try:
        yield traffic
    finally:
        _, distributed.P2POp, distributed.all_to_all_single = originals
