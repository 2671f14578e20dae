"""Keys of one norm: a sphere has no boundary, and affine functions on it are curved."""

from __future__ import annotations

from ._paper import PAPER

_SETTING = (
    "keys spread evenly on the circle, weights e^{cos(u−x)/h²}, as softmax attention has them for "
    "normalised queries and keys; values cos(mu); "
)

SPHERE_NO_BOUNDARY = PAPER.claim(
    "sphere-no-boundary",
    title="Softmax attention pays for a boundary with normalised keys, too",
    statement=r"\exists c,h_0>0:\ \max_x|b^{\mathrm{NW}}_h(x)|\ge c\,h\quad(0<h<h_0)"
    r"\ \text{for keys of norm }1",
    locus="the rates, read for normalised queries and keys",
    scope=_SETTING + "m = 2",
    not_covered="keys that leave a part of the sphere empty: the ends of their support act as a "
    "boundary (the repair)",
    deviation="the paper does not state its rates for normalised keys; this is the reading that "
    "normalised layers suggest.",
    reconstructed=True,
)

SPHERE_RATES = PAPER.claim(
    "sphere-no-boundary-orders",
    title="On a full circle: h² for softmax attention, h⁴ for affine fits in the ambient plane",
    parts={
        "local constant": r"\Bigl|\frac{I_m(h^{-2})}{I_0(h^{-2})}-1+\frac{m^2}{2}h^2\Bigr|\le "
        r"m^4h^4,\quad b^{\mathrm{NW}}_h(x)=\Bigl(\frac{I_m(h^{-2})}{I_0(h^{-2})}-1"
        r"\Bigr)\cos mx",
        "tangent line": r"b^{\mathrm{tangent}}_h=b^{\mathrm{NW}}_h",
        "ambient plane": r"\Bigl|b^{\mathrm{LLA}}_h(x)+\frac{m^2(m^2-1)}{8}h^4\cos mx\Bigr|\le "
        r"m^6h^6",
    },
    locus="reconstructed",
    source="arXiv:2510.01450 for the fits; Watson, Theory of Bessel Functions, for I_m",
    scope=_SETTING + "1 ≤ m ≤ 6, 0 < h ≤ 1/6; the tangent fit is affine in sin(u − x)",
    not_covered="spheres of more dimensions; a ridge, which removes the gain of the ambient fit "
    "where it is large against h⁴, the variance across the circle",
    reconstructed=True,
    amends=SPHERE_NO_BOUNDARY,
)
