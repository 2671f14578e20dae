"""How large a degree the exponential needs."""

from __future__ import annotations

from ._paper import PAPER

MINIMAX_DEGREE = PAPER.claim(
    "minimax-degree",
    title="The degree that approximates the exponential in relative error, from both sides",
    parts={
        "bounds": r"\tfrac{\pi}{2}e^{-R}I_{g+1}(R)\le E_g(R)\le\frac{e^RR^{g+1}}{(g+1)!},\qquad "
        r"E_g(R)=\min_{\deg P\le g}\ \max_{|x|\le R}\ |P(x)e^{-x}-1|",
        "values": r"E_g(R)\text{ to four digits for }R\in\{1,2,4,8\}\text{: }"
        r"E_6(1)=3.017\cdot10^{-6},\ E_8(4)=1.961\cdot10^{-3},\ E_6(8)=0.8008,\ \dots",
        "degrees": r"g^*(R,\varepsilon)=\min\{g:E_g(R)\le\varepsilon\},\ "
        r"\varepsilon=10^{-2},10^{-4},\dots,10^{-10}:\quad"
        r"\begin{array}{lrrrrr}R=1&3&5&7&9&10\\R=2&5&7&9&11&13\\"
        r"R=4&7&10&13&15&17\\R=8&12&16&19&22&24\end{array}",
        "order": r"0.99\le g^*(R,\varepsilon)\Big/\max\Bigl\{R,"
        r"\frac{L}{\max\{1,\ln(L/R)\}}\Bigr\}\le1.74,\qquad L=\ln\tfrac1\varepsilon"
        r"\quad\text{for these }R\text{ and }\varepsilon",
        "Taylor degrees": r"\max_{|x|\le R}|T_g(x)e^{-x}-1|\le\varepsilon\text{ needs }g="
        r"\begin{array}{lrrrrr}R=1&5&7&9&11&13\\R=2&8&11&14&16&18\\"
        r"R=4&15&19&21&24&26\\R=8&30&33&36&39&42\end{array}",
    },
    locus="the lemma on polynomials, citing Aggarwal and Alman (2022)",
    scope="the stated R and ε; the order of growth for all R and ε is cited, its shape is "
    "compared on these",
    not_covered="the constants of the order of growth outside of the listed R and ε",
    deviation="The logarithm of L/R is taken to be at least 1. Without this floor the expression "
    "is not defined for L ≤ R and tends to infinity as L falls to R, where the degree does not: at "
    "R = 4, ε = 1/100 it is 33 and the degree is 7.",
    reconstructed=True,
)
