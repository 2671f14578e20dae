"""What L stacked layers compute."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact

from ._paper import PAPER
from .neumann import NEUMANN_RESOLVENT


def _largest_row_sum(matrix):
    """``‖A‖_∞``, without loading anything."""
    return max(sum(abs(entry) for entry in row) for row in matrix)


def _maps():
    from attnproof.theory.algebra.rational import rational_array

    return [rational_array([[0, 1], [0, 0]]), rational_array([[0, 0], [1, 0]])]


STACKING = PAPER.claim(
    "stacking",
    title="L stacked attention layers compute the truncated Neumann series",
    parts={
        "residual stack": r"X_{l+1}=X_l+\gamma AX_l\ \Longrightarrow\ "
        r"X_L=\sum_{t=0}^{L}\gamma^tA^tX_0",
        "plain stack": r"X_{l+1}=\gamma AX_l\ \Longrightarrow\ "
        r"X_L=\sum_{t=0}^{L}\gamma^tA^tX_0",
    },
    locus="abstract and released documentation (multi-hop interactions accumulated across layers); "
    "reconstructed",
    scope="every number of layers, one matrix for all of them",
    not_covered="normalisation layers, value and output projections and the feed-forward part "
    "between two attention maps, each of which changes the sum further",
    deviation="The documentation writes the accumulated sum; it does not say by which stack of "
    "layers it arises, and the released modules do one hop each. Here it is read for the two "
    "ordinary ways of stacking, with the matrix shared as in the limit that the documentation "
    "gives.",
    reconstructed=True,
)

REINJECTION = PAPER.claim(
    "stacking-reinjection",
    title="Layers that add the input of the first layer again, or a running sum, give the "
    "truncated Neumann series",
    parts={
        "re-injection": r"X_{l+1}=X_0+\gamma AX_l\ \Longrightarrow\ "
        r"X_L=\sum_{t=0}^{L}\gamma^tA^tX_0",
        "running sum": r"P_{l+1}=\gamma AP_l,\ S_{l+1}=S_l+P_{l+1},\ P_0=X_0,\ S_0=0"
        r"\ \Longrightarrow\ S_L=\sum_{t=1}^{L}\gamma^tA^tX_0",
    },
    locus="repairs the reading above; the running sum is the formula of the documentation",
    scope="every ring, every number of layers, one matrix for all of them",
    not_covered="what the released modules compute: they contain one hop and no running sum",
    deviation="The running sum leaves out the term t = 0, as the documentation does.",
    reconstructed=True,
    amends=STACKING,
    uses=(NEUMANN_RESOLVENT,),
)

RESIDUAL_BINOMIAL = PAPER.claim(
    "stacking-residual-binomial",
    title="A residual stack weighs the hops by binomial coefficients, and grows where the Neumann "
    "series converges",
    parts={
        "binomial weights": r"X_{l+1}=X_l+\gamma AX_l\ \Longrightarrow\ "
        r"X_L=(I+\gamma A)^LX_0=\sum_{t=0}^{L}\binom{L}{t}\gamma^tA^tX_0",
        "single power": r"X_{l+1}=\gamma AX_l\ \Longrightarrow\ X_L=\gamma^LA^LX_0",
        "growth": r"AX_0=\lambda X_0\ \Longrightarrow\ X_L=(1+\gamma\lambda)^LX_0,\quad"
        r"|1+\gamma\lambda|^2=1+2\gamma\operatorname{Re}\lambda+\gamma^2|\lambda|^2>1"
        r"\ \text{ if }\ \gamma>0,\ \lambda\ne0,\ \operatorname{Re}\lambda\ge0",
    },
    locus="repairs the reading above",
    scope="every ring and every L; the growth for complex matrices",
    not_covered="normalisation layers, which are there to stop the growth",
    reconstructed=True,
    amends=STACKING,
)

LAYER_DEPENDENT = PAPER.claim(
    "stacking-layer-dependent",
    title="With a matrix of its own in every layer the running sum converges, but to no Neumann "
    "kernel of these matrices, and re-injection gives another sum",
    parts={
        "bound": r"S_L=\sum_{t=1}^{L}\gamma^tA_t\cdots A_1X_0:\qquad\|S_L\|\le"
        r"\sum_{t=1}^{L}\|\gamma^tA_t\cdots A_1X_0\|\le\frac{\gamma}{1-\gamma}\|X_0\|",
        "tail": r"\|S_{L+k}-S_L\|\le\frac{\gamma^{L+1}}{1-\gamma}\|X_0\|\quad(k\ge0),"
        r"\text{ so that }S_\infty\text{ exists}",
        "no resolvent": r"\text{for some pair of maps used in turn }S_\infty\ne"
        r"\bigl((I-\gamma B)^{-1}-I\bigr)X_0\text{, whether }B=A_1,\ A_2\text{ or their mean}",
        "order": r"X_{l+1}=X_0+\gamma A_{l+1}X_l\ \Longrightarrow\ "
        r"X_L=\sum_{t=0}^{L}\gamma^tA_L\cdots A_{L-t+1}X_0",
    },
    hypotheses={
        "contraction": Hypothesis(
            r"\|A_t\|\le1",
            lambda maps: all(_largest_row_sum(matrix) <= 1 for matrix in maps),
        ),
        "discount": Hypothesis(r"0\le\gamma<1", lambda gamma: 0 <= gamma < 1),
    },
    instance=lambda: dict(maps=_maps(), gamma=exact("1/2")),
    locus="released documentation, whose sum has a matrix per layer; reconstructed",
    scope="every sequence of matrices, every size, every norm compatible with the norm of X",
    not_covered="matrices that depend on the sum so far, as those of a trained network do",
    deviation="The running sum begins with the first layers, re-injection with the last ones; for "
    "one shared matrix the two orders agree.",
    reconstructed=True,
    amends=STACKING,
)
