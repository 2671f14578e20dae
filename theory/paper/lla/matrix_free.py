"""Products with the moments without forming them, and the conjugate gradients that use them."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _positive_definite(second_moment) -> bool:
    from attnproof.theory.algebra.positive_definite import positive_definite

    return positive_definite(second_moment)


MATRIX_FREE = PAPER.claim(
    "relmm-and-matrix-free",
    title="Neither the differences of keys and queries nor the second moments are formed",
    parts={
        "relative product": r"X(K-\mathbf 1q^{\top})^{\top}=XK^{\top}-(Xq)\mathbf 1^{\top}",
        "product": r"\Sigma x=K^{\top}y-q\,(\mathbf 1^{\top}y)+\lambda x,\quad "
        r"y=W\bigl(Kx-\mathbf 1(q^{\top}x)\bigr)",
        "moments": r"\Sigma=\tilde\Sigma-\tilde\mu q^{\top}-q\tilde\mu^{\top}+\omega qq^{\top}"
        r"+\lambda I,\quad \tilde\Sigma=K^{\top}WK,\ \tilde\mu=K^{\top}W\mathbf 1",
        "operations": r"\text{one product: }2nd+n+3d\text{ multiplications, }2nd+n+2d-2\text{ "
        r"additions};\qquad \sum_jw_jz_jz_j^{\top}"
        r"\text{ as it stands: }nd^2+nd\text{ multiplications}",
    },
    locus="the matrix-free algorithm; reconstructed",
    scope="every n and d, all weights, queries, ridges",
    not_covered="rounding: the four terms of the moments cancel where q is far from the keys",
    reconstructed=True,
)

CG_EXACTNESS = PAPER.claim(
    "cg-exactness",
    title="Conjugate gradients end after as many steps as there are distinct eigenvalues",
    parts={
        "termination": r"r_T=0\text{ for }T=\#\{\text{distinct eigenvalues of }\Sigma\},\quad "
        r"r_{T-1}\ne0\text{ if the right-hand side has a share in each}",
        "condition": r"\Sigma=\sum_jp_jz_jz_j^{\top}+\lambda I:\quad "
        r"\lambda\|x\|^2\le x^{\top}\Sigma x\le"
        r"\Bigl(\sum_jp_j\|z_j\|^2+\lambda\Bigr)\|x\|^2",
        "truncation": r"\|\rho_T-\rho\|_\Sigma\le2\Bigl(\frac{\sqrt\kappa-1}{\sqrt\kappa+1}\Bigr)^T"
        r"\|\rho\|_\Sigma,\quad \kappa=1+\tfrac1\lambda\sum_jp_j\|z_j\|^2",
    },
    hypotheses={
        "positive definite": Hypothesis(r"\Sigma\succ0", _positive_definite),
    },
    instance=lambda: {"second_moment": exact_array([[2, 1], [1, 3]])},
    locus="conjugate gradients in the algorithm; classical",
    scope="exact arithmetic; every d and every right-hand side",
    not_covered="rounding, under which conjugate gradients need more steps",
    reconstructed=True,
)
