"""Exact and implicit solutions of the regression, a token at a time."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact, exact_array

from ._paper import PAPER

RLS_VS_MESA = PAPER.claim(
    "rls-vs-mesa",
    title="Recursive least squares with forgetting computes the mesa layer",
    statement=r"S_t=S_{t-1}+(v_t-S_{t-1}k_t)(P_tk_t)^{\top},\ P_t^{-1}=\alpha_tP_{t-1}^{-1}"
    r"+k_tk_t^{\top},\ P_0=\lambda^{-1}I\ \Longrightarrow\ S_t=\Bigl(\sum_{i\le t}\gamma_i"
    r"v_ik_i^{\top}\Bigr)\Bigl(\sum_{i\le t}\gamma_ik_ik_i^{\top}+\lambda I\Bigr)^{-1}",
    locus="memorisation solved exactly, with decaying weights; reconstructed",
    scope="forgetting factors in (0, 1], every length and width",
    not_covered="the conjugate-gradient iteration by which the layer is computed",
    deviation="The reading that keeps the ridge of the layer constant, as MesaNet does.",
    reconstructed=True,
)

RLS_DECAYED_RIDGE = PAPER.claim(
    "rls-vs-mesa-decayed-ridge",
    title="Recursive least squares forgets its ridge as well",
    parts={
        "inverse": r"P_t=\tfrac1{\alpha_t}\Bigl(P_{t-1}-\frac{P_{t-1}k_tk_t^{\top}P_{t-1}}"
        r"{\alpha_t+k_t^{\top}P_{t-1}k_t}\Bigr)=(\alpha_tP_{t-1}^{-1}+k_tk_t^{\top})^{-1}",
        "batch": r"P_t^{-1}=\sum_{i\le t}\gamma_ik_ik_i^{\top}+\lambda\alpha_1\cdots\alpha_tI,"
        r"\quad S_t=\Bigl(\sum_{i\le t}\gamma_iv_ik_i^{\top}\Bigr)P_t",
        "matrix step": r"\Bigl(\sum_{i\le t}\gamma_iv_ik_i^{\top}\Bigr)P_t"
        r"=S_{t-1}+(v_t-S_{t-1}k_t)(P_tk_t)^{\top}",
        "no rank-one update": r"A_t=\sum_{i\le t}\gamma_ik_ik_i^{\top}+\Lambda,\ \Lambda\succ0,\ "
        r"\alpha_t<1:\quad A_t-\alpha_tA_{t-1}=k_tk_t^{\top}+(1-\alpha_t)\Lambda\succ0",
    },
    locus="memorisation solved exactly, with decaying weights; reconstructed",
    amends=RLS_VS_MESA,
    scope="forgetting factors in (0, 1], every length and width. With α = 1 throughout both agree",
    not_covered="rounding; the last part says that beside the factor α one step changes the "
    "matrix by full rank, which is more than rank one for d ≥ 2",
    reconstructed=True,
)

LONGHORN_IMPLICIT = PAPER.claim(
    "longhorn-implicit",
    title="Longhorn's implicit step is a delta rule with a safe step size",
    parts={
        "minimiser": r"\operatorname*{arg\,min}_X\ \tfrac12\|X-S\|_F^2+\tfrac{\delta}2\|v-Xk\|^2"
        r"=S+\frac{\delta}{1+\delta\|k\|^2}(v-Sk)k^{\top}",
        "safe step": r"0<\frac{\delta}{1+\delta\|k\|^2}<\frac1{\|k\|^2},\quad "
        r"v-S_tk=\frac{v-Sk}{1+\delta\|k\|^2}",
    },
    hypotheses={
        "positive step": Hypothesis(r"\delta>0", lambda delta: delta > 0),
        "key": Hypothesis(r"k\neq0", lambda k: any(entry != 0 for entry in k.flat)),
    },
    instance=lambda: {"delta": exact(2), "k": exact_array([[1], [2]])},
    locus="the table of optimisers, implicit online gradient descent; reconstructed",
    scope="every width, state, key and value",
    not_covered="the approximation with which Longhorn is deployed, which is another claim",
    deviation="The minimiser itself needs no key different from zero.",
    reconstructed=True,
)

LONGHORN_DIAGONAL = PAPER.claim(
    "longhorn-diagonal",
    title="The elementwise update that is deployed is the implicit step",
    statement=r"S\odot\bigl(1-\beta\,\mathbf 1(k\odot k)^{\top}\bigr)+\beta vk^{\top}"
    r"=S-\beta Skk^{\top}+\beta vk^{\top},\quad \beta=\frac{\delta}{1+\delta\|k\|^2}",
    locus="the row of Longhorn in the table of layers; reconstructed",
    scope="two key channels or more",
    not_covered="how far the two are apart in trained models",
    deviation="The reading in which the deployed layer is the implicit step that motivates it.",
    reconstructed=True,
)

LONGHORN_DIAGONAL_EXACT = PAPER.claim(
    "longhorn-diagonal-exact",
    title="The elementwise update is the implicit step for keys with one entry",
    statement=r"\bigl(\forall S:\ S\odot\mathbf 1(k\odot k)^{\top}=Skk^{\top}\bigr)"
    r"\ \Longleftrightarrow\ k_ak_b=0\text{ for all }a\neq b",
    locus="the row of Longhorn in the table of layers; reconstructed",
    amends=LONGHORN_DIAGONAL,
    scope="every width, every β different from zero",
    not_covered="keys with two entries or more, for which some state tells the updates apart",
    reconstructed=True,
)

KACZMARZ_EPOCHS = PAPER.claim(
    "kaczmarz-epochs",
    title="Repeated passes of the delta rule converge to the exact layer",
    parts={
        "error": r"\|k_i\|=1,\ \beta=1,\ S^{\star}k_i=v_i:\quad "
        r"S_{i}-S^{\star}=(S_{i-1}-S^{\star})(I-k_ik_i^{\top})",
        "no growth": r"\|x^{\top}(I-kk^{\top})\|^2=\|x\|^2-(x^{\top}k)^2,\quad\text{so a pass "
        r"keeps the norm of }x\text{ only if }x\perp k_1,\dots,k_n",
        "rate": r"\text{from }S_0=0\text{ the error after }e\text{ passes is }"
        r"-S^{\star}M^e,\ M=\prod_i(I-k_ik_i^{\top}),\quad "
        r"\rho\bigl(M|_{\operatorname{span}\{k_i\}}\bigr)<1",
    },
    hypotheses={
        "consistent": r"S^{\star}k_i=v_i\text{ for every }i",
        "unit keys": r"\|k_i\|=1",
    },
    locus="several steps of stochastic gradient descent; reconstructed",
    scope="every number of keys and width; with S* the solution of least norm, whose rows lie in "
    "the span of the keys",
    not_covered="data without an exact solution: the passes then end in a cycle",
    deviation="That a product of such projections contracts strictly on the span is the classical "
    "consequence of 'no growth' (a compact unit sphere), cited for all sizes; for the stated keys "
    "the spectral radius is certified.",
    reconstructed=True,
)
