"""Two passes, normalised last, give the linear variant exactly."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.linear_infinite_self_attention import (
    linear_infinite_self_attention,
)
from attnproof.theory.paper.infsa.linear_variant import LINEAR_COST
from attnproof.theory.paper.infsa.rational_norm_rows import rational_norm_rows
from attnproof.theory.paper.infsa.rectified_scores import rectified_scores
from attnproof.theory.paper.infsa.two_pass_stream import two_pass_stream


def _models(names: str, mass) -> list[dict[str, object]]:
    """The scalars of the two inductions on two tokens: one summed already, one to come."""
    models = []
    for norms, queries, scores, values, gamma in (
        ((2, 3), (1, -1), (1, 2), (5, 7), "1/2"),
        ((5, 1), (2, 4), (3, 0), (-1, 2), "19/20"),
        ((1, 1), (1, 3), (0, 4), (2, 3), "1/4"),
    ):
        norm, later_norm = (rational(entry) for entry in norms)
        query, later_query = (rational(entry) for entry in queries)
        score, later_score = (rational(entry) for entry in scores)
        value, later_value = (rational(entry) for entry in values)
        m, d, g = norm + later_norm, rational(2), rational(gamma)
        total = score + later_score
        models.append(
            {
                "m": m,
                "X": norm / m * query,
                "S": norm * query,
                "w": later_norm / m,
                "nu": later_norm,
                "q": later_query,
                "d": d,
                "gamma": g,
                # Pass 2 sees the scores without the 1/d of the definition.
                "D": mass(d, total),
                "s": total,
                "Y": g * (score / total) * value,
                "T": mass(d, total) * score / total * value,
                "a": later_score / total,
                "r": later_score,
                "R": d * later_score,
                "v": later_value,
            }
        )
    return [{name: model[name] for name in names.split()} for model in models]


@check(
    LINEAR_COST,
    part="two passes",
    establishes=proof(over="every N (induction over the tokens in both passes), ε = 0"),
    claimed=dict(
        pooled=lambda S, nu, q: S + nu * q,
        carried=lambda T, R, v: T + R * v,
        mass=lambda d, s: d * s,
        outer=lambda gamma: gamma,
    ),
    controls={
        "queries not weighted": dict(pooled=lambda S, nu, q: S + q),
        "norms squared": dict(pooled=lambda S, nu, q: S + nu * nu * q),
        "values not weighted": dict(carried=lambda T, R, v: T + v),
        "values subtracted": dict(carried=lambda T, R, v: T - R * v),
        "divided by the width in one sum only": dict(mass=lambda d, s: s),
        "discount applied twice": dict(outer=lambda gamma: gamma * gamma),
    },
)
def late_normalisation_is_exact(pooled, carried, mass, outer) -> None:
    """First pass: with X = Σ w_i q_i over the tokens so far (one coordinate), S = Σ ‖q_i‖ q_i and
    m w_i = ‖q_i‖, m X = S passes on to one token more. So q̄ = S/m.

    Second pass: the definition's scores are r_j = [q̄·k_j/d]_+ with sum s, the evaluation's are
    R_j = d r_j (the rectifier commutes with positive factors) with sum D = d s. With
    Y = γ Σ a_j v_j, T = Σ R_j v_j and s a_j = r_j, the equation D Y = γ T passes on to one token
    more; for no tokens both sides are 0.
    """
    m, X, S, w, nu, q = scalars("m X S w nu q")
    follows(
        m * (X + w * q) - pooled(S, nu, q),
        using=[(1, m * X - S, 1), (1, m * w - nu, q)],
        models=_models("m X S w nu q", mass),
        message="the pooled query is not the weighted sum over its mass",
    )
    d, gamma, D, s, Y, T, a, r, R, v = scalars("d gamma D s Y T a r R v")
    follows(
        D * (Y + outer(gamma) * a * v) - gamma * carried(T, R, v),
        using=[
            (1, D * Y - gamma * T, 1),
            (gamma * a, D - mass(d, s), v),
            (gamma * d, s * a - r, v),
            (-1 * gamma, R - d * r, v),
        ],
        models=_models("d gamma D s Y T a r R v", mass),
        message="the output is not the weighted sum over the sum of the scores",
    )


@check(
    LINEAR_COST,
    part="two passes",
    establishes=sampled(
        over="1 to 6 tokens, head width 1 to 3, rows of rational norm", by="exact rationals"
    ),
    claimed=dict(
        stream=two_pass_stream,
        rearranged=lambda query, key, value: (query, key, value),
    ),
    controls={
        "keys in another order than values": dict(
            rearranged=lambda query, key, value: (query, key[::-1], value)
        ),
        "queries and keys exchanged": dict(
            rearranged=lambda query, key, value: (key, query, value)
        ),
        "last query not seen": dict(
            rearranged=lambda query, key, value: (
                (query[:-1], key, value) if len(query) > 1 else (query, key, value)
            )
        ),
        "no discount": dict(
            stream=lambda query, key, value, gamma: two_pass_stream(query, key, value, rational(1))
        ),
    },
)
def stream_equals_the_definition(stream, rearranged) -> None:
    """The evaluation token by token against the operator's definition, in every row."""
    for draw in independent_draws(40, seed=53):
        tokens, width = int(draw.random.integers(1, 7)), int(draw.random.integers(1, 4))
        query = rational_norm_rows(draw.random, tokens, width)
        key = rational_norm_rows(draw.random, tokens, width)
        value = rational_array(draw.random.integers(-5, 6, (tokens, 2)).tolist())
        arguments = rearranged(query, key, value)
        if not any(rectified_scores(query, key)) or not any(rectified_scores(*arguments[:2])):
            draw.discard()
            continue
        gamma = rational("19/20")
        row = np.array(stream(*arguments, gamma), dtype=object)
        wanted = linear_infinite_self_attention(query, key, value, gamma)
        refute_unless(
            bool((wanted == row).all()),
            "the streamed row is not the definition's",
            query=query,
            key=key,
            value=value,
            streamed=row,
            definition=wanted[0],
        )
