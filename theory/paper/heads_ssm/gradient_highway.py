"""How far gradients reach, in attention and in state-space models."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact, exact_array

from ._paper import PAPER


def _radius_below(matrix, rate) -> bool:
    from attnproof.theory.algebra.spectral_radius import spectral_radius_below_one

    return rate > 0 and spectral_radius_below_one(exact_array(matrix) / exact(rate))


GRADIENT_DECAY_SSM = PAPER.claim(
    "gradient-decay-ssm",
    title="In a stable linear recurrence gradients decay exponentially with the distance, at every "
    "rate above the spectral radius",
    parts={
        "lag operator": r"h_i=Ah_{i-1}+Bx_i,\ y_i=Ch_i:\quad "
        r"\frac{\partial y_i}{\partial x_j}=CA^{i-j}B\quad(j\le i)",
        "bound": r"P\succ0,\ A^{\top}PA\preceq\rho^2P,\ C^{\top}C\preceq cP,\ "
        r"B^{\top}PB\preceq bI\ \Longrightarrow\ \|CA^{\tau}B\|^2\le bc\,\rho^{2\tau}"
        r"\quad(\tau\ge0)",
        "rate": r"\rho(A)<\rho,\ S=A/\rho:\ \|S^m\|\le1\text{ for some }m,\text{ and }"
        r"P=\sum_{k<m}(S^k)^{\top}S^k\text{ has }P\succeq I,\ "
        r"\rho^2P-A^{\top}PA=\rho^2\bigl(I-(S^m)^{\top}S^m\bigr)\succeq0",
        "example": r"A=\begin{pmatrix}9/10&10\\0&9/10\end{pmatrix},\ \rho=\tfrac{19}{20},\ "
        r"\rho^2P-A^{\top}PA=I:\quad P\succ0,\text{ so }\|A^{\tau}\|\le\sqrt{\kappa(P)}\,"
        r"\rho^{\tau}\quad(\tau\ge0)",
        "not at the radius": r"A=\begin{pmatrix}9/10&10\\0&9/10\end{pmatrix}:\quad "
        r"\frac{\|A^{\tau}\|}{\rho(A)^{\tau}}\ge\frac{(A^{\tau})_{12}}{(9/10)^{\tau}}"
        r"=\tfrac{100}{9}\,\tau\quad(\tau\ge0)",
    },
    hypotheses={
        "rate above the radius": Hypothesis(r"\rho(A)<\rho", lambda A, rho: _radius_below(A, rho)),
    },
    instance=lambda: dict(A=exact_array([["9/10", 10], [0, "9/10"]]), rho=exact("19/20")),
    locus="abstract: stable linear dynamics attenuate gradients with the distance; reconstructed",
    scope="every constant (A, B, C), every distance; where the spectral radius is below one, ρ "
    "can be chosen below one too, and the bound is a decay",
    not_covered="the spectral radius itself as rate, which is reached exactly if the eigenvalues "
    "of largest modulus are semisimple on the controllable and observable part",
    deviation="Stable has to mean strictly stable: a rotation keeps every gradient as long as it "
    "is. The constant in front depends on A, and for non-normal A gradients may grow before they "
    "decay.",
    reconstructed=True,
)

SELECTIVE_HIGHWAY = PAPER.claim(
    "selective-highway",
    title="A selective recurrence has gradient paths that do not shorten with the distance, too",
    parts={
        "closed form": r"h_t=e^{-\Delta_t}h_{t-1}+\Delta_tx_t,\ y_t=h_t:\quad "
        r"\frac{\partial y_n}{\partial x_1}=\Delta_1\prod_{t=2}^{n}e^{-\Delta_t}",
        "highway": r"\Delta_1=\Delta_n=1,\ \Delta_t=\delta\ (1<t<n):\quad "
        r"\frac{\partial y_n}{\partial x_1}\ge e^{-1}\bigl(1-(n-2)\delta\bigr),"
        r"\text{ hence }\ge(1-\varepsilon)e^{-1}\text{ for }\delta\le\varepsilon/(n-2)",
        "steps bounded below": r"\Delta_1=\Delta_n=1,\ \Delta_t\ge\delta>0\ (1<t<n):\quad "
        r"\frac{\partial y_n}{\partial x_1}\le e^{-1}e^{-(n-2)\delta}",
    },
    locus="set against the contrast of attention with stable linear dynamics in the abstract; "
    "reconstructed",
    scope="every n; step sizes read from a coordinate of the token that is not differentiated "
    "along, so that any positive steps are reached by a softplus",
    not_covered="the derivative along the coordinate that sets the step size; whether training "
    "finds such inputs",
    deviation="The quantifier is the one used for attention: some inputs have such a path. The "
    "contrast with attention is therefore one with constant coefficients, or with step sizes that "
    "are bounded below.",
    reconstructed=True,
)

ATTENTION_JACOBIAN = PAPER.claim(
    "attention-jacobian",
    title="The Jacobian of causal softmax attention sees the distance only through the weights",
    parts={
        "earlier token": r"s_{il}=(W_Qx_i)^{\top}W_Kx_l/\sqrt{d_k},\ "
        r"y_i=\sum_{l\le i}\alpha_{il}Vx_l:\quad \frac{\partial y_i}{\partial x_j}=\alpha_{ij}"
        r"\Bigl(V+(Vx_j-y_i)\frac{(W_K^{\top}W_Qx_i)^{\top}}{\sqrt{d_k}}\Bigr)\quad(j<i)",
        "the token itself": r"\frac{\partial y_i}{\partial x_i}=\alpha_{ii}"
        r"\Bigl(V+(Vx_i-y_i)\frac{(W_K^{\top}W_Qx_i)^{\top}}{\sqrt{d_k}}\Bigr)"
        r"+\Bigl(\sum_{l\le i}\alpha_{il}Vx_l(W_Kx_l)^{\top}-y_i\sum_{l\le i}\alpha_{il}"
        r"(W_Kx_l)^{\top}\Bigr)\frac{W_Q}{\sqrt{d_k}}",
    },
    locus="used for the gradient paths named in the abstract; reconstructed",
    scope="every length, every width, every W_Q, W_K, V; causal softmax without position terms",
    not_covered="heads with positional terms in the score, whose weights depend on the distance",
    reconstructed=True,
)


def _dot(left, right):
    return sum(x * y for x, y in zip(left, right, strict=True))


def _image(matrix, vector):
    return [_dot(row, vector) for row in matrix]


GRADIENT_HIGHWAY_ATTENTION = PAPER.claim(
    "gradient-highway-attention",
    title="Attention admits inputs on which the gradient path between two tokens is as good as "
    "direct, at any distance",
    parts={
        "weight": r"x_i=tv,\ x_j=tu,\ x_l=0\text{ otherwise}:\quad "
        r"\alpha_{ij}=\frac{1}{1+(i-2)e^{-\sigma t^2}+e^{-(\sigma-v^{\top}Mv)t^2}}",
        "gradient": r"\Bigl\|\frac{\partial y_i}{\partial x_j}-V\Bigr\|\le(1-\alpha_{ij})\|V\|"
        r"+\alpha_{ij}(1-\alpha_{ij})\,\max_l\|V(x_j-x_l)\|\,\sigma t",
        "limit": r"\Bigl\|\frac{\partial y_i}{\partial x_j}-V\Bigr\|\le(i-1)(1+2\sigma t^2)"
        r"e^{-ct^2}\|V\|,\ c=\min(\sigma,\sigma-v^{\top}Mv)>0,\text{ which tends to }0"
        r"\text{ as }t\to\infty",
        "same at every distance": r"\frac{\partial y_i}{\partial x_{\pi(j)}}(x\circ\pi^{-1})"
        r"=\frac{\partial y_i}{\partial x_j}(x)\text{ for every permutation }\pi"
        r"\text{ of }1,\dots,i-1",
        "bounded scores": r"|s_{il}|\le G\ (l\le i)\ \Longrightarrow\ "
        r"\alpha_{ij}\le\frac{1}{1+(i-1)e^{-2G}}",
        "no score": r"W_K^{\top}W_Q=0\ \Longrightarrow\ "
        r"\frac{\partial y_i}{\partial x_j}=\frac{V}{i}\quad(j<i)",
    },
    hypotheses={
        "singular pair": Hypothesis(
            r"M=W_K^{\top}W_Q/\sqrt{d_k},\ Mv=\sigma u,\ \|u\|=\|v\|=1",
            lambda M, u, v, sigma: (
                all(x == sigma * y for x, y in zip(_image(M, v), u, strict=True))
                and _dot(u, u) == 1
                and _dot(v, v) == 1
            ),
        ),
        "non-zero score": Hypothesis(r"\sigma>0", lambda sigma: sigma > 0),
        "no competing self-score": Hypothesis(
            r"v^{\top}Mv<\sigma\text{ unless }\sigma=0",
            lambda M, v, sigma: sigma == 0 or _dot(v, _image(M, v)) < sigma,
        ),
    },
    instance=lambda: dict(
        M=exact_array([[0, 1], [0, 0]]),
        u=exact_array([1, 0]),
        v=exact_array([0, 1]),
        sigma=exact(1),
    ),
    locus="abstract: attention admits inputs with distance-independent gradient paths; "
    "reconstructed",
    scope="every length, every pair j < i, every value matrix; causal softmax without position "
    "terms in the score",
    not_covered="tokens of bounded size: there the weight, and with it the path, falls like the "
    "reciprocal of the context length, though not with the distance. Scores that are penalised by "
    "the distance need tokens that grow with it",
    deviation="That the score matrix is not zero, that the size of the tokens is not bounded, and "
    "that the later token does not score as high with itself is not stated. In the last case "
    "doubling the earlier token restores the path.",
    reconstructed=True,
    uses=(ATTENTION_JACOBIAN,),
)
