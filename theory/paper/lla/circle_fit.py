"""Local fits to keys on the unit circle, from their defining integrals."""

from __future__ import annotations

from collections.abc import Callable

from flint import acb, acb_mat, arb

# What the output is a linear function of, by the angle t between key and query.
REGRESSORS: dict[str, tuple[Callable[[acb], acb], ...]] = {
    "local constant": (lambda angle: angle**0,),
    "tangent line": (lambda angle: angle**0, lambda angle: angle.sin()),
    "ambient plane": (
        lambda angle: angle**0,
        lambda angle: angle.sin(),
        lambda angle: angle.cos() - 1,
    ),
}


def circle_bias(
    target: Callable[[acb], acb],
    query: object,
    bandwidth: object,
    fit: str,
    *,
    support: tuple[object, object] | None = None,
    density: Callable[[acb], acb] = lambda place: place**0,
) -> arb:
    """``â − f(x)``, where â is the intercept of the least-squares fit of ``f(x + t)`` on the
    regressors of ``fit``, with the weights ``p(x + t) e^{(cos t − 1)/h²}``.

    Args:
        target: f, entire, on complex balls; query: x; bandwidth: h.
        fit: a key of `REGRESSORS`.
        support: the angles a < b between which keys lie; the whole circle if not given.
        density: p, entire, up to a factor.

    Raises:
        ZeroDivisionError: the normal matrix is not provably regular at the working precision.
    """
    place, sharpness = acb(query), 1 / acb(bandwidth) ** 2
    if support is None:
        lower, upper = -acb.pi(), acb.pi()
    else:
        lower, upper = acb(support[0]) - place, acb(support[1]) - place

    def moment(integrand: Callable[[acb], acb]) -> acb:
        def weighted(angle: acb, _: bool) -> acb:
            weight = density(place + angle) * ((angle.cos() - 1) * sharpness).exp()
            return weight * integrand(angle)

        return acb.integral(weighted, lower, upper)

    columns = REGRESSORS[fit]
    normal = acb_mat([[moment(lambda t, a=a, b=b: a(t) * b(t)) for b in columns] for a in columns])
    right = acb_mat([[moment(lambda t, a=a: a(t) * target(place + t))] for a in columns])
    return (normal.solve(right)[0, 0] - target(place)).real
