"""What one head can realise: small value maps, and a rotation."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement, product

import numpy as np

from attnproof.theory.algebra.matrix import from_flint, rank, to_flint
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, exact, note, refute_unless
from attnproof.theory.operator.linear_state_space_model import linear_state_space_model
from attnproof.theory.operator.multi_head_factorized_map import multi_head_factorized_map
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks, interaction_rank
from attnproof.theory.paper.heads_ssm.interaction_rank import RANK_GAP_INSTANCES

UNIT = rational_array([[1, 0], [0, 1]])


def _kernel(value_map: np.ndarray) -> list[np.ndarray]:
    """A basis of ker V, from the reduced row echelon form."""
    reduced, size = to_flint(value_map).rref()
    rows = from_flint(reduced)[:size]
    pivots = [next(c for c, entry in enumerate(row) if entry != 0) for row in rows]
    basis = []
    for free in (c for c in range(value_map.shape[1]) if c not in pivots):
        vector = rational_array([0] * value_map.shape[1])
        vector[free] += 1
        for row, pivot in zip(rows, pivots, strict=True):
            vector[pivot] = -row[free]
        basis.append(vector)
    return basis


def _minors(value_map: np.ndarray) -> list[np.ndarray]:
    """The coefficients of x_c x_d in ``(Wx)_a (Vx)_b − (Wx)_b (Vx)_a``, as linear forms in W."""
    outputs, inputs = value_map.shape
    forms = []
    for a, b in combinations(range(outputs), 2):
        for p, q in combinations_with_replacement(range(inputs), 2):
            form = rational_array(np.zeros((outputs, inputs), dtype=int))
            for one, other in {(p, q), (q, p)}:
                form[a, one] += value_map[b, other]
                form[b, one] -= value_map[a, other]
            forms.append(form.reshape(-1))
    return forms


def _inclusion(value_map: np.ndarray) -> list[np.ndarray]:
    """``W k = 0`` for k in ker V, as linear forms in W."""
    units = rational_array(np.eye(value_map.shape[0], dtype=int))
    return [np.outer(unit, vector).reshape(-1) for unit in units for vector in _kernel(value_map)]


def _zero_one_maps():
    for outputs, inputs in product((2, 3), repeat=2):
        for entries in product((0, 1), repeat=outputs * inputs):
            if any(entries):
                yield rational_array(np.array(entries).reshape(outputs, inputs))


@check(
    RANK_GAP_INSTANCES,
    part="small value maps",
    establishes=exact(bound="all V with entries 0 and 1, p, d ∈ {2, 3}", by="exact linear algebra"),
    claimed=dict(conditions=(_minors, _inclusion), dimension=1),
    controls={
        "vanishing minors alone": dict(conditions=(_minors,)),
        "kernel alone": dict(conditions=(_inclusion,)),
        "only zero": dict(dimension=0),
    },
)
def solutions_are_a_line(conditions, dimension) -> None:
    """The matrices W with W x and V x parallel for every x, as the solutions of linear equations:
    all coefficients of the 2 × 2 minors of [Wx Vx] vanish, and W vanishes on ker V. Where V has
    rank one, the minors alone leave more: V = E_11 and W = E_11 + E_12."""
    count = 0
    for value_map in _zero_one_maps():
        equations = [form for condition in conditions for form in condition(value_map)]
        found = value_map.size - (rank(np.stack(equations)) if equations else 0)
        count += 1
        refute_unless(
            found == dimension,
            "the solutions have another dimension",
            V=value_map,
            dimension=found,
            stated=dimension,
        )
    note(value_maps=count)


TURN = rational_array([["3/5", "-4/5"], ["4/5", "3/5"]])


@check(
    RANK_GAP_INSTANCES,
    part="rotation",
    establishes=exact(bound="the rotation, n ≤ 5", by="exact rank"),
    claimed=dict(transition=TURN, stated=[1, 2, 2, 2, 2], representable=[True] + [False] * 4),
    controls={
        "a half turn, which one head realises": dict(transition=-UNIT),
        "a scaling": dict(transition=UNIT / 2),
        "rank one throughout": dict(stated=[1, 1, 1, 1, 1]),
        "representable on two tokens": dict(representable=[True, True, False, False, False]),
        "the length as rank": dict(stated=[1, 2, 3, 4, 5]),
    },
)
def ranks_of_a_rotation(transition, stated, representable) -> None:
    """Blocks read off the recurrence on unit inputs. One head is put together from the first block
    as its value map, with the ratios of first entries as coefficients; by the parts above there is
    no other up to a factor, and it is compared with the recurrence on unit inputs."""
    ranks, realised = [], []
    for length in range(1, 6):
        run = lambda tokens: linear_state_space_model(transition, UNIT, UNIT, tokens)
        blocks = effective_blocks(run, length, 2)
        ranks.append(interaction_rank(blocks))
        coefficients = (blocks[:, :, 0, 0] / blocks[0, 0, 0, 0])[None]
        head = lambda tokens, f=coefficients, V=blocks[:1, 0]: multi_head_factorized_map(
            f, V, tokens
        )
        realised.append(bool((effective_blocks(head, length, 2) == blocks).all()))
    note(ranks=str(ranks), one_head_does=str(realised))
    refute_unless(
        ranks == stated,
        "the interaction ranks are others",
        A=transition,
        ranks=ranks,
        stated=stated,
    )
    refute_unless(
        realised == representable,
        "one head realises it on other lengths",
        A=transition,
        realised=realised,
        stated=representable,
    )
