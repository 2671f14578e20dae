"""The coefficients of the heads are themselves outputs of a linear recurrence."""

from __future__ import annotations

from ._paper import PAPER

COEFFICIENTS_ARE_RECURRENT = PAPER.claim(
    "coefficients-are-recurrent",
    title="Each head of the exact realisation can be run with a state of constant size",
    parts={
        "recurrence": r"\alpha_h(\tau)=g_h^{\top}\operatorname{vec}(CA^{\tau}B),\ "
        r"\sum_{l=0}^{m}c_lA^l=0\ \Longrightarrow\ "
        r"\sum_{l=0}^{m}c_l\,\alpha_h(\tau+l)=0\quad(\tau\ge0)",
        "fixed functional": r"|R|=|P|=k=\operatorname{rank}U,\ U_{RP}\text{ invertible}:\quad "
        r"\alpha(\tau)=G\operatorname{vec}M_\tau,\quad G=U_{RP}^{-1}S_R",
        "Hankel rank": r"c_m=1:\quad\operatorname{rank}\,(\alpha_h(i+j))_{0\le i,j}\le m",
        "companion matrix": r"s_\tau=(\alpha(\tau),\dots,\alpha(\tau+m-1))^{\top},\ c_m=1:\quad "
        r"s_{\tau+1}=Fs_\tau,\ F\text{ the companion matrix of }c,\ "
        r"\text{so }\alpha(\tau)=e_1^{\top}F^{\tau}s_0",
        "constant state": r"S_i=FS_{i-1}+s_0\,(Vx_i)^{\top},\ S_0=0:\quad "
        r"(e_1^{\top}S_i)^{\top}=\sum_{j\le i}e_1^{\top}F^{i-j}s_0\,Vx_j"
        r"=\sum_{j\le i}\alpha(i-j)\,Vx_j",
    },
    locus="the exact realisation of a linear recurrence by heads; reconstructed, not in the "
    "abstract",
    scope="every A, B, C over a field, every length; m is the degree of any polynomial that "
    "annihilates A, of the minimal polynomial at best. R and P are the pivot rows and lags, S_R "
    "selects the rows R",
    not_covered="the number of operations for one token; coefficients that depend on the input",
    deviation="The whole realisation then has k states of size m × p, against N numbers for the "
    "model itself: constant in the length, but not smaller.",
    reconstructed=True,
)
