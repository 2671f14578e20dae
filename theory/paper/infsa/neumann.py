"""The Neumann series, its remainder, its derivative and its walks."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact, exact_array

from ._paper import PAPER


def _largest_row_sum(matrix):
    """``‖A‖_∞``, without loading anything."""
    return max(sum(abs(entry) for entry in row) for row in matrix)


NEUMANN_RESOLVENT = PAPER.claim(
    "neumann-resolvent",
    title="The Neumann series is the resolvent, exactly where the spectral radius of γA is below "
    "one",
    parts={
        "finite identity": r"(I-\gamma A)\sum_{t=0}^{L}\gamma^tA^t=I-(\gamma A)^{L+1}"
        r"=\Bigl(\sum_{t=0}^{L}\gamma^tA^t\Bigr)(I-\gamma A)",
        "convergence": r"\sum_{t\ge0}\gamma^tA^t\text{ converges}\iff|\gamma|\,\rho(A)<1,"
        r"\quad\text{and then its sum is }(I-\gamma A)^{-1}",
        "sign": r"A\ge0,\ \gamma\ge0:\qquad(I-\gamma A)^{-1}\text{ exists and is}\ge0"
        r"\iff\gamma\,\rho(A)<1",
    },
    hypotheses={
        "non-negative": Hypothesis(
            r"A\ge0,\ \gamma\ge0\quad\text{(for the last part only)}",
            lambda A, gamma: gamma >= 0 and all(entry >= 0 for row in A for entry in row),
        )
    },
    instance=lambda: dict(A=exact_array([["1/2", "1/2"], ["1/3", 0]]), gamma=exact("19/20")),
    locus="abstract and the formula of the released documentation; proof reconstructed",
    scope="the finite identity: every ring and every L; the rest: every complex, respectively "
    "non-negative, square matrix",
    not_covered="rounding: a computed inverse exists far beyond γρ(A) = 1",
    deviation="The condition is on the spectral radius, not on the existence of the inverse. "
    "Schur's triangular form, the equivalence of norms and q^L → 0 for q < 1 are used as "
    "classical facts.",
    reconstructed=True,
)

FROBENIUS_CONTRACTION = PAPER.claim(
    "frobenius-contraction",
    title="Frobenius normalisation makes the series converge for every discount below one",
    parts={
        "norms": r"\rho(\hat A)\le\|\hat A\|_2\le\|\hat A\|_F"
        r"=\frac{\|A_0\|_F}{\|A_0\|_F+\varepsilon}\le1,\quad\text{the last strict if }"
        r"\varepsilon>0",
        "convergence": r"\gamma\,\rho(\hat A)<1",
        "equality": r"\varepsilon=0:\quad\rho(\hat A)=1\iff A_0=c\,uu^{\top}"
        r"\text{ for some real }c\ne0\text{ and unit vector }u",
    },
    hypotheses={
        "epsilon": Hypothesis(r"\varepsilon\ge0", lambda epsilon: epsilon >= 0),
        "normaliser": Hypothesis(
            r"\|A_0\|_F+\varepsilon\ne0",
            lambda A0, epsilon: epsilon != 0 or any(entry != 0 for row in A0 for entry in row),
        ),
        "discount": Hypothesis(r"0\le\gamma<1", lambda gamma: 0 <= gamma < 1),
    },
    instance=lambda: dict(A0=exact_array([[1, 2], [2, 4]]), epsilon=exact(0), gamma=exact("19/20")),
    locus="documentation of the released code; reconstructed",
    scope="every real square matrix, rectified or not",
    not_covered="a sum of squares that overflows: at half precision from a logit of 256 on",
    deviation="For affinities that may be negative the factor c may be negative as well; rectified "
    "ones have c > 0. With all logits at most zero the released ε gives Â = 0, and ε = 0 gives "
    "0/0.",
    reconstructed=True,
)

TRUNCATION_BOUND = PAPER.claim(
    "truncation-bound",
    title="What L hops leave out: its formula, and a bound that cannot be improved",
    parts={
        "remainder": r"R_L:=(I-\gamma A)^{-1}-\sum_{t=0}^{L}\gamma^tA^t"
        r"=(\gamma A)^{L+1}(I-\gamma A)^{-1}=(I-\gamma A)^{-1}(\gamma A)^{L+1}",
        "bound": r"\|R_L\|\le\frac{(\gamma\|A\|)^{L+1}}{1-\gamma\|A\|}",
        "sharpness": r"A=uu^{\top},\ u^{\top}u=1:\qquad R_L=\frac{\gamma^{L+1}}{1-\gamma}\,"
        r"uu^{\top},\quad\|R_L\|_2=\frac{(\gamma\|A\|_2)^{L+1}}{1-\gamma\|A\|_2}",
        "normalised": r"\|\hat A\|_F\le1:\qquad\|R_L\|_2\le\frac{\gamma^{L+1}}{1-\gamma}",
        "captured share": r"Av=\rho v:\qquad\sum_{t=1}^{L}\gamma^tA^tv"
        r"=\bigl(1-(\gamma\rho)^L\bigr)\,\bigl((I-\gamma A)^{-1}-I\bigr)v",
    },
    hypotheses={
        "contraction": Hypothesis(
            r"\gamma\ge0,\quad\gamma\|A\|<1",
            lambda A, gamma: gamma >= 0 and gamma * _largest_row_sum(A) < 1,
        )
    },
    instance=lambda: dict(A=exact_array([["1/2", "-1/2"], ["1/3", 0]]), gamma=exact("19/20")),
    locus="reconstructed; implied by the truncated series of the released documentation",
    scope="every L ≥ 0, every size; the bound in every submultiplicative norm, whatever the norm "
    "of I is",
    not_covered="rounding; matrices that change from layer to layer",
    deviation="Hops are counted from t = 0 in the remainder and from t = 1 in the captured share. "
    "The predicate of the hypothesis evaluates the largest row sum, one of the norms meant. The "
    "released documentation names no bound.",
    reconstructed=True,
    uses=(NEUMANN_RESOLVENT, FROBENIUS_CONTRACTION),
)

WALK_COUNTING = PAPER.claim(
    "walk-counting",
    title="Powers of the matrix sum over walks, and the resolvent is their generating function",
    parts={
        "walks": r"(A^t)_{ij}=\sum_{i=w_0,\,w_1,\dots,\,w_t=j}\ \prod_{s=0}^{t-1}a_{w_sw_{s+1}}",
        "generating function": r"\det(I-\gamma A)\sum_{t\ge0}\gamma^tA^t"
        r"=\operatorname{adj}(I-\gamma A)\quad\text{as power series in }\gamma",
    },
    locus="abstract (multi-hop interactions); reconstructed",
    scope="walks: entries of any ring, every size and length; generating function: commuting "
    "entries",
    not_covered="simple paths, which powers of a matrix do not count",
    reconstructed=True,
    uses=(NEUMANN_RESOLVENT,),
)

RESOLVENT_GRADIENT = PAPER.claim(
    "resolvent-gradient",
    title="The derivative of the resolvent, its backward pass, and how large it can get",
    parts={
        "differential": r"N=(I-\gamma A)^{-1}:\qquad dN=\gamma N\,(dA)\,N+(d\gamma)\,NAN",
        "discount": r"\gamma NAN=N^2-N",
        "backward": r"G=\frac{\partial\ell}{\partial N}:\qquad\frac{\partial\ell}{\partial A}"
        r"=\gamma N^{\top}GN^{\top},\quad "
        r"\frac{\partial\ell}{\partial\gamma}=\operatorname{tr}(G^{\top}NAN)",
        "size": r"\|A\|\le1:\qquad\|\gamma N(dA)N\|\le\gamma\|N\|^2\|dA\|"
        r"\le\frac{\gamma}{(1-\gamma)^2}\|dA\|",
    },
    hypotheses={
        "discount": Hypothesis(r"0\le\gamma<1", lambda gamma: 0 <= gamma < 1),
        "unit": Hypothesis(
            r"\|I\|=1\quad\text{(for the last part only)}", lambda unit_norm: unit_norm == 1
        ),
    },
    instance=lambda: dict(gamma=exact("19/20"), unit_norm=1),
    locus="reconstructed",
    scope="every real square matrix with I − γA regular; the size in every submultiplicative norm "
    "with ‖I‖ = 1, such as an operator norm",
    not_covered="the conditioning of automatic differentiation through a computed inverse",
    reconstructed=True,
)
