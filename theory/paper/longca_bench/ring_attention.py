"""Attention over ranks that hold a part of the sequence each."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.lean_attn.merge import MONOID

from ._paper import PAPER


def _every_row_has_a_key(allowed) -> bool:
    return all(bool(row.any()) for row in allowed)


RING_EXACT = PAPER.claim(
    "ring-exact",
    title="Ring attention is attention: for every partition, every mask and every order of blocks",
    statement=r"x_B=(m_B,l_B,o_B)\text{ of the keys of block }B:\quad "
    r"\bigoplus_Bx_B=(m,l,o),\qquad \frac ol=\frac{\sum_jM_{ij}b^{s_{ij}}v_j}"
    r"{\sum_jM_{ij}b^{s_{ij}}}\quad\text{for every query }i\text{ of every rank}",
    hypotheses={
        "a key for every query": Hypothesis(
            r"\forall i\ \exists j:\ M_{ij}=1", lambda allowed: _every_row_has_a_key(allowed)
        )
    },
    instance=lambda: dict(allowed=_lower_triangle(3)),
    locus="ring attention and double ring; reconstructed",
    scope="exact arithmetic; ranks that hold any tokens, in any order",
    not_covered="rounding, which has a claim of its own",
    uses=MONOID,
    reconstructed=True,
)

ON_PROCESSES = PAPER.claim(
    "exact-on-processes",
    title="On processes that exchange messages, ring and Ulysses attention give attention",
    parts={
        "ring, nothing rounded": r"\mathrm{fl}(Y_{\mathrm{ring}})=\mathrm{fl}(o/l)\quad"
        r"\text{bit for bit, for whole scores in base }2",
        "ring": r"|\mathrm{fl}(Y_{\mathrm{ring}})-Y|\le"
        r"\Bigl(\frac{(1+\rho)(1+u)}{1-\rho}-1\Bigr)\operatorname{softmax}_M(S)\,|V|",
        "Ulysses": r"\mathrm{fl}(Y_{\mathrm{Ulysses}})=\mathrm{fl}(Y_{\mathrm{one\ process}})\quad"
        r"\text{bit for bit}",
    },
    locus="reconstructed",
    scope="float64; full, causal, window and document masks; contiguous, zig-zag and striped "
    "ranks; grouped heads; 2 and 4 processes (gloo)",
    not_covered="GPUs, other backends and the kernels of the benchmark",
    deviation="ρ collects the rounding of scores, exponentials and sums; the exponential is taken "
    "to err by at most two units in the last place, as its vectorised form documents.",
    reconstructed=True,
)

LOG_SUM_EXP_UPDATE = PAPER.claim(
    "log-sum-exp-update",
    title="The update by the logistic function of two log-sum-exps needs no case for empty rows",
    statement=r"o\leftarrow o-\sigma(\lambda_B-\lambda)(o-o_B)\quad"
    r"\text{is the merge, also in floating point where }\lambda=\lambda_B=-\infty",
    locus="a common form of the update; reconstructed",
    scope="IEEE arithmetic; a row that sees no key in the blocks so far",
    deviation="The paper is not known to say this. Such rows occur with windows and documents, "
    "where a block can hold no key that a query sees.",
    reconstructed=True,
)

LOG_SUM_EXP_MERGE = PAPER.claim(
    "log-sum-exp-update-with-a-case",
    title="With the difference taken as −∞ for an empty block, the update is the merge",
    parts={
        "blocks with keys": r"o-\sigma(\lambda_B-\lambda)(o-o_B)"
        r"=\frac{e^{\lambda}o+e^{\lambda_B}o_B}{e^{\lambda}+e^{\lambda_B}}",
        "empty blocks": r"\lambda_B=-\infty:\ \sigma(-\infty)=0\ \Rightarrow\ o\leftarrow o;\qquad"
        r"\lambda=-\infty<\lambda_B:\ \sigma(\infty)=1\ \Rightarrow\ o\leftarrow o_B",
    },
    locus="reconstructed",
    scope="first part: exact arithmetic; second part: IEEE arithmetic",
    amends=LOG_SUM_EXP_UPDATE,
    reconstructed=True,
)


def _lower_triangle(size: int):
    import numpy as np

    return np.tri(size, dtype=bool)
