"""Products counted, blocks compared, and what a cache must hold."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.counting import CountingNumber, Tally
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.core import check, exact, note, prime_field, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.lucid_attention import preconditioned_values
from attnproof.theory.paper.lucid.cost import STREAMING

n, d, e = scalars("n d e")


@check(
    STREAMING,
    part="count",
    establishes=proof(over="every n, d and d_v (induction over the tokens)"),
    claimed=dict(extra=lambda n, d, e: n * (n - 1) / 2 * (d + e)),
    controls={
        "square": dict(extra=lambda n, d, e: n * n / 2 * (d + e)),
        "values forgotten": dict(extra=lambda n, d, e: n * (n - 1) / 2 * d),
    },
)
def products_by_induction(extra) -> None:
    """Token t + 1 of the substitution meets t earlier ones: td products for its row of the kernel
    and td_v for the sum. Causal attention has t + 1 in the place of t, so the extra work is less
    than all of that."""
    follows(extra(0 * n, d, e), message="base")
    follows(extra(n + 1, d, e) - extra(n, d, e) - n * (d + e), message="step")
    attention = n * (n + 1) / 2 * (d + e)
    follows(
        attention - n * (n - 1) / 2 * (d + e) - n * (d + e), message="less than causal attention"
    )


@check(
    STREAMING,
    part="count",
    establishes=exact(bound="n ≤ 8, d = 3, d_v = 2: products counted while the program runs"),
    claimed=dict(stated=lambda n, d, e: n * (n - 1) // 2 * (d + e)),
    controls={"with the diagonal": dict(stated=lambda n, d, e: n * (n + 1) // 2 * (d + e))},
)
def products_of_the_program(stated) -> None:
    """Rows of the kernel below the diagonal, then the operator's substitution."""
    for length in range(1, 9):
        tally = Tally()
        number = lambda value, tally=tally: CountingNumber(float(value), tally)
        keys = np.array([[number(i + c) for c in range(3)] for i in range(length)], dtype=object)
        values = np.array([[number(i - c) for c in range(2)] for i in range(length)], dtype=object)
        kernel = np.zeros((length, length), dtype=object)
        for t in range(1, length):
            kernel[t, :t] = keys[:t] @ keys[t]
        preconditioned_values(kernel, values)
        counted = tally.counts["multiply"]
        refute_unless(
            counted == stated(length, 3, 2), "another number of products", n=length, counted=counted
        )
    note(products_at_eight=counted, causal_attention_at_eight=8 * 9 // 2 * 5)


def _in_blocks(kernel, values, size, *, subtract=True):
    """``u`` of a block: what earlier blocks have written is subtracted, then the block is
    solved."""
    solution = values.copy()
    for start in range(0, len(values), size):
        cut = slice(start, start + size)
        right = values[cut]
        if subtract and start:
            right = right - kernel[cut, :start] @ solution[:start]
        solution[cut] = preconditioned_values(kernel[cut, cut], right)
    return solution


@check(
    STREAMING,
    part="blocks",
    establishes=prime_field(bound="n = 24, d_v = 3, blocks of 1, 5, 8 and 24"),
    claimed=dict(blocked=_in_blocks),
    controls={
        "earlier blocks forgotten": dict(
            blocked=lambda kernel, values, size: _in_blocks(
                kernel, values, min(size, 8), subtract=False
            )
        ),
        "one block too few": dict(
            blocked=lambda kernel, values, size: np.concatenate(
                [_in_blocks(kernel, values, size)[:-1], values[-1:]]
            )
        ),
    },
)
def blocks_agree(blocked) -> None:
    """Any block size against the substitution row by row; the diagonal is not read."""
    for size in (1, 5, 8, 24):
        vanishes(
            lambda kernel, values, size=size: (
                blocked(kernel, values, size) - preconditioned_values(kernel, values)
            ),
            [(24, 24), (24, 3)],
            seed=size,
            trials=1,
            message=f"blocks of {size} give another solution",
        )


@check(
    STREAMING,
    part="cache",
    establishes=exact(bound="n ≤ 8: every prefix, row by row"),
    claimed=dict(later=0),
    controls={"kernel above the diagonal used": dict(later=1)},
)
def prefixes_are_enough(later) -> None:
    """The first t solutions come from the first t rows and columns; a program that reads an entry
    above the diagonal does not decode what it has prefilled."""
    generator = np.arange(64).reshape(8, 8) % 7 - 3
    values = (np.arange(16).reshape(8, 2) % 5).astype(object)
    kernel = generator.astype(object)

    def solve(matrix, right):
        found = preconditioned_values(matrix, right)
        return found - later * (np.triu(matrix, 1) @ right)

    whole = solve(kernel, values)
    for length in range(1, 9):
        found = solve(kernel[:length, :length], values[:length])
        refute_unless(
            bool((found == whole[:length]).all()),
            "a prefix gives other values",
            length=length,
            prefix=found[-1],
            whole=whole[length - 1],
        )
