"""Where logits change sign: rectifying after pooling against rectifying before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.elementwise import maximum, square_root
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, note, proof, refute_unless, sampled, smt
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.smt import unsatisfiable
from attnproof.theory.operator.infinite_self_attention import affinity
from attnproof.theory.operator.linear_infinite_self_attention import key_scores
from attnproof.theory.paper.infsa.linear_variant import LINEAR_RECTIFIED_LATE
from attnproof.theory.paper.infsa.rational_norm_rows import rational_norm_rows
from attnproof.theory.paper.infsa.rectified_scores import rectified_scores


@check(
    LINEAR_RECTIFIED_LATE,
    part="underestimate",
    establishes=proof(
        over="every N (induction), every logit and every weight as assumed",
        by="exact non-negative combinations",
    ),
    claimed=dict(direction=1, weight=lambda w: w, rectified=lambda p, x: p),
    controls={
        "overestimate": dict(direction=-1),
        "weights of any sign": dict(weight=lambda w: w + 4),
        "half the rectified logit": dict(rectified=lambda p, x: p / 2),
        "rectified logits squared": dict(rectified=lambda p, x: p * p),
    },
)
def rectifying_late_scores_lower(direction: int, weight, rectified) -> None:
    """One key, logits x_i with p_i = [x_i]_+, that is p_i ≥ 0 and p_i ≥ x_i. With P = Σ w_i p_i
    and X = Σ w_i x_i, both P ≥ X and P ≥ 0 pass on to one token more; for no tokens both sides
    are 0. Hence P ≥ [X]_+, which is the entry of A0ᵀw against the entry of [KQᵀw]_+.
    """
    P, X, w, p, x = scalars("P X w p x")
    given = {
        "above so far": P - X,
        "non-negative so far": P,
        "weight": weight(w),
        "above": p - x,
        "non-negative": p,
    }
    term = rectified(p, x)
    entails(
        direction * (P + w * term - X - w * x),
        given=given,
        certificate=[(1, ["above so far"], []), (1, ["weight", "above"], [])],
        message="the sum of rectified terms falls below the sum",
    )
    entails(
        direction * (P + w * term),
        given=given,
        certificate=[(1, ["non-negative so far"], []), (1, ["weight", "non-negative"], [])],
        message="the sum of rectified terms is negative",
    )


def _models() -> list[dict[str, object]]:
    """Two tokens: what is summed so far (P, M, X) and one more logit x = p − n."""
    models = []
    for before, now in ((3, -2), (-3, 2), (2, 5), (-1, -4), (-1, 3)):
        part = lambda x: (rational(max(x, 0)), rational(max(-x, 0)))
        (p, n), (P, M) = part(now), part(before)
        w = rational(2)
        total_p, total_m = P + w * p, M + w * n
        models.append(
            {
                "P": P,
                "M": M,
                "X": rational(before),
                "w": w,
                "p": p,
                "n": n,
                "x": rational(now),
                "positive": total_p,
                "negative": total_m,
                "late": max(total_p - total_m, rational(0)),
                "least": min(total_p, total_m),
            }
        )
    return models


@check(
    LINEAR_RECTIFIED_LATE,
    part="gap",
    establishes=proof(over="every N (induction), every logit and every weight as assumed"),
    claimed=dict(part_sum=lambda M, w, n: M + w * n, least=lambda positive, negative: negative),
    controls={
        "negative parts not weighted": dict(part_sum=lambda M, w, n: M + n),
        "negative parts subtracted": dict(part_sum=lambda M, w, n: M - w * n),
        "the greater of the two": dict(least=lambda positive, negative: positive),
        "their sum": dict(least=lambda positive, negative: positive + negative),
    },
)
def gap_is_the_lesser_part(part_sum, least) -> None:
    """With x_i = p_i − n_i, X = P − M passes on to one token more. If P ≥ M then [X]_+ = P − M and
    P − [X]_+ = M; otherwise [X]_+ = 0 and P − [X]_+ = P by itself: in both cases the lesser of P
    and M. Machine-checked: the induction step and the first case.
    """
    P, M, X, w, p, n, x = scalars("P M X w p n x")
    positive, negative, late = scalars("positive negative late")
    models = _models()
    follows(
        (X + w * x) - (P + w * p) + part_sum(M, w, n),
        using=[(1, X - P + M, 1), (w, x - p + n, 1)],
        models=models,
        message="the sum is not the positive parts less the negative parts",
    )
    larger = [model for model in models if model["positive"] >= model["negative"]]
    follows(
        positive - late - least(positive, negative),
        using=[(-1, late - (positive - negative), 1)],
        models=larger,
        message="the gap is not the lesser of the two parts",
    )


@check(
    LINEAR_RECTIFIED_LATE,
    part="gap",
    establishes=smt(over="N = 3 tokens, every logit, weights 1, 2 and 3"),
    claimed=dict(least=min),
    controls={"the greater of the two": dict(least=max), "their sum": dict(least=None)},
)
def solver_finds_no_other_gap(least) -> None:
    """z3 looks for three logits with Σ w[x]_+ − [Σ w x]_+ different from the lesser part."""
    import z3

    entries = [z3.Real(f"x{k + 1}") for k in range(3)]

    def differs(values, positive_part, combine):
        total = lambda parts: sum((k + 1) * part for k, part in enumerate(parts))
        positive = total(positive_part(x) for x in values)
        negative = total(positive_part(-x) for x in values)
        gap = positive - positive_part(total(values))
        return gap != combine(positive, negative)

    choose = {
        min: lambda one, other: z3.If(one <= other, one, other),
        max: lambda one, other: z3.If(one <= other, other, one),
        None: lambda one, other: one + other,
    }[least]
    unsatisfiable(
        [differs(entries, lambda x: z3.If(x >= 0, x, 0), choose)],
        {str(entry): entry for entry in entries},
        recheck=lambda **values: differs(
            list(values.values()), lambda x: max(x, 0), least or (lambda one, other: one + other)
        ),
        message="the gap is another",
    )


def _instances() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    yield rational_array([[1], [-3]]), rational_array([[1], [1]])
    for draw in independent_draws(40, seed=8):
        tokens, width = int(draw.random.integers(2, 7)), int(draw.random.integers(1, 4))
        yield (
            rational_norm_rows(draw.random, tokens, width),
            rational_norm_rows(draw.random, tokens, width),
        )


@check(
    LINEAR_RECTIFIED_LATE,
    part="underestimate",
    establishes=sampled(over="2 to 6 tokens, rows of rational norm", by="exact rationals"),
    claimed=dict(late=lambda late, early: late <= early),
    controls={
        "equal": dict(late=lambda late, early: late == early),
        "overestimate": dict(late=lambda late, early: late >= early),
        "half as much": dict(late=lambda late, early: 2 * late <= early),
    },
)
def scores_against_the_rectified_step(late) -> None:
    """The scores before normalisation against A0ᵀw; and normalising them gives the operator's."""
    for query, key in _instances():
        norms = square_root((query * query).sum(axis=1))
        weights = norms / norms.sum()
        scores = rectified_scores(query, key)
        if any(scores):
            refute_unless(
                bool((scores / scores.sum() == key_scores(query, key)).all()),
                "normalised, these are not the operator's scores",
                query=query,
                key=key,
                scores=scores,
            )
        step = affinity(query, key).T @ weights
        for position, (found, bound) in enumerate(zip(scores, step, strict=True)):
            refute_unless(
                late(found, bound),
                "the stated order of score and power step fails",
                query=query,
                key=key,
                position=position,
                score=found,
                step=bound,
            )


@check(
    LINEAR_RECTIFIED_LATE,
    part="gap",
    establishes=sampled(over="2 to 6 tokens, rows of rational norm", by="exact rationals"),
    claimed=dict(gap=min, negative=lambda logits: maximum(-logits)),
    controls={
        "the greater of the two": dict(gap=max),
        "their sum": dict(gap=lambda one, other: one + other),
        "negative logits not rectified": dict(negative=lambda logits: -logits),
    },
)
def gap_on_instances(gap, negative) -> None:
    """A0ᵀw − [K q̄/d]_+ by the definitions, against the lesser of the two weighted parts."""
    largest = rational(0)
    for query, key in _instances():
        norms = square_root((query * query).sum(axis=1))
        weights = norms / norms.sum()
        step = affinity(query, key).T @ weights
        found = step - rectified_scores(query, key)
        below = negative(query @ key.T / query.shape[1]).T @ weights
        for j, (defect, one, other) in enumerate(zip(found, step, below, strict=True)):
            refute_unless(
                defect == gap(one, other),
                "the gap is not the stated one",
                query=query,
                key=key,
                position=j,
                gap=defect,
                positive=one,
                negative=other,
            )
            largest = max(largest, defect / one) if one else largest
    note(largest_relative_gap=f"{float(largest.p) / float(largest.q):.3f}")
