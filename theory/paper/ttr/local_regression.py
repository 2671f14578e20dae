"""Softmax attention as local regression, and the polynomials that local fits reproduce."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _equal_norms(K) -> bool:
    return len({sum(entry * entry for entry in key) for key in K}) == 1


SOFTMAX_IS_LOCAL_CONSTANT = PAPER.claim(
    "softmax-is-local-constant",
    title="Softmax attention is the weighted least-squares constant",
    statement=r"w_i>0:\quad \sum_iw_i\|v_i-c\|^2=\sum_iw_i\|v_i-c^{\star}\|^2+\Bigl(\sum_iw_i\Bigr)"
    r"\|c-c^{\star}\|^2,\quad c^{\star}=\frac{\sum_iw_iv_i}{\sum_iw_i};\qquad "
    r"w_i=e^{q^{\top}k_i/\tau}\text{ gives softmax attention}",
    locus="softmax attention as local constant regression; reconstructed",
    scope="every number of pairs and width, all positive weights: the exponential is one choice",
    not_covered="which weights are sensible",
    reconstructed=True,
)

QKNORM_NECESSARY = PAPER.claim(
    "qknorm-necessary",
    title="Queries and keys must be normalised for a proper local constant smoother",
    statement=r"\frac{e^{q^{\top}k_i/\tau}}{\sum_le^{q^{\top}k_l/\tau}}"
    r"=\frac{e^{-\|q-k_i\|^2/2\tau}}{\sum_le^{-\|q-k_l\|^2/2\tau}}\text{ for every }i"
    r"\ \Longrightarrow\ \|q\|=1\text{ and }\|k_i\|=1\text{ for every }i",
    locus="the section on QK-norm: 'mathematically necessary'; reconstructed",
    scope="the Gaussian smoother centred at the query, with the bandwidth of the softmax",
    not_covered="reasons of optimisation for normalising queries and keys",
    deviation="The reading of 'proper local constant regressor' as the Gaussian smoother.",
    reconstructed=True,
)

QKNORM_COSPHERE = PAPER.claim(
    "qknorm-cosphere",
    title="Softmax is the Gaussian smoother exactly for keys of equal norm",
    parts={
        "weights": r"e^{q^{\top}k_i/\tau}=e^{\|q\|^2/2\tau}\cdot e^{-\|q-k_i\|^2/2\tau}"
        r"\cdot e^{\|k_i\|^2/2\tau}",
        "centred at the query": r"\text{the weights agree after normalisation}"
        r"\ \Longleftrightarrow\ \|k_i\|=\|k_l\|\text{ for all }i,l,\ \text{whatever }q\text{ is}",
        "another centre": r"\text{they are those of a Gaussian of this bandwidth centred at }q+m"
        r"\ \Longleftrightarrow\ \|k_i-m\|=\|k_l-m\|\text{ for all }i,l",
        "shift": r"k_i\mapsto k_i+c\text{ leaves the softmax weights unchanged}",
    },
    hypotheses={"keys of equal norm": Hypothesis(r"\|k_i\|=\|k_l\|", _equal_norms)},
    instance=lambda: {"K": exact_array([["3/5", "4/5"], [1, 0]])},
    locus="the section on QK-norm; reconstructed",
    amends=QKNORM_NECESSARY,
    scope="every number of keys and width; the norm of the query never matters. d + 1 affinely "
    "independent keys always lie on a sphere. The hypothesis is that of the second part",
    not_covered="kernels other than the Gaussian",
    reconstructed=True,
)

LOCAL_POLYNOMIAL = PAPER.claim(
    "local-polynomial",
    title="A local fit of degree p reproduces polynomials of degree p",
    parts={
        "reproduction": r"X_{ia}=(k_i-q)^a,\ |a|\le p,\ \text{full column rank},\ w_i>0,\ "
        r"s^{\top}=e_0^{\top}(X^{\top}WX)^{-1}X^{\top}W:\quad s^{\top}X=e_0^{\top},\ \text{so }"
        r"\sum_is_if(k_i)=f(q)\text{ for every polynomial of degree}\le p",
        "not beyond": r"\text{for }p=0,1,2\text{ there are keys, weights and a polynomial of "
        r"degree }p+1\text{ with }\sum_is_if(k_i)\neq f(q)",
    },
    locus="layers from local polynomials; reconstructed",
    scope="every number of keys, width and degree, all positive weights",
    not_covered="the sign of the equivalent weights, which can be negative for p ≥ 1; conditioning",
    reconstructed=True,
)
