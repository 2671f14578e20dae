"""The fundamental matrix of an absorbing chain: what it counts, and when it is one."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis

from ._paper import PAPER
from .transient_block import ABSORBING, NONNEGATIVE, TRANSIENT, row_sum_three_halves, three_states

ABSORBING_CHAIN = PAPER.claim(
    "absorbing-chain",
    title="The Neumann kernel of the normalised affinities is the fundamental matrix of an "
    "absorbing Markov chain",
    statement=r"N(\gamma)=(I-\gamma\hat A)^{-1},\ \hat A=\frac{A_0}{\|A_0\|_F}"
    r"\quad\text{is the fundamental matrix of an absorbing Markov chain}",
    hypotheses={
        "non-negative affinities": Hypothesis(
            r"A_0\ge 0,\ A_0\ne 0",
            lambda A0: (
                all(entry >= 0 for row in A0 for entry in row)
                and any(entry > 0 for row in A0 for entry in row)
            ),
        ),
        "discount": Hypothesis(r"0<\gamma<1", lambda gamma: 0 < gamma < 1),
    },
    instance=lambda: dict(A0=three_states(), gamma=three_states()[0, 0]),
    locus="abstract",
    scope="every rectified affinity matrix and every discount below one, as in the pure variant",
    not_covered="the linear variant, and layers whose matrices differ",
    deviation="The abstract names the correspondence without listing conditions. Here it is read "
    "for the normalisation of the pure variant, with ε = 0; a control has the released ε.",
    reconstructed=True,
)

SUBSTOCHASTIC_CHAIN = PAPER.claim(
    "absorbing-chain-substochastic",
    title="Where the rows of B sum to at most one, the kernel counts expected visits before "
    "absorption",
    parts={
        "expected visits": r"N=(I-B)^{-1}=\sum_{t\ge 0}B^t,\quad "
        r"N_{ij}=\mathbb{E}_i\bigl[\#\{t\ge 0:X_t=j\}\bigr]",
        "visits after the start": r"(N-I)_{ij}=\mathbb{E}_i\bigl[\#\{t\ge 1:X_t=j\}\bigr]",
    },
    hypotheses=ABSORBING,
    instance=lambda: dict(B=three_states()),
    locus="abstract, with the condition it needs; reconstructed",
    scope="every finite block B, with one absorbing state that takes the remaining mass 1 − B1",
    not_covered="visits averaged over time; infinite state spaces",
    deviation="B1 ≤ 1 is added. The start counts as a visit in N and not in N − I; the sum in the "
    "released documentation, which begins at t = 1, is the latter.",
    reconstructed=True,
    amends=ABSORBING_CHAIN,
)

SMALL_DISCOUNT = PAPER.claim(
    "absorbing-chain-small-discount",
    title="With Frobenius normalisation a discount of at most 1/√N suffices for a chain, and no "
    "larger one does",
    parts={
        "sufficient": r"\gamma\hat A\mathbf{1}\le\mathbf{1}",
        "tight": r"\max_{A_0\ge 0,\,A_0\ne 0}\ \max_i\ (\hat A\mathbf{1})_i=\sqrt N",
    },
    hypotheses={
        "normalised": Hypothesis(
            r"\|\hat A\|_F\le 1", lambda A: sum(entry * entry for row in A for entry in row) <= 1
        ),
        "small discount": Hypothesis(
            r"0\le\gamma\le 1/\sqrt N",
            lambda A, gamma: gamma >= 0 and len(A) * gamma * gamma <= 1,
        ),
    },
    instance=lambda: dict(A=three_states() / 2, gamma=three_states()[0, 0]),
    locus="reconstructed",
    scope="every N; ε ≥ 0, since ε only shrinks Â",
    not_covered="the discount 19/20 of the released code, which is below 1/√N only for N = 1",
    deviation="A discount that depends on the number of tokens. Together with γ < 1, which matters "
    "for N = 1 only, it makes γÂ a transient block.",
    reconstructed=True,
    amends=ABSORBING_CHAIN,
    uses=(SUBSTOCHASTIC_CHAIN,),
)

DOOB_SIMILARITY = PAPER.claim(
    "doob-similarity",
    title="Without a row-sum condition the kernel is diagonally similar to that of a true chain",
    parts={
        "substochastic": r"x=(I-B)^{-1}\mathbf{1}\ge\mathbf{1},\quad P=D^{-1}BD\ge 0,\quad "
        r"P\mathbf{1}=\mathbf{1}-1/x<\mathbf{1}\qquad(D=\operatorname{diag}(x))",
        "similarity": r"(I-B)^{-1}=D(I-P)^{-1}D^{-1},\quad "
        r"N_{ij}=\frac{x_i}{x_j}\,\mathbb{E}_i^{P}\bigl[\#\{t\ge 0:X_t=j\}\bigr]",
    },
    hypotheses={"non-negative": NONNEGATIVE, "transient": TRANSIENT},
    instance=lambda: dict(B=row_sum_three_halves()),
    locus="reconstructed",
    scope="every finite non-negative B with ρ(B) < 1; so every γÂ with γ < 1",
    not_covered="which chain is the most natural one: other positive vectors x with Bx ≤ x serve "
    "as well",
    deviation="Diagonal entries are expected visits of the chain P; an off-diagonal entry is "
    "re-weighted by the Katz scores x of its two tokens.",
    reconstructed=True,
    amends=ABSORBING_CHAIN,
    uses=(SUBSTOCHASTIC_CHAIN,),
)
