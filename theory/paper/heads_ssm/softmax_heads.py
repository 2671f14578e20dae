"""What heads cannot do without positions, and normalised heads not without a sink."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _one_coefficient_per_content(tokens, coefficients, other_tokens, other_coefficients) -> bool:
    """The earlier tokens of both sequences: equal tokens have equal coefficients."""
    seen: dict[str, object] = {}
    for sequence, factors in ((tokens, coefficients), (other_tokens, other_coefficients)):
        for token, factor in list(zip(sequence, factors, strict=True))[:-1]:
            if seen.setdefault(str(list(token)), factor) != factor:
                return False
    return True


POSITION_REQUIRED = PAPER.claim(
    "position-required",
    title="Heads whose scores see contents but not positions realise no recurrence in which the "
    "order of the past matters",
    parts={
        "invariance": r"y_n=\sum_h\sum_{j\le n}\frac{g_h(x_n,x_j)}{\sum_{l\le n}g_h(x_n,x_l)}"
        r"\,V_hx_j,\text{ or without the denominators}:\quad "
        r"y_n(x_{\pi(1)},\dots,x_{\pi(n-1)},x_n)=y_n(x_1,\dots,x_n)"
        r"\text{ for every permutation }\pi",
        "equal lags": r"y_n=\sum_{j\le n}M_{n-j}x_j,\ M_\tau=CA^{\tau}B,\text{ invariant under }"
        r"\pi\ \Longrightarrow\ M_1=M_2=\dots=M_{n-1}",
        "example": r"h_i=\tfrac12h_{i-1}+x_i:\quad "
        r"(1,0,0)\mapsto h_3=\tfrac14,\quad(0,1,0)\mapsto h_3=\tfrac12",
        "positional coefficients": r"h_i=ah_{i-1}+x_i:\quad "
        r"h_i=\sum_{j\le i}a^{i-j}x_j,\text{ one head with }f_{ij}=a^{i-j},\ V=1",
    },
    hypotheses={
        "content only": Hypothesis(
            r"f_{nj}(X)=g(x_n,x_j)\text{ up to a factor common to all }j<n"
            r"\quad(\text{first part})",
            _one_coefficient_per_content,
        )
    },
    instance=lambda: dict(
        tokens=exact_array([[1], [0], [2]]),
        coefficients=exact_array(["1/2", "1/4", "1/4"]),
        other_tokens=exact_array([[0], [1], [2]]),
        other_coefficients=exact_array(["1/4", "1/2", "1/4"]),
    ),
    locus="abstract: the heads needed to represent a state-space model; an assumption that is "
    "not stated; reconstructed",
    scope="every n, every number of heads, every g, A, B and C; causal masks, with or without "
    "normalisation over the prefix",
    not_covered="masks that differ from head to head, and stacks of layers, which can tell "
    "positions apart through the mask of an earlier layer",
    deviation="The sufficiency half of the head count is about coefficients that depend on the "
    "distance; this says that they have to.",
    reconstructed=True,
)

RECURRENCE = r"h_i=Ah_{i-1}+Bx_i,\ y_i=Ch_i,\ M_\tau=CA^{\tau}B"

SOFTMAX_SINK = PAPER.claim(
    "softmax-sink",
    title="Softmax heads, whose weights sum to one, realise every linear recurrence",
    statement=RECURRENCE + r":\quad y_i=\sum_{h=1}^H\sum_{j\le i}\alpha^h_{ij}V_hx_j"
    r"\text{ for some }H,\ V_h\text{ and }\alpha^h_{ij}\ge0\text{ with }"
    r"\sum_{j\le i}\alpha^h_{ij}=1",
    locus="the sufficiency half of the head count, read for softmax attention; reconstructed",
    scope="every n, every constant (A, B, C)",
    deviation="The factorized class of the paper does not ask that coefficients sum to one, and "
    "there the construction stands. This is the reading in which the heads are those of softmax "
    "attention.",
    reconstructed=True,
)

NO_MEMORY = PAPER.claim(
    "softmax-sink-no-memory",
    title="Normalised heads without a sink realise only recurrences without memory, whatever "
    "their number",
    parts={
        "constant input": r"x_j=x\ (j\le n),\ \sum_{j\le i}\alpha^h_{ij}=1:\quad "
        r"\sum_h\sum_{j\le i}\alpha^h_{ij}V_hx_j=\sum_hV_hx\quad\text{for every }i",
        "no memory": RECURRENCE + r":\quad x_j=x\ \Longrightarrow\ y_{i+1}-y_i=M_ix,"
        r"\quad\text{so that equality with the heads for every }x\text{ gives }"
        r"M_\tau=0\ (1\le\tau\le n-1)",
    },
    hypotheses={
        "normalised": Hypothesis(
            r"\sum_{j\le i}\alpha^h_{ij}=1",
            lambda weights: all(entry == 1 for entry in weights.sum(axis=-1).flat),
        )
    },
    instance=lambda: dict(weights=exact_array([[1, 0], ["1/3", "2/3"]])),
    locus="set against the sufficiency half of the head count; reconstructed",
    scope="every n, H, V and (A, B, C); weights of either sign that may depend on the input",
    not_covered="biases: the same bias at every i leaves the differences as they are",
    amends=SOFTMAX_SINK,
    reconstructed=True,
)

UNNORMALISED = PAPER.claim(
    "softmax-sink-unnormalised",
    title="With coefficients that are not normalised, as many heads as the lag operators have "
    "dimensions realise the recurrence",
    statement=RECURRENCE + r",\ M_\tau=\sum_{c=1}^kw_{\tau c}U_c\ (\tau<n):\quad "
    r"y_i=\sum_{c=1}^k\sum_{j\le i}w_{i-j,c}\,U_cx_j",
    locus="the sufficiency half of the head count; reconstructed",
    scope="every n, k and (A, B, C); coefficients of either sign that depend on the distance",
    amends=SOFTMAX_SINK,
    reconstructed=True,
)

ZERO_VALUE_SINK = PAPER.claim(
    "softmax-sink-zero-value",
    title="With a sink that carries no value, k softmax heads realise a recurrence exactly if its "
    "lag operators lie in an open half space, and k + 1 heads always do",
    parts={
        "scaling": r"M_\tau=\sum_ha_h(\tau)v_h,\ a_h(\tau)>0,\ c>\sum_{\tau<n}a_h(\tau),\ "
        r"s^h_i=c-\sum_{\tau<i}a_h(\tau)>0,\ V_h=c\,v_h:\quad "
        r"\alpha^h_{ij}=\frac{a_h(i-j)}{s^h_i+\sum_{l\le i}a_h(i-l)},\ "
        r"\sum_h\alpha^h_{ij}V_h=M_{i-j}",
        "half space needed": r"k=\dim\operatorname{span}\{M_\tau\}_{\tau<n},\ "
        r"M_\tau=\sum_{h=1}^k\alpha_h(\tau)V_h,\ \alpha_h(\tau)>0\ \Longrightarrow\ "
        r"\text{the linear form }u\text{ with }u(V_h)=1\text{ has }"
        r"u(M_\tau)=\sum_h\alpha_h(\tau)>0\quad(\tau<n)",
        "half space suffices": r"u(M_\tau)>0\ (\tau<n)\ \Longrightarrow\ "
        r"M_\tau=\sum_{h=1}^ka_h(\tau)v_h\text{ for some }v_h\text{ and }a_h(\tau)>0",
        "one head more": r"M_\tau=\sum_{c=1}^kw_{\tau c}U_c,\ \lambda>-w_{\tau c}:\quad "
        r"M_\tau=\sum_{c=1}^k(w_{\tau c}+\lambda)U_c"
        r"+\lambda\Bigl(-\sum_{c=1}^kU_c\Bigr),\text{ all weights positive}",
        "certificate": r"\sum_\tau\lambda_\tau M_\tau=0,\ \lambda\ge0,\ \lambda\ne0"
        r"\ \Longrightarrow\ \text{no linear form }u\text{ has }u(M_\tau)>0\ (\tau<n)",
        "rotation on four tokens": r"A=\begin{pmatrix}3/5&-4/5\\4/5&3/5\end{pmatrix},\ B=C=I,\ "
        r"J=\begin{pmatrix}0&-1\\1&0\end{pmatrix},\ M_\tau=x_\tau I+y_\tau J,\ n=4:\quad "
        r"x_\tau+6y_\tau=1,\tfrac{27}5,\tfrac{137}{25},\tfrac{147}{125},"
        r"\text{ and two heads realise it}",
        "rotation on five tokens": r"n=5:\quad 55M_0+84M_1+125M_4=0,"
        r"\text{ so two heads do not, and three do}",
        "alternating decay": r"h_i=-\tfrac12h_{i-1}+x_i,\ n\ge2:\quad k=1,\ M_0+2M_1=0,"
        r"\text{ so one head does not, and two do}",
        "sink of one size": r"n\ge2,\ H=1,\ \alpha_{ij}=\frac{e^{\ell(i-j)}}"
        r"{e^{s}+\sum_{l\le i}e^{\ell(i-l)}},\ \alpha_{ij}V=M_{i-j}"
        r"\ \Longrightarrow\ M_\tau=0\ (\tau<n)",
    },
    locus="the sufficiency half of the head count, read for softmax attention; reconstructed",
    scope="every n, k and (A, B, C); every logit is free and depends on the two positions, that of "
    "the sink on i. The heads have to agree with the recurrence operator by operator",
    not_covered="coefficients that see the input, for which fewer heads may do; more than one head "
    "with a sink logit that is the same for every i; that a certificate exists whenever there is "
    "no half space, which is Gordan's theorem and is not used",
    deviation="Exactly if: fewer than k heads never do, since the M_τ lie in the span of the value "
    "maps, so k + 1 are needed where no half space exists. A zero lag operator lies in no open "
    "half space. The sink's logit has to change with i.",
    amends=SOFTMAX_SINK,
    reconstructed=True,
)
