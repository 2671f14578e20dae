"""The conditions of Karush, Kuhn and Tucker for the max-margin matrix, at every size."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import Term, entails
from attnproof.theory.paper.att_svm.max_margin import FROBENIUS_KKT

# Matrices are written as vectors of their entries. A has the constraints in its rows; λ is the
# column of multipliers, y that of weights, o that of ones; a letter followed by t is a transpose.
A, At, λ, λt, y, yt, o, ot = letters("A At λ λt y yt o ot")
w, wt, v, vt, p, pt, H = letters("w wt v vt p pt H")
r, q = scalars("r q")


def _two_constraints() -> dict[str, object]:
    """A = ((1, 0), (0, 2)), W = (1, 1/2), λ = (1, 1/4), and V = (2, 1)."""
    columns = {
        "A": [[1, 0], [0, 2]],
        "λ": [[1], ["1/4"]],
        "o": [[1], [1]],
        "w": [[1], ["1/2"]],
        "v": [[2], [1]],
        "y": [["4/5"], ["1/5"]],
        "p": [["4/5"], ["2/5"]],
    }
    exact = {name: rational_array(rows) for name, rows in columns.items()}
    return (
        exact
        | {name + "t": rows.T.copy() for name, rows in exact.items()}
        | {"q": rational("4/5"), "r": rational("5/4")}
        | {"H": rational_array([[1, 0], [0, "1/4"]])}
    )


SLACK = λt * A * w - λt * o
TURNED = vt * w - wt * v


@check(
    FROBENIUS_KKT,
    part="sufficient",
    establishes=proof(over="every number of constraints, every size, every V"),
    claimed=dict(excess=(vt - wt) * (v - w) + 2 * (λt * A * v - λt * o), shortest=wt * w),
    controls={
        "slack once": dict(excess=(vt - wt) * (v - w) + λt * A * v - λt * o),
        "distance dropped": dict(excess=2 * (λt * A * v - λt * o)),
        "slack dropped": dict(excess=(vt - wt) * (v - w)),
        "margins instead of slacks": dict(excess=(vt - wt) * (v - w) + 2 * λt * A * v),
        "half the squared norm": dict(shortest=λt * o / 2),
    },
)
def excess_of_any_other_point(excess, shortest) -> None:
    """W = Aᵀλ and λᵀ(AW − 1) = 0 give ‖W‖² = λᵀAW = λᵀ1 and ⟨W, V⟩ = λᵀAV, hence the identity.

    For a feasible V the last sum is not negative, as λ ≥ 0. So ‖V‖² ≥ ‖W‖² + ‖V − W‖²: W is
    optimal, and no other V is.
    """
    combined = wt - λt * A
    follows(
        vt * v - shortest - excess,
        using=[(2, combined, v), (-2, combined, w), (-2, SLACK, 1), (1, TURNED, 1)],
        models=[_two_constraints()],
        message="the norm of another point is not the stated sum",
    )


# Scalars of the segment from p to A_k: c = ‖p‖² − ⟨A_k, p⟩ and s = ‖A_k − p‖².
c, s = scalars("c s")


@check(
    FROBENIUS_KKT,
    part="necessary",
    establishes=proof(
        over="every number of constraints, every size",
        by="non-negative combination",
    ),
    claimed=dict(step=c, decrease=2 * c * c * c),
    controls={
        "to the other end": dict(step=s + c),
        "a step of two": dict(step=2 * (s + c)),
        "twice the step": dict(step=2 * c),
        "against the segment": dict(step=-c),
        "twice the decrease": dict(decrease=4 * c * c * c),
    },
)
def nearest_point_of_the_hull(step, decrease) -> None:
    """Let p be the point of least norm of the hull, and suppose c = ‖p‖² − ⟨A_k, p⟩ > 0. Then
    ‖p + θ(A_k − p)‖² − ‖p‖² = θ²s − 2θc, and θ = c/(s + c) lies between 0 and 1. Times (s + c)²
    the difference is −c²s − 2c³ ≤ −2c³ < 0, so p was not the nearest point. So
    ⟨A_k, p⟩ ≥ ‖p‖² for every k.

    Machine-checked: the step is admissible and the norm decreases. Classical: p exists.
    """
    for element, message in (
        (step, "the step is negative"),
        (s + c - step, "the step leaves the segment"),
        (
            2 * step * c * (s + c) - step * step * s - decrease,
            "the squared norm does not decrease that much",
        ),
    ):
        entails(
            element,
            given={"c": c, "s": s},
            certificate=_positive_terms(element),
            models=[{"c": rational(1), "s": rational(S)} for S in (0, 1, 3)],
            message=message,
        )


def _positive_terms(element: FreeElement) -> list[Term]:
    """The terms with positive coefficients: products of c and s, which are not negative."""
    return [
        (coefficient, [name for name, exponent in central for _ in range(exponent)], [])
        for (central, _), coefficient in element.terms.items()
        if coefficient > 0
    ]


NEAREST = [p - At * y, pt - yt * A, yt * o - 1, r * q - 1, pt * p - q]


@check(
    FROBENIUS_KKT,
    part="necessary",
    establishes=proof(over="every number of constraints, every size"),
    claimed=dict(matrix=r * p, row=r * pt, multipliers=r * y, turned=r * yt),
    controls={
        "not divided by the squared norm": dict(matrix=p),
        "divided by it twice": dict(matrix=r * r * p),
        "multipliers not divided": dict(multipliers=y, turned=yt),
        "twice the matrix": dict(matrix=2 * r * p, row=2 * r * pt),
    },
)
def scaled_to_margin_one(matrix, row, multipliers, turned) -> None:
    """With p = Aᵀy, yᵀ1 = 1, q = ‖p‖² ≠ 0 and rq = 1: W = rp is Aᵀλ with λ = ry ≥ 0, the slacks
    are AW − 1 = r(Ap − q1) ≥ 0, and λᵀ(AW − 1) = 0, a sum of terms that are not negative, so each
    of them is zero. And ‖W‖² = Σ λ_k.

    If some V is feasible, then ⟨p, V⟩ = yᵀAV = 1 + yᵀ(AV − 1) ≥ 1, so p ≠ 0.
    """
    point, turned_point, weights, scale, squared = NEAREST
    models = [_two_constraints()]
    prove = lambda conclusion, using, message: follows(
        conclusion, using=using, models=models, message=message
    )
    prove(matrix - At * multipliers, [(r, point, 1)], "W is not Σ λ_k A_k")
    prove(
        A * matrix - o - r * (A * p - q * o),
        [(1, scale, o)],
        "the slacks are not those of the nearest point",
    )
    prove(
        turned * (A * matrix - o),
        [(-r * r, turned_point, p), (r * r, squared, 1), (-r, weights, 1), (r, scale, 1)],
        "the slacks are not complementary to the multipliers",
    )
    prove(
        row * matrix - ot * multipliers,
        [(r * r, squared, 1), (r, scale, 1), (-r, ot * y - 1, 1)],
        "the squared norm is not the sum of the multipliers",
    )
    prove(
        pt * v - 1 - yt * (A * v - o),
        [(1, turned_point, v), (1, weights, 1)],
        "a feasible point does not keep the hull away from zero",
    )


(k,) = letters("k")
(t,) = scalars("t")


@check(
    FROBENIUS_KKT,
    part="rational",
    establishes=proof(over="every number of constraints, every size"),
    claimed=dict(moved=λ - t * k, solution=H * o),
    controls={
        "moved along another direction": dict(moved=λ - t * o),
        "inverse twice": dict(solution=2 * H * o),
        "no inverse": dict(solution=o),
    },
)
def multipliers_solve_the_gram_system(moved, solution) -> None:
    """Where Σ κ_k A_k = 0 on the support, λ − tκ gives the same W, and t can be chosen such that
    another multiplier becomes zero while none turns negative; so a minimal support is linearly
    independent and its Gram matrix G = AAᵀ has an inverse H. All its margins are one, AW = 1 with
    W = Aᵀλ, so λ = H1, which is rational where A is.

    Classical: the choice of t (Carathéodory), a Gram matrix of independent vectors is regular.
    """
    dependent = {
        "A": rational_array([[1, 2], [2, 4]]),
        "At": rational_array([[1, 2], [2, 4]]),
        "k": rational_array([[2], [-1]]),
        "λ": rational_array([["1/5"], [0]]),
        "o": rational_array([[1], [1]]),
        "w": rational_array([["1/5"], ["2/5"]]),
        "t": rational(3),
    }
    follows(
        w - At * moved,
        using=[(1, w - At * λ, 1), (t, At * k, 1)],
        models=[dependent],
        message="the multipliers moved give another matrix",
    )
    inverse, active, combined = H * A * At - 1, A * w - o, w - At * λ
    follows(
        λ - solution,
        using=[(-1, inverse, λ), (-H * A, combined, 1), (H, active, 1)],
        models=[_two_constraints()],
        message="the multipliers do not solve the Gram system",
    )
