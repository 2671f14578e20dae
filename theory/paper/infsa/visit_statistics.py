"""Statistics of the chain that the kernel describes: visits, lifetime, reach."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis

from ._paper import PAPER
from .absorbing_chain import SUBSTOCHASTIC_CHAIN
from .transient_block import ABSORBING, row_stochastic, three_states

_SOURCE = "arXiv:2603.00175v2; Kemeny and Snell, Finite Markov Chains, §3.3 and §3.5"

VISIT_VARIANCE = PAPER.claim(
    "visit-variance",
    title="The kernel also gives the variance and the law of the number of visits",
    parts={
        "variance": r"\operatorname{Var}_i[V_j]"
        r"=\bigl(N(2N_{\mathrm{dg}}-I)-N\circ N\bigr)_{ij}",
        "law": r"\mathbb{P}_i(V_j\ge k)=h_{ij}f_j^{\,k-1}\ (k\ge 1),\quad "
        r"h_{ij}=\frac{N_{ij}}{N_{jj}},\quad f_j=1-\frac{1}{N_{jj}}",
    },
    hypotheses=ABSORBING,
    instance=lambda: dict(B=three_states()),
    locus="reconstructed; §3.3 of the book for the variance",
    source=_SOURCE,
    scope="every finite transient block; V_j counts visits to j, the start included",
    not_covered="visits averaged over time; covariances of visits to two states",
    reconstructed=True,
    uses=(SUBSTOCHASTIC_CHAIN,),
)

ABSORPTION_TIME = PAPER.claim(
    "absorption-time",
    title="Row sums of the kernel are expected lifetimes, and NR holds absorption probabilities",
    parts={
        "moments": r"t=N\mathbf{1}=\mathbb{E}[T],\quad \operatorname{Var}[T]=(2N-I)t-t\circ t",
        "absorption probabilities": r"F=NR,\quad F\mathbf{1}=\mathbf{1}"
        r"\quad\text{if}\quad B\mathbf{1}+R\mathbf{1}=\mathbf{1}",
    },
    hypotheses=ABSORBING,
    instance=lambda: dict(B=three_states()),
    locus="reconstructed; §3.3 of the book",
    source=_SOURCE,
    scope="every finite transient block; T is the number of steps until absorption; R has one "
    "column for each absorbing state",
    not_covered="the joint law of lifetime and place of absorption",
    reconstructed=True,
    uses=(SUBSTOCHASTIC_CHAIN,),
)

ROW_STOCHASTIC_LIFETIME = PAPER.claim(
    "absorption-time-row-stochastic",
    title="For row-stochastic attention every token has the same geometric lifetime",
    statement=r"B=\gamma A:\quad \mathbb{P}(T>k)=\gamma^k,\quad t=\frac{1}{1-\gamma}\mathbf{1},"
    r"\quad \operatorname{Var}[T]=\frac{\gamma}{(1-\gamma)^2}\mathbf{1}",
    hypotheses={
        "non-negative": Hypothesis(
            r"A\ge 0", lambda A: all(entry >= 0 for row in A for entry in row)
        ),
        "row-stochastic": Hypothesis(
            r"A\mathbf{1}=\mathbf{1}", lambda A: all(sum(row) == 1 for row in A)
        ),
        "discount": Hypothesis(r"0\le\gamma<1", lambda gamma: 0 <= gamma < 1),
    },
    instance=lambda: dict(A=row_stochastic(), gamma=three_states()[0, 0]),
    locus="reconstructed",
    scope="every row-stochastic A, such as softmax attention, and every γ in [0, 1)",
    not_covered="column sums of the kernel, which need not be equal; Frobenius normalisation, "
    "under which row sums may differ",
    deviation="Hence row sums of the kernel cannot rank tokens there: they are all 1/(1 − γ).",
    reconstructed=True,
    uses=(ABSORPTION_TIME,),
)

HITTING = PAPER.claim(
    "hitting",
    title="The kernel gives the probabilities of ever reaching a token",
    parts={
        "reach probabilities": r"H=(N-I)N_{\mathrm{dg}}^{-1},\quad "
        r"H_{ij}=\mathbb{P}_i(X_t=j\ \text{for some}\ t\ge 1)",
        "bounds": r"0\le H_{ij}\le 1",
    },
    hypotheses=ABSORBING,
    instance=lambda: dict(B=three_states()),
    locus="reconstructed; §3.5 of the book",
    source=_SOURCE,
    scope="every finite transient block; the diagonal holds return probabilities",
    not_covered="hitting times",
    reconstructed=True,
    uses=(SUBSTOCHASTIC_CHAIN,),
)
