"""What a simple eigenvalue has to do with the limit: the kernel of the deflated matrix."""

from __future__ import annotations

from collections.abc import Iterator

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.infsa.centrality import KATZ_EIGENVECTOR_LIMIT

# v is a column with Av = ρv, u a row with uA = ρu, w any column.
A, V, U, W = letters("A v u w")
(RHO,) = scalars("rho")
C = A - RHO * V * U

# ρ = 1, v and u with uv = 1, and an eigenvector w: beside v, or along v.
KERNEL_MODELS = [
    dict(rows=[[1, 0], [0, 1]], v=[1, 0], u=[1, 0], w=[0, 1]),
    dict(rows=[[1, 0], [0, 2]], v=[1, 0], u=[1, 0], w=[3, 0]),
    dict(rows=[[0, 1], [1, 0]], v=[1, 1], u=["1/2", "1/2"], w=[1, 1]),
]


@check(
    KATZ_EIGENVECTOR_LIMIT,
    part="simplicity",
    establishes=proof(over="every n, every real matrix with a normalised eigenpair, ρ ≠ 0"),
    claimed=dict(orthogonal=True, deflated=C),
    controls={
        "eigenvectors along v kept": dict(orthogonal=False),
        "identity deflated": dict(deflated=A - RHO),
        "nothing deflated": dict(deflated=A, orthogonal=False),
    },
)
def kernel_at_every_size(orthogonal, deflated):
    """ker(ρI − C) = {w : Aw = ρw, uw = 0}, both inclusions in the free algebra.

    Given the pair with uv = 1, any further eigenvector can be made orthogonal to u by subtracting
    (uw)v, so the kernel is 0 exactly if the eigenspace is spanned by v. Together with uv ≠ 0 this
    is algebraic simplicity (classical: a multiple root with a one-dimensional eigenspace has
    uv = 0); and a square matrix with kernel 0 has an inverse K.
    """
    eigenvector, orthogonality = A * W - RHO * W, U * W
    annihilated = (RHO - deflated) * W
    models = list(_kernel_models())
    inside = [model for model in models if _vanish(model, eigenvector)]
    if orthogonal:
        inside = [model for model in inside if _vanish(model, orthogonality)]
    steps = [(-1, eigenvector, 1)] + ([(RHO * V, orthogonality, 1)] if orthogonal else [])
    follows(annihilated, using=steps, models=inside, message="an eigenvector is not annihilated")
    killed = [
        model for model in models if _vanish(model, annihilated) and _vanish(model, U * V - 1)
    ]
    # uC = uA − ρ(uv)u = ρu − ρu = 0, so that 0 = u(ρ − C)w = ρ uw.
    follows(
        RHO * U * W,
        using=[
            (U, annihilated, 1),
            (1, U * A - RHO * U, W),
            (-RHO, U * V - 1, U * W),
        ],
        models=killed,
        message="the kernel is not orthogonal to u",
    )
    follows(
        eigenvector,
        using=[(-1, annihilated, 1), (V, RHO * U * W, 1)],
        models=killed,
        message="the kernel holds more than eigenvectors",
    )


def _kernel_models() -> Iterator[dict[str, object]]:
    for given in KERNEL_MODELS:
        yield {
            "A": rational_array(given["rows"]),
            "v": rational_array(given["v"])[:, None],
            "u": rational_array(given["u"])[None, :],
            "w": rational_array(given["w"])[:, None],
            "rho": rational(1),
        }


def _vanish(model: dict[str, object], element) -> bool:
    return all(entry == 0 for entry in element.evaluate(model).flat)
