"""Stochastic gradient descent with momentum as a sequence layer."""

from __future__ import annotations

from ._paper import PAPER

MOMENTUM = PAPER.claim(
    "momentum",
    title="Titans' linear memory is gradient descent with momentum, also in chunks",
    parts={
        "heavy ball": r"a\equiv0:\quad S_t=S_{t-1}-\theta_t\,\nabla_S\,\tfrac12\|v_t-Sk_t\|^2"
        r"\Big|_{S_{t-1}}+\eta_t\,(S_{t-1}-S_{t-2})",
        "impulse response": r"S_t=c_tS_0+b_tZ_0+\sum_{i\le t}C_{ti}\,u_ik_i^{\top},\quad "
        r"u_t=\theta_t(v_t-S_{t-1}k_t),\quad C_{ti}=(1-a_t)C_{t-1,i}+\eta_{i+1}\cdots\eta_t,\ "
        r"c_t=(1-a_t)c_{t-1},\ b_t=(1-a_t)b_{t-1}+\eta_1\cdots\eta_t,\ c_0=1,\ b_0=0",
        "chunks": r"\bigl(I+\operatorname{tril}_-(\operatorname{diag}(\theta)(KK^{\top}\odot C'))"
        r"\bigr)U=\operatorname{diag}(\theta)\bigl(V-\operatorname{diag}(c')KS_0^{\top}"
        r"-\operatorname{diag}(b')KZ_0^{\top}\bigr),\quad C'_{ti}=C_{t-1,i},\ c'_t=c_{t-1},\ "
        r"b'_t=b_{t-1}",
    },
    locus="Figure 1, the row of gradient descent with momentum; reconstructed",
    scope="every length, chunk length and width, every commutative ring",
    not_covered="memories that are not linear",
    deviation="With forgetting the velocity is S_{t−1} − (1 − a)S_{t−2}: the decay is decoupled "
    "from the gradient and is not part of the heavy ball.",
    reconstructed=True,
)
