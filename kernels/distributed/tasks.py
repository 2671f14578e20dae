"""What ranks are asked to do; functions here can be named in `process_group.run`."""

from __future__ import annotations

import os
import signal
import time

import numpy as np

MASKS = {"full": 0, "causal": 0, "causal_window": 1, "causal_documents": 1}


def attend(rank: int, ranks: int, cases: list[dict]) -> list[tuple[np.ndarray, int]]:
    """Output and elements sent, for each case.

    A case has ``algorithm`` (``ring`` or ``ulysses``), float64 arrays ``query``, ``key`` and
    ``value`` of the whole sequence, ``held`` and ``stated`` (positions of the rows that each rank
    takes, and positions used for the mask), ``mask`` (name, arguments), ``scale``, ``base_two``.
    """
    import torch

    from .ring_attention import ring_attention
    from .traffic import counting
    from .ulysses_attention import ulysses_attention

    results = []
    for case in cases:
        function = {"ring": ring_attention, "ulysses": ulysses_attention}[case["algorithm"]]
        mine = [torch.tensor(case[name][case["held"][rank]]) for name in ("query", "key", "value")]
        with counting() as traffic:
            output = function(
                *mine,
                positions=case["stated"],
                mask=named_mask(*case["mask"]),
                scale=case["scale"],
                base_two=case["base_two"],
            )
        results.append((output.numpy(), traffic.sent))
    return results


def named_mask(name: str, *arguments: object):
    """A mask of `theory.operator.attention_mask`: functions do not travel between processes.

    Raises:
        KeyError: a name that is not in ``MASKS``.
    """
    from attnproof.theory.operator import attention_mask

    known = getattr(attention_mask, name) if name in MASKS else None
    if known is None:
        raise KeyError(f"no mask {name!r}: choose one of {sorted(MASKS)}")
    return known(*arguments) if MASKS[name] else known


def process_number(rank: int, ranks: int) -> int:
    """The number of the process of this rank."""
    return os.getpid()


def die(rank: int, ranks: int, victim: int, how: str, folder: str) -> None:
    """Rank ``victim`` is killed, raises or exits while the others wait for its message, or all
    wait; every rank first leaves its process number in ``folder``."""
    import torch
    import torch.distributed

    with open(os.path.join(folder, f"{rank}.pid"), "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    torch.distributed.barrier()
    if rank == victim:
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "raises":
            raise RuntimeError("this rank was told to fail")
        if how == "exits":
            os._exit(7)
        time.sleep(3600)
    torch.distributed.recv(torch.empty(1), src=victim)
