"""The delta rule as stochastic gradient descent on the newest pair, and its chunked form."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact, exact_array

from ._paper import PAPER


def _unit(key) -> bool:
    return sum(entry * entry for entry in key.flat) == 1


def _unit_step() -> dict[str, object]:
    return {
        "k": exact_array([["3/5"], ["4/5"]]),
        "beta": exact("1/2"),
    }


DELTANET_SGD = PAPER.claim(
    "deltanet-sgd",
    title="The delta rule is one gradient step on the newest pair",
    parts={
        "gradient step": r"S_t=S_{t-1}-\beta_t\,\nabla_S\,\tfrac12\|v_t-Sk_t\|^2\Big|_{S=S_{t-1}}"
        r"=S_{t-1}+\beta_t(v_t-S_{t-1}k_t)k_t^{\top}",
        "recall": r"\|k_t\|=1,\ \beta_t=1:\quad S_tk_t=v_t",
        "bounded state": r"\|k_i\|=1,\ 0\le\beta_i\le1:\quad "
        r"\|S_t\|_F^2\le\|S_0\|_F^2+\sum_{i\le t}\beta_i\|v_i\|^2",
    },
    hypotheses={
        "unit keys": Hypothesis(r"\|k\|=1", lambda k: _unit(k)),
        "step sizes up to one": Hypothesis(r"0\le\beta\le1", lambda beta: 0 <= beta <= 1),
    },
    instance=_unit_step,
    locus="memorisation by stochastic gradient descent; reconstructed",
    scope="all lengths and widths; unit keys and step sizes up to one are needed by the last two "
    "parts only",
    not_covered="convergence over several passes; step sizes beyond one",
    deviation="The bound on the state is not in the paper: unit keys give it.",
    reconstructed=True,
)

DELTANET_WY = PAPER.claim(
    "deltanet-wy",
    title="The gated delta rule in chunks equals the recurrence",
    parts={
        "state": r"S_t=g_tS_0+\sum_{i\le t}\Gamma_{ti}\,u_ik_i^{\top},\quad "
        r"\Gamma_{ti}=\alpha_{i+1}\cdots\alpha_t,\ g_t=\alpha_1\cdots\alpha_t,\quad "
        r"u_t=\beta_t(v_t-\alpha_tS_{t-1}k_t)",
        "triangular system": r"\bigl(I+\operatorname{tril}_-(\operatorname{diag}(\beta)"
        r"(KK^{\top}\odot\Gamma))\bigr)U=\operatorname{diag}(\beta)"
        r"\bigl(V-\operatorname{diag}(g)KS_0^{\top}\bigr)",
        "outputs": r"o_t=g_tS_0q_t+\sum_{i\le t}\Gamma_{ti}(k_i^{\top}q_t)\,u_i",
        "chunks": r"\text{the three formulas, applied chunk after chunk from the state that the "
        r"previous chunk leaves, give all outputs, for every division into chunks}",
    },
    locus="the parallel form of online gradient descent; reconstructed",
    scope="every length, chunk length and width, every commutative ring: no division occurs, so "
    "decays may be zero",
    not_covered="rounding: the ratios of cumulative decays that programs use instead of Γ can "
    "overflow",
    reconstructed=True,
)

GATED_TWO_CONVENTIONS = PAPER.claim(
    "gated-two-conventions",
    title="Gated DeltaNet is gradient descent with weight decay in the loss",
    statement=r"S_t=S_{t-1}-\beta_t\nabla_S\Bigl(\tfrac12\|v_t-Sk_t\|^2+\tfrac{\mu_t}2\|S\|_F^2"
    r"\Bigr)\Big|_{S_{t-1}}=\alpha_tS_{t-1}(I-\beta_tk_tk_t^{\top})+\beta_tv_tk_t^{\top},\quad "
    r"\alpha_t=1-\beta_t\mu_t",
    locus="Figure 1, the row of stochastic gradient descent with L2 regularisation; reconstructed",
    scope="every width, state, key, value, step size and decay",
    not_covered="other layers of the same row",
    deviation="The row names the optimiser only; this reading takes the same step size and value "
    "on both sides.",
    reconstructed=True,
)

GATED_REPARAMETRISED = PAPER.claim(
    "gated-two-conventions-reparametrised",
    title="Gated DeltaNet decays first, or steps with αβ towards v/α",
    parts={
        "decay first": r"\tilde S=\alpha_tS_{t-1},\quad \tilde S-\beta_t\nabla_S\,"
        r"\tfrac12\|v_t-Sk_t\|^2\Big|_{\tilde S}=\alpha_tS_{t-1}(I-\beta_tk_tk_t^{\top})"
        r"+\beta_tv_tk_t^{\top}",
        "reparametrised": r"\alpha_t\neq0,\ \beta'=\alpha_t\beta_t,\ v'=v_t/\alpha_t,\ "
        r"\beta'\mu=1-\alpha_t:\quad S_{t-1}-\beta'\nabla_S\Bigl(\tfrac12\|v'-Sk_t\|^2"
        r"+\tfrac\mu2\|S\|_F^2\Bigr)\Big|_{S_{t-1}}=\alpha_tS_{t-1}(I-\beta_tk_tk_t^{\top})"
        r"+\beta_tv_tk_t^{\top}",
    },
    locus="Figure 1; reconstructed",
    amends=GATED_TWO_CONVENTIONS,
    scope="every width, state, key, value, step size and non-zero decay",
    not_covered="α = 0 in the second part",
    deviation="The step of the regularised loss is αβ ≤ β, so that it cannot exceed the decay "
    "where β ≤ 1.",
    reconstructed=True,
)
