"""How many softmax heads with a zero-value sink a recurrence takes: the proofs."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.heads_ssm.softmax_heads import ZERO_VALUE_SINK

a, c, z, sink, so_far, added, first, k, s, T, t, R, q, K = scalars(
    "a c z sink so_far added first k s T t R q K"
)
near, far, shift, weight = scalars("near far shift weight")
V, M, Y, u, e, b, W, U, G, w = letters("V M Y u e b W U G w")


@check(
    ZERO_VALUE_SINK,
    part="scaling",
    establishes=proof(over="every n, H, every weights and value maps", by="free algebra"),
    claimed=dict(denominator=sink + so_far, value=c * V, room=lambda total: c - total),
    controls={
        "no sink": dict(denominator=so_far),
        "value maps not scaled": dict(value=V),
        "lags taken off twice": dict(room=lambda total: c - 2 * total),
    },
)
def weights_become_a_softmax(denominator, value, room) -> None:
    """With sink = c − Σ_{τ<i} a(τ), the denominator sink + so_far is c for every i, where
    so_far = Σ_{l≤i} a(i − l) has the same terms. So α = a z with z c = 1, and α c v = a v; the sum
    over the heads is M. The sink is positive because c exceeds the sum over all lags."""
    model = {
        **{name: rational(value) for name, value in dict(c=5, z="1/5", a=2, so_far=3).items()},
        **{"sink": rational(2), "added": rational(1), "V": rational_array([[1, 2], [0, 1]])},
    }
    follows(
        z * denominator - 1,
        using=[(z, sink - (c - so_far), 1), (1, z * c - 1, 1)],
        models=[model],
        message="the weights are not a over c",
    )
    follows(
        a * z * value - a * V,
        using=[(a, z * c - 1, V)],
        models=[model],
        message="weight times value is another operator",
    )
    entails(
        room(so_far) - near,
        given={"all lags": c - so_far - added - near, "the lags to come": added, "c": near},
        certificate=[(1, ["all lags"], []), (1, ["the lags to come"], [])],
        models=[
            {name: rational(entry) for name, entry in dict(c=4, so_far=2, added=1, near=1).items()}
        ],
        message="the sink is not positive",
    )


@check(
    ZERO_VALUE_SINK,
    part="half space needed",
    establishes=proof(
        over="every n, k and (A, B, C) (induction over the heads)",
        by="free algebra and non-negative combination",
    ),
    claimed=dict(form=1, next_sum=lambda total: total + added),
    controls={
        "form that vanishes on the head": dict(form=0),
        "form of the other sign": dict(form=-1),
        "negative weight": dict(next_sum=lambda total: total - added),
    },
)
def values_of_the_form_are_sums_of_weights(form, next_sum) -> None:
    """The M_τ span k dimensions and lie in the span of k value maps, which are therefore
    independent, so that a linear form u with u(V_h) = 1 exists (classical). Written as a row acting
    on vec: with Y = Σ α_h V_h so far and u Y = so_far, a head more gives
    u (Y + added V) = so_far + added. The sum stays at least as large as its first, positive
    term."""
    follows(
        u * (Y + added * V) - next_sum(so_far),
        using=[(1, u * Y - so_far, 1), (added, u * V - form, 1)],
        models=[
            {
                **{"u": rational_array([[1, 1]]), "Y": rational_array([[2], [1]])},
                **{"V": rational_array([[form], [0]]), "so_far": rational(3)},
                **{"added": rational(2)},
            }
        ],
        message="the form takes another value",
    )
    entails(
        next_sum(so_far) - first,
        given={"so far": so_far - first, "added": added, "first": first},
        certificate=[(1, ["so far"], []), (1, ["added"], [])],
        message="the sum of the weights falls below its first term",
    )


@check(
    ZERO_VALUE_SINK,
    part="half space suffices",
    establishes=proof(
        over="every n, k and linear form (induction over the basis)",
        by="free algebra and non-negative combination",
    ),
    claimed=dict(side=1, opposite=1, spread=lambda k: 2 * k - 1),
    controls={
        "sides pointing the other way": dict(side=-1),
        "last vector without the sides": dict(opposite=0),
        "spread of k only": dict(spread=lambda k: k),
        "no condition on the spread": dict(spread=lambda k: 0 * k),
    },
)
def a_wide_simplicial_cone_holds_them(side, opposite, spread) -> None:
    """Coordinates w = s e + Σ_c t_c b_c with s = u(w) > 0, c < k, and |t_c| ≤ R s. Take
    v_c = e + K b_c, v_k = e − K Σ b_c, q = 1/K and

        k a_k = s − q Σ t,  a_c = a_k + q t_c,  so that K (a_c − a_k) = t_c and Σ a = s.

    Identity, by induction over c: with Y = Σ a_c e + Σ t_c b_c for the vectors so far, of which
    v_k contributes −K a_k b_c to each, one more adds a (e + K b) − a_k K b = a e + t b. At the end
    a_k e is added, and Σ a = s.

    Positivity: k a ≥ s (1 − (2k − 1) R q) for both kinds, where T = Σ t has T ≤ (k − 1) R s; K is
    chosen above (2k − 1) R.
    """
    model = {
        **{"e": rational_array([[1], [0]]), "b": rational_array([[2], [1]]), "K": rational(5)},
        **{"near": rational(2), "far": rational(1), "t": rational(5), "k": rational(2)},
        **{"q": rational("1/5"), "s": rational(3), "T": rational(5)},
    }
    follows(
        near * (e + side * K * b) - opposite * far * K * b - (near * e + t * b),
        using=[(1, K * (near - far) - t, b)],
        models=[model],
        message="the vectors make up another one",
    )
    follows(
        K * (near - far) - t,
        using=[(K, near - far - q * t, 1), (t, K * q - 1, 1)],
        models=[model],
        message="the weights differ by something else",
    )
    follows(
        (k - 1) * far + q * T + far - s,
        using=[(1, k * far - (s - q * T), 1)],
        models=[model | {"far": rational(1)}],
        message="the weights sum to something else",
    )
    entails(
        (k - 1) * R * s + R * s - (T + t),
        given={"so far": (k - 1) * R * s - T, "entry": R * s - t},
        certificate=[(1, ["so far"], []), (1, ["entry"], [])],
        message="the entries add up to more",
    )
    given = {
        **{"sum": (k - 1) * R * s - T, "low": R * s + t, "high": R * s - t, "q": q, "s": s, "R": R},
        "k": k - 1,
    }
    tight = {name: rational(value) for name, value in dict(k=2, R=1, s=1, T=1, t=-1, q=1).items()}
    looser = tight | {"k": rational(3), "T": rational(2)}
    floor = s * (1 - spread(k) * R * q)
    entails(
        s - q * T + k * q * t - floor,
        given=given,
        certificate=[(1, ["q", "sum"], []), (1, ["q", "low", "k"], []), (1, ["q", "low"], [])],
        models=[tight, looser],
        message="a weight of the first k − 1 is smaller",
    )
    entails(
        s - q * T - floor,
        given=given,
        certificate=[
            (1, ["q", "sum"], []),
            (1, ["q", "R", "s", "k"], []),
            (1, ["q", "R", "s"], []),
        ],
        models=[tight, looser],
        message="the last weight is smaller",
    )


@check(
    ZERO_VALUE_SINK,
    part="one head more",
    establishes=proof(over="every n, k and (A, B, C) (induction over the coordinates)"),
    claimed=dict(sign=-1, floor=0),
    controls={
        "last vector of the other sign": dict(sign=1),
        "last vector left out": dict(sign=0),
        "shift below the coordinates": dict(floor=-1),
    },
)
def opposite_vector_lifts_all_weights(sign, floor) -> None:
    """Coordinate c brings (w + λ) U_c, and −λ U_c through the last head: w U_c. With Y = V for the
    coordinates so far, it is (Y + …) = V + w U. All weights are positive for λ > max(0, −w)."""
    follows(
        Y + (weight + shift) * U + sign * shift * U - (V + weight * U),
        using=[(1, Y - V, 1)],
        models=[
            {
                **{"Y": rational_array([[1], [2]]), "V": rational_array([[1], [2]])},
                **{"U": rational_array([[1], [1]]), "shift": rational(2)},
                **{"weight": rational(-1)},
            }
        ],
        message="the heads make up another operator",
    )
    entails(
        weight + shift - near,
        given={"margin": near, "shift": weight + shift - near - floor},
        certificate=[(1, ["shift"], [])],
        message="a weight is not positive",
    )


@check(
    ZERO_VALUE_SINK,
    part="certificate",
    establishes=proof(
        over="every n and k (induction over the combination)",
        by="free algebra and non-negative combination",
    ),
    claimed=dict(entry=lambda value: added * value, strict=1),
    controls={
        "coefficients of either sign": dict(entry=lambda value: -added * value),
        "coefficients forgotten": dict(entry=lambda value: value),
        "nothing positive": dict(strict=-1),
    },
)
def a_positive_combination_excludes_the_half_space(entry, strict) -> None:
    """The direction of Gordan's theorem that is used. Let u(M_τ) > 0 for all τ, and G = Σ λ_τ M_τ
    so far, u G = so_far. Then u (G + added M) = so_far + added u(M), and the sum is at least its
    first term with λ_τ > 0, first = λ_τ u(M_τ) > 0. At the end G = 0 and so 0 ≥ first, which is
    impossible."""
    value = weight
    follows(
        u * (G + added * M) - (so_far + entry(value)),
        using=[(1, u * G - so_far, 1), (added, u * M - value, 1)],
        models=[
            {
                **{"u": rational_array([[1, 2]]), "G": rational_array([[1], [1]])},
                **{"M": rational_array([[1], [0]]), "so_far": rational(3)},
                **{"added": rational(2), "weight": rational(1)},
            }
        ],
        message="the form takes another value",
    )
    entails(
        so_far + entry(value) - first,
        given={"so far": so_far - first, "lambda": added, "u(M)": value},
        certificate=[(1, ["so far"], []), (1, ["lambda", "u(M)"], [])],
        message="the sum falls below its first term",
    )
    # u G = so_far and G = 0 give so_far = 0; with so_far ≥ first the first term is not positive.
    entails(
        -1 * strict * first,
        given={"sum": so_far - first, "zero": -1 * so_far},
        certificate=[(1, ["sum"], []), (1, ["zero"], [])],
        message="the first term stays positive",
    )


@check(
    ZERO_VALUE_SINK,
    part="sink of one size",
    establishes=proof(over="every n ≥ 2, every recurrence, one head"),
    claimed=dict(later=sink + near + added, numerator=near),
    controls={
        "sink that makes room": dict(later=sink + near),
        "logits that depend on both positions": dict(numerator=far),
    },
)
def the_denominator_grows(later, numerator) -> None:
    """With near = e^{ℓ(0)} and added = e^{ℓ(1)} > 0: (sink + near) M_0 = near V at i = 1, and
    (sink + near + added) M_0 = near V at i = 2. The difference is added M_0 = 0, so M_0 = 0; hence
    V = 0, since near > 0, and every M_τ = α V is zero."""
    masses = {"sink": rational(1), "near": rational(1), "added": rational(2), "far": rational(2)}
    follows(
        added * M,
        using=[(1, later * M - numerator * V, 1), (-1, (sink + near) * M - near * V, 1)],
        models=[
            masses | {"M": rational_array([[0]]), "V": rational_array([[0]])},
            masses | {"M": rational_array([[1]]), "V": rational_array([[2]])},
        ],
        message="the two tokens do not contradict each other",
    )
