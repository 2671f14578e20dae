"""Pointer Networks: claims."""

from __future__ import annotations

from itertools import pairwise

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.catalogue import CATALOGUE
from attnproof.theory.paper.exact_values import exact, exact_array

PAPER = CATALOGUE["pointer-net"]
PAPER.contribution = (
    "Attention is used as the output itself: a decoder points at positions of its input, so that "
    "the output dictionary grows with the input. Applied to planar convex hulls, Delaunay "
    "triangulations and short tours."
)


def _steep_enough(K, delta) -> bool:
    """``e^{Kδ} δ > 8 cosh² 2``, decided by balls."""
    from flint import arb

    from attnproof.theory.algebra.ball import ball

    left, right = (ball(K) * ball(delta)).exp() * ball(delta), 8 * arb(2).cosh() ** 2
    if not (left > right or left <= right):
        raise ArithmeticError("the balls overlap: take another K")
    return bool(left > right)


def _gaps_of_at_least(inputs, delta) -> bool:
    values = sorted(inputs)
    return all(high - low >= delta for low, high in pairwise(values))


def _without_crossings(polygon) -> bool:
    from attnproof.theory.algebra.plane_geometry import is_simple

    return is_simple(polygon)


SOURCE = "arXiv:1506.03134v2"
SCORES = r"u_j=v^{\top}\tanh(W_1e_j+W_2d)"

VALID_DISTRIBUTION = PAPER.claim(
    "valid-distribution",
    title="The pointing step gives a distribution over the positions of its input, of any length, "
    "with the same parameters",
    parts={
        "distribution": r"p_j=\frac{e^{u_j}}{\sum_{l\le n}e^{u_l}}:\quad "
        r"p_j>0\ (j\le n),\quad\sum_{j\le n}p_j=1\quad\text{for every }n\ge1",
        "any length": SCORES + r":\quad u\in\mathbb R^n\text{ for every }n,"
        r"\text{ with }v\in\mathbb R^a,\ W_1\in\mathbb R^{a\times h},\ "
        r"W_2\in\mathbb R^{a\times g}\text{ that do not depend on }n",
        "restricted": r"S\subseteq\{1,\dots,n\},\ S\ne\emptyset,\ "
        r"p_j=\frac{e^{u_j}[j\in S]}{\sum_{l\in S}e^{u_l}}:\quad "
        r"p\ge0,\ \sum_jp_j=1,\ p_j=0\text{ exactly for }j\notin S",
    },
    hypotheses={
        "a position is allowed": Hypothesis(
            r"S\ne\emptyset\quad(\text{third part})", lambda allowed: any(map(bool, allowed))
        )
    },
    instance=lambda: dict(allowed=[True, False]),
    locus="section 2.3; the restriction to valid tours in section 4.4",
    source=SOURCE,
    scope="every n, every state and parameter",
    not_covered="floating point, in which a small weight can become zero",
    reconstructed=True,
)

EQUIVARIANCE = PAPER.claim(
    "equivariance",
    title="A pointer network with its recurrent encoder does not depend on the order in which its "
    "input is given",
    statement=r"p(C=\pi(j)\mid P\circ\pi^{-1})=p(C=j\mid P)\quad\text{for every permutation }\pi,"
    r"\quad e_1,\dots,e_n\text{ and }d\text{ the states of an LSTM on }P_1,\dots,P_n",
    locus="the inputs are sets of points (section 3); the reading that the order they are fed in "
    "is immaterial is not the paper's",
    source=SOURCE,
    scope="every n and every parameter of the LSTM, its final state being the first of the decoder",
    deviation="The tasks are about sets, the network about sequences.",
    reconstructed=True,
)

EQUIVARIANT_STEP = PAPER.claim(
    "equivariance-step",
    title="The pointing step is permutation equivariant in the encoder states, and the network is "
    "in its inputs if the encoder reads them as a set",
    parts={
        "step": r"(\Pi e)_{\pi(j)}=e_j:\quad u_{\pi(j)}(\Pi e,d)=u_j(e,d),\quad "
        r"p_{\pi(j)}(\Pi e,d)=p_j(e,d)",
        "set encoder": r"e_j=F\bigl(P_j,\textstyle\sum_lG(P_l)\bigr),\ "
        r"d=D\bigl(\textstyle\sum_lG(P_l)\bigr):\quad "
        r"p(C=\pi(j)\mid\Pi P)=p(C=j\mid P)",
    },
    locus="section 2.3",
    source=SOURCE,
    scope="every n, every parameter, all functions F, G and D; later steps as well, as the decoder "
    "is fed with the input that was pointed at",
    not_covered="ties, where which position is taken depends on the order",
    amends=EQUIVARIANCE,
    reconstructed=True,
)


NOT_BLENDING = PAPER.claim(
    "not-blending",
    title="Pointing stays in the input set; blending with softmax weights never gives a vertex of "
    "its hull",
    parts={
        "pointing": r"C\in\{1,\dots,n\}\ \Longrightarrow\ P_C\in\{P_1,\dots,P_n\}",
        "in the hull": r"y=\sum_jp_jP_j,\ p\ge0,\ \sum_jp_j=1:\quad "
        r"f(y)\le\max_jf(P_j)\text{ for every linear form }f",
        "never a vertex": r"f(P_m)>f(P_j)\text{ for all }P_j\ne P_m,\ p_j>0\ (j\le n)"
        r"\ \Longrightarrow\ f(y)<f(P_m),\text{ so }y\ne P_m",
        "an inner input": r"P=(-1,0,1),\ p=(\tfrac13,\tfrac13,\tfrac13):\quad y=0=P_2",
    },
    hypotheses={
        "positive weights": Hypothesis(
            r"p_j>0\quad(\text{third part})",
            lambda weights: all(entry > 0 for entry in weights),
        ),
        "another point": Hypothesis(
            r"P_j\ne P_m\text{ for some }j\quad(\text{third part})",
            lambda points: any((point != points[0]).any() for point in points),
        ),
    },
    instance=lambda: dict(
        weights=exact_array(["1/2", "1/2"]), points=exact_array([[0, 0], [1, 0]])
    ),
    locus="section 2.3: no blending of the encoder states, as in content-based attention",
    source=SOURCE,
    scope="every n, every dimension",
    not_covered="that every vertex of a polytope has such a linear form, which is classical",
    deviation="A blend can equal an input that is no vertex, without the weights being one-hot.",
    reconstructed=True,
)


ADDITIVE_SUCCESSOR = PAPER.claim(
    "additive-successor",
    title="Two tanh units point at the next larger input, and so sort any number of inputs",
    parts={
        "form": r"v=(4,-1),\ W_1=\begin{pmatrix}K\\1\end{pmatrix},\ "
        r"W_2=\begin{pmatrix}-K&-\tfrac{K\delta}2\\-1&0\end{pmatrix},\ e_j=x_j,\ d=(c,1):"
        r"\quad v^{\top}\tanh(W_1e_j+W_2d)=4\tanh\bigl(K(x_j-c)-\tfrac{K\delta}2\bigr)"
        r"-\tanh(x_j-c)",
        "successor": r"x_j\in[0,1],\ c=-1\text{ or }c\in\{x_j\}:\quad x_j\le c<x_l"
        r"\ \Longrightarrow\ u_j<u_l,\qquad c<x_j<x_l\ \Longrightarrow\ u_j>u_l,"
        r"\quad\text{so that }\arg\max_ju_j\text{ is the smallest input above }c,\text{ and from }"
        r"c=-1\text{ on the inputs are pointed at in their order}",
    },
    hypotheses={
        "gaps": Hypothesis(
            r"|x_j-x_l|\ge\delta>0\quad(j\ne l)",
            lambda inputs, delta: _gaps_of_at_least(inputs, delta),
        ),
        "steep enough": Hypothesis(
            r"K>\frac1\delta\log\frac{8\cosh^22}{\delta}",
            lambda K, delta: _steep_enough(K, delta),
        ),
    },
    instance=lambda: dict(
        inputs=[exact(0), exact("1/2"), exact(1)], delta=exact("1/2"), K=exact(12)
    ),
    locus="section 2.3, the form of the score; the construction is not in the paper",
    source=SOURCE,
    scope="every n, every δ ≤ 1, distinct inputs",
    not_covered="whether training finds these weights; what happens after the largest input",
    reconstructed=True,
)


DOT_PRODUCT = PAPER.claim(
    "dot-product-extreme-points",
    title="A dot-product pointer with linear keys singles out only vertices of the hull of its "
    "keys; with keys lifted to a paraboloid it singles out any",
    parts={
        "inner keys": r"u_j=k_j^{\top}q,\ k_m=\sum_{l\ne m}\lambda_lk_l,\ \lambda\ge0,\ "
        r"\sum_l\lambda_l=1\ \Longrightarrow\ u_m\le\max_{l\ne m}u_l\text{ for every }q",
        "thirty points": r"k_j=(3^j\bmod149,\ 2^{j^2}\bmod149),\ j\le30:\quad "
        r"\text{for the }9\text{ vertices of the hull some }q\text{ has }u_m>u_l\ (l\ne m),"
        r"\text{ for the other }21\text{ none}",
        "lift": r"k_j=(x_j,\|x_j\|^2),\ q=(2c,-1):\quad u_j=\|c\|^2-\|x_j-c\|^2",
        "every point": r"k_j=(x_j,\|x_j\|^2),\ q=(2x_m,-1)\ \Longrightarrow\ "
        r"u_m-u_j=\|x_j-x_m\|^2>0\quad(x_j\ne x_m)",
        "circle": r"d=2,\ o\text{ the circumcentre of }x_1,x_2,x_3\text{ (a left turn)},\ "
        r"q=(2o,-1):\quad u_1=u_2=u_3,\quad u_4-u_1=\frac{\operatorname{incircle}"
        r"(x_1,x_2,x_3,x_4)}{\operatorname{orient}(x_1,x_2,x_3)}",
        "Delaunay": r"x_j=(3^j\bmod149,\ 2^{j^2}\bmod149),\ j\le25:\quad \text{the largest "
        r"scores of }q=(2o,-1)\text{ are those of exactly }x_a,x_b,x_c,\ o\text{ being their "
        r"circumcentre, for the }40\text{ triangles of the lower hull of the lift, which are "
        r"the Delaunay triangles}",
    },
    locus="section 2.3, against dot-product scores; sections 3.1 and 3.2 for the tasks",
    source=SOURCE,
    scope="every n, d and q in the first, third and fourth part",
    not_covered="that every vertex of any polytope is singled out by some q, which is classical. "
    "Softmax with a bounded q does not single out, but weighs",
    deviation="Additive scores single out inner points without a lift: the successor construction "
    "does.",
    reconstructed=True,
)

TASKS = PAPER.claim(
    "tasks",
    title="Ground truths and metrics of the planar tasks",
    parts={
        "hull": r"j\text{ follows }i\text{ on the hull, counter-clockwise}\iff "
        r"\operatorname{orient}(P_i,P_j,P_l)>0\text{ for every other }l,\text{ or }"
        r"P_l\text{ lies between }P_i\text{ and }P_j",
        "area coverage": r"Q\text{ a polygon without crossings on some of the points}:\quad "
        r"0<\frac{\operatorname{area}Q}{\operatorname{area}\operatorname{conv}P}\le1,\text{ and }1"
        r"\text{ exactly if }Q\text{ visits all vertices of the hull in their order, and else "
        r"only points on its edges}",
        "crossings": r"(0,0),(1,1),(1,0),(0,1):\quad \sum_i\det(Q_i,Q_{i+1})=0;\qquad "
        r"\text{and }|\textstyle\sum_i\det(Q_i,Q_{i+1})|\text{ exceeds that of the hull for }"
        r"Q_i=P_{2i\bmod7}\text{ on a heptagon}",
        "valid tours": r"C_t=\arg\max_{j\notin\{C_1,\dots,C_{t-1}\}}u^t_j\ (t\le n)"
        r"\ \Longrightarrow\ (C_1,\dots,C_n)\text{ is a permutation, for every }u",
    },
    hypotheses={
        "no crossings": Hypothesis(
            r"Q\text{ does not cross itself}\quad(\text{second part})", _without_crossings
        )
    },
    instance=lambda: dict(polygon=[(0, 0), (1, 0), (0, 1)]),
    locus="sections 3 and 4.2 to 4.4",
    source=SOURCE,
    scope="points of the plane",
    not_covered="the accuracies in the tables of the paper, which take training; that the shoelace "
    "sum is the area of a polygon without crossings, which is classical; optimal tours",
    deviation="The area of a predicted polygon means its coverage only if it does not cross "
    "itself; the paper reports a failure where more than one in a hundred do.",
    reconstructed=True,
)

LENGTH_GENERALISATION = PAPER.claim(
    "length-generalisation",
    title="Fixed weights sort inputs of every length only where visited positions are excluded; "
    "without that they need a distance between the inputs",
    parts={
        "a distance is needed": r"|u(x,c)-u(c,c)|\le L|x-c|,\ u(y,c)>u(c,c)\ \Longrightarrow\ "
        r"u(x,c)<u(y,c)\text{ for }c<x<y\text{ with }x-c<\frac{u(y,c)-u(c,c)}L,"
        r"\text{ so on the inputs }c,x,y\text{ not }x\text{ follows }c",
        "steepness": r"u(x,c)=v^{\top}\tanh(W_1x+W_2d(c)):\quad "
        r"|u(x,c)-u(c,c)|\le L|x-c|,\ L=\sum_a|v_a||(W_1)_a|",
        "two units": r"\text{the construction for }\delta=\tfrac14,\ c=0,\ x=\tfrac1{100},\ "
        r"y=\tfrac12:\quad u(x,c)<u(y,c)",
        "exclusion": r"u_j=-\tanh x_j,\ C_t=\arg\max_{j\notin\{C_1,\dots,C_{t-1}\}}u_j:\quad "
        r"x_{C_1}<x_{C_2}<\dots<x_{C_n}\text{ for every }n\text{ and distinct }x_j",
    },
    locus="abstract: the models generalise beyond the maximum lengths they were trained on; "
    "reconstructed",
    source=SOURCE,
    scope="sorting, encoder states that depend on their own input only, decoder states that depend "
    "on the last output, every such score that is continuous",
    not_covered="recurrent encoders and decoders, which can carry more; what training finds, and "
    "how accuracy falls with the length",
    deviation="The abstract names no measure. This says what one set of weights can do at best: as "
    "more inputs are put into an interval, two of them come close.",
    reconstructed=True,
)
