"""One process of a group: ``python -m attnproof.kernels.distributed.one_rank FOLDER RANK``."""

from __future__ import annotations

import importlib
import os
import pickle
import sys
import threading
from datetime import timedelta
from pathlib import Path

from .process_group import RESULT, TASK


def main(folder: Path, rank: int) -> None:
    """Join the group, run the task, leave its result in the folder."""
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    task, ranks, timeout, arguments = pickle.loads((folder / TASK).read_bytes())
    module, _, function = task.partition(":")
    import torch
    import torch.distributed

    torch.set_num_threads(1)
    # A file instead of a port: no other program can be in the way.
    torch.distributed.init_process_group(
        "gloo",
        init_method=f"file://{folder / 'meeting'}",
        rank=rank,
        world_size=ranks,
        timeout=timedelta(seconds=timeout),
    )
    result = getattr(importlib.import_module(module), function)(rank, ranks, **arguments)
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()
    unfinished = folder / f"{RESULT.format(rank)}.part"
    unfinished.write_bytes(pickle.dumps(result))
    unfinished.rename(folder / RESULT.format(rank))


def _end_with_the_parent() -> None:
    # Nothing is ever written to it: reading ends when the parent closes it, or is no more. The
    # descriptor is read without Python's buffer, whose lock would hold up a normal exit.
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
