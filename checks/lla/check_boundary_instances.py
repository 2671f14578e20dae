"""The expansions of the bias, held against fits whose integrals are enclosed one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

from flint import acb, arb, fmpq

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.core import Plot, Series, check, enclosure, note, plot
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.paper.lla.boundary_bias import BOUNDARY_CONSTANTS
from attnproof.theory.paper.lla.kernel_smoother import smoother_bias


@dataclass(frozen=True)
class Target:
    """f, its derivatives, and bounds of their absolute values on [0, 1]."""

    name: str
    value: Callable[[acb], acb]
    derivative: Callable[[int, arb], arb]
    largest: Callable[[int], arb]


TARGETS = (
    Target("e^u", lambda u: u.exp(), lambda k, x: x.exp(), lambda k: arb(1).exp()),
    Target(
        "cos 3u",
        lambda u: (3 * u).cos(),
        lambda k, x: 3**k * (3 * x + k * arb.pi() / 2).cos(),
        lambda k: arb(3) ** k,
    ),
    Target(
        "1/(1+u)",
        lambda u: 1 / (1 + u),
        lambda k, x: (-1) ** k * factorial(k) / (1 + x) ** (k + 1),
        lambda k: arb(factorial(k)),
    ),
    Target(
        "u^3",
        lambda u: u**3,
        lambda k, x: factorial(3) / arb(factorial(3 - k)) * x ** (3 - k),
        lambda k: arb(factorial(3)) / factorial(3 - k),
    ),
)

END = (fmpq(0),)
INSIDE = (fmpq(1, 4), fmpq(2, 5), fmpq(1, 2))


def _expansion_holds(points, bandwidths, degree, order, constant, own, remainder) -> None:
    """``|b − c h^r f^{(r)}(x)| ≤ h^{r+1}(Σ_k a_k |f^{(k)}(x)| + B max|f^{(r+1)}|)``."""
    with precision(96):
        for target in TARGETS:
            for point in points:
                for bandwidth in bandwidths:
                    h = arb(bandwidth)
                    bias = smoother_bias(target.value, point, bandwidth, degree)
                    leading = constant * h**order * target.derivative(order, arb(point))
                    size = sum(
                        abs(target.derivative(k, arb(point))) * ball(own[k]) for k in own
                    ) + ball(remainder) * target.largest(order + 1)
                    at_most(
                        abs(bias - leading),
                        h ** (order + 1) * size,
                        "the remainder is larger than stated",
                        f=target.name,
                        x=point,
                        h=bandwidth,
                        bias=bias,
                        leading=leading,
                    )


_END_BANDWIDTHS = (fmpq(1, 4), fmpq(1, 10), fmpq(1, 40), fmpq(1, 200))
_INSIDE_BANDWIDTHS = (fmpq(1, 16), fmpq(1, 40), fmpq(1, 200))


def _slope() -> arb:
    return (2 / arb.pi()).sqrt()


def _curvature() -> arb:
    return (arb.pi() - 4) / (2 * (arb.pi() - 2))


@check(
    BOUNDARY_CONSTANTS,
    part="local constant",
    establishes=enclosure(bound="four functions, h = 1/4, 1/10, 1/40, 1/200"),
    claimed=dict(degree=0, points=END, constant=_slope),
    controls={
        "no bias of order h": dict(constant=lambda: arb(0)),
        "local linear fit": dict(degree=1),
        "query inside": dict(points=INSIDE),
    },
)
def slope_on_instances(degree, points, constant) -> None:
    """``cos 3u`` has no slope at 0: there the bias is of order h² for both fits."""
    _expansion_holds(points, _END_BANDWIDTHS, degree, 1, constant(), {1: fmpq(1, 500)}, fmpq(2, 3))
    with precision(96):
        flat = smoother_bias(TARGETS[1].value, fmpq(0), fmpq(1, 200), degree)
        note(cosine_bias_over_h_squared=(flat * 40000).str(6))


@check(
    BOUNDARY_CONSTANTS,
    part="local linear",
    establishes=enclosure(bound="four functions, h = 1/4, 1/10, 1/40, 1/200"),
    claimed=dict(degree=1, points=END, constant=_curvature),
    controls={
        "constant of the interior": dict(constant=lambda: arb(1) / 2),
        "local constant fit": dict(degree=0),
        "query inside": dict(points=INSIDE),
    },
)
def curvature_on_instances(degree, points, constant) -> None:
    """The bias is negative where f is convex, three quarters of its size inside."""
    _expansion_holds(points, _END_BANDWIDTHS, degree, 2, constant(), {2: fmpq(1, 20)}, fmpq(2))


@check(
    BOUNDARY_CONSTANTS,
    part="interior",
    establishes=enclosure(bound="four functions, x = 1/4, 2/5, 1/2, h = 1/16, 1/40, 1/200"),
    claimed=dict(points=INSIDE, constant=lambda: arb(1) / 2),
    controls={
        "query at the end": dict(points=END),
        "constant of the end": dict(constant=_curvature),
        "no bias": dict(constant=lambda: arb(0)),
    },
)
def inside_on_instances(points, constant) -> None:
    """Both fits."""
    own = {1: fmpq(1, 20), 2: fmpq(1, 20)}
    for degree in (0, 1):
        _expansion_holds(points, _INSIDE_BANDWIDTHS, degree, 2, constant(), own, fmpq(1, 3))


@plot(BOUNDARY_CONSTANTS)
def bias_across_the_interval() -> Plot:
    """f(u) = e^u, h = 1/20."""
    points = [fmpq(i, 80) for i in range(81)]
    with precision(64):
        curves = [
            [float(smoother_bias(TARGETS[0].value, x, fmpq(1, 20), degree)) for x in points]
            for degree in (0, 1)
        ]
    places = [float(x) for x in points]
    return Plot(
        title="Bias of the two fits to e^u on [0, 1], h = 1/20",
        x_label="query",
        y_label="bias",
        series=[
            Series(label="softmax attention (local constant)", x=places, y=curves[0]),
            Series(label="local linear attention", x=places, y=curves[1]),
        ],
        caption="Inside both err by h²f''/2; near the ends the local constant fit errs by order h.",
    )
