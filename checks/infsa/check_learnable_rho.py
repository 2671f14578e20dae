"""The gradient of the discount: attached, and read out as a plain number."""

from __future__ import annotations

from collections.abc import Iterator

from attnproof.theory.algebra.dual import Dual, derivative_of, detach, value_of
from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    plot,
    proof,
    refute_unless,
    sampled,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.infinite_self_attention import infinite_self_attention
from attnproof.theory.operator.linear_infinite_self_attention import (
    linear_infinite_self_attention,
)
from attnproof.theory.paper.infsa.attention_map import LEARNABLE_RHO, LEARNABLE_RHO_ATTACHED
from attnproof.theory.paper.infsa.rational_frobenius import queries_with_rational_frobenius_norm
from attnproof.theory.paper.infsa.rational_norm_rows import rational_norm_rows
from attnproof.theory.paper.infsa.rectified_scores import rectified_scores

VARIANTS = (infinite_self_attention, linear_infinite_self_attention)


def _sigmoid(odds):
    """``ρ = 1/(1 + e^{-θ}) = x/(1 + x)`` with odds ``x = e^θ``, for which ``dx/dθ = x``."""
    moving = Dual(odds, odds)
    return moving / (1 + moving)


def _attached(number):
    return number


def _in_the_parameter(rho, inner):
    return (1 - rho) * inner


def _in_the_discount(rho, inner):
    return inner / rho


QUERY = rational_array([[3, 0], [0, 4]])
KEY = rational_array([[1, 0], [0, 1]])
VALUE = rational_array([[1], [2]])


def _gradients(variant, readout, odds, query, key, value, cotangent):
    """ρ, ⟨G, Y⟩ and the derivative of ⟨G, Y⟩ in θ as the forward pass carries it."""
    rho = readout(_sigmoid(odds))
    output = variant(query, key, value, rho)
    inner = (cotangent * value_of(output)).sum()
    return detach(rho), inner, (cotangent * derivative_of(output)).sum()


@check(
    LEARNABLE_RHO,
    establishes=counterexample(over="the released forward pass, both variants"),
    claimed=dict(readout=detach, closed_form=_in_the_parameter),
    controls={
        "attached, but the derivative in the discount": dict(
            readout=_attached, closed_form=_in_the_discount
        ),
        "attached, opposite sign": dict(
            readout=_attached, closed_form=lambda rho, inner: (rho - 1) * inner
        ),
        "attached, derivative of the sigmoid once more": dict(
            readout=_attached, closed_form=lambda rho, inner: rho * (1 - rho) * inner
        ),
    },
    repairs={"discount stays attached": dict(readout=_attached)},
)
def gradient_after_reading_out(readout, closed_form) -> None:
    """Two tokens, default discount 19/20 (odds 19), G = 1: the derivative that the forward pass
    carries to θ, against the closed form."""
    odds, cotangent = rational(19), rational_array([[1], [1]])
    carried, derivative = {}, {}
    for variant in VARIANTS:
        rho, inner, carried[variant.__name__] = _gradients(
            variant, readout, odds, QUERY, KEY, VALUE, cotangent
        )
        derivative[variant.__name__] = closed_form(rho, inner)
    for name, gradient in carried.items():
        refute_unless(
            gradient == derivative[name],
            f"the gradient that reaches the parameter of {name} is not the derivative of the loss",
            query=QUERY,
            key=KEY,
            value=VALUE,
            odds=odds,
            gradient_carried=carried,
            derivative=derivative,
        )


A, V, GT, AT, VT, G = letters("A V Gt At Vt G")
RHO, STEP, ODDS, RATE, INVERSE, INNER = scalars("rho h x slope r g")


def _map_model() -> dict[str, object]:
    """Two tokens and the normalised map of the definition, without its discount."""
    hop = infinite_self_attention(QUERY, KEY, rational_array([[1, 0], [0, 1]]), rational(1))
    return {
        **{"A": hop, "At": hop.T, "V": VALUE, "Vt": VALUE.T, "G": VALUE, "Gt": VALUE.T},
        **{"rho": rational("19/20"), "h": rational("1/40")},
    }


@check(
    LEARNABLE_RHO_ATTACHED,
    part="in the discount",
    establishes=proof(over="every N, every map that does not depend on ρ, every increment"),
    claimed=dict(output=lambda rho: rho * A * V, scale=RHO),
    controls={
        "not divided by the discount": dict(scale=FreeElement.one()),
        "divided by the discount twice": dict(scale=RHO * RHO),
        "second hop added": dict(output=lambda rho: rho * A * V + rho * rho * A * A * V),
        "residual connection inside": dict(output=lambda rho: V + rho * A * V),
    },
)
def output_is_linear_in_the_discount(output, scale) -> None:
    """Y(ρ + h) − Y(ρ) = h ÂV for every h, and ρ ÂV = Y(ρ); so ρ dY/dρ = Y, and
    ρ dL/dρ = ⟨G, ρ dY/dρ⟩ = ⟨G, Y⟩ by the chain rule.

    Machine-checked: the increment and the inner products as traces. Classical: the chain rule.
    """
    model = _map_model()
    follows(
        scale * (output(RHO + STEP) - output(RHO)) - STEP * output(RHO),
        models=[model],
        message="ρ times the increment is not h times the output",
    )
    equal_traces(
        scale * GT * A * V,
        VT * AT * G * RHO,
        transposes={"A": "At", "V": "Vt", "G": "Gt"},
        models=[model],
        message="the inner products differ",
    )


def _scalar_model(odds: str) -> dict[str, object]:
    x = rational(odds)
    rho = x / (1 + x)
    return {"x": x, "r": 1 / (1 + x), "rho": rho, "slope": rho * (1 - rho), "g": rational(7)}


@check(
    LEARNABLE_RHO_ATTACHED,
    part="in the parameter",
    establishes=proof(over="every N, every parameter θ, every ⟨G, Y⟩"),
    claimed=dict(factor=1 - RHO),
    controls={
        "discount instead of its complement": dict(factor=RHO),
        "derivative of the sigmoid once more": dict(factor=RHO * (1 - RHO)),
        "detached": dict(factor=FreeElement.constant(0)),
        "opposite sign": dict(factor=RHO - 1),
    },
)
def chain_rule_through_the_sigmoid(factor) -> None:
    """With odds x = e^θ, dx/dθ = x: from ρ(1 + x) = x follows ρ'(1 + x) + ρx = x, hence
    ρ' = ρ(1 − ρ), and dL/dθ = g ρ' = (1 − ρ) ρg, where g = dL/dρ and ρg = ⟨G, Y⟩.
    """
    definition = RHO * (1 + ODDS) - ODDS
    differentiated = RATE * (1 + ODDS) + RHO * ODDS - ODDS
    inverse = INVERSE * (1 + ODDS) - 1
    follows(
        INNER * RATE - factor * RHO * INNER,
        using=[
            (INNER * INVERSE, differentiated, 1),
            (-1 * INNER * RATE, inverse, 1),
            (-1 * INNER * INVERSE * (1 - RHO), definition, 1),
            (INNER * RHO * (1 - RHO), inverse, 1),
        ],
        models=[_scalar_model("19"), _scalar_model("1/2")],
        message="the gradient in the parameter is another",
    )


def _pure(generator, tokens: int) -> tuple:
    return (infinite_self_attention, *queries_with_rational_frobenius_norm(generator, tokens))


def _linear(generator, tokens: int) -> tuple:
    width = int(generator.integers(2, 4))
    rows = (rational_norm_rows(generator, tokens, width) for _ in range(2))
    return (linear_infinite_self_attention, *rows)


def _instances() -> Iterator[tuple]:
    for draw in independent_draws(30, seed=41):
        variant = draw.random.choice([_pure, _linear])
        operator, query, key = variant(draw.random, int(draw.random.integers(2, 5)))
        if operator is linear_infinite_self_attention and not any(rectified_scores(query, key)):
            draw.discard()
            continue
        value, cotangent = rational_array(draw.random.integers(-3, 4, (2, len(key), 2)).tolist())
        odds = rational(int(draw.random.integers(1, 40))) / int(draw.random.integers(1, 10))
        yield operator, query, key, value, cotangent, odds


def _hold_against_dual_numbers(closed_form, readout, discount) -> None:
    for operator, query, key, value, cotangent, odds in _instances():
        rho = readout(discount(odds))
        output = operator(query, key, value, rho)
        inner = (cotangent * value_of(output)).sum()
        derivative = (cotangent * derivative_of(output)).sum()
        refute_unless(
            derivative == closed_form(detach(rho), inner),
            "the derivative by dual numbers is not the closed form",
            operator=operator.__name__,
            query=query,
            key=key,
            value=value,
            cotangent=cotangent,
            odds=odds,
            derivative=derivative,
            closed_form=closed_form(detach(rho), inner),
        )


OVER = "rational instances of 2 to 4 tokens, both variants"


@check(
    LEARNABLE_RHO_ATTACHED,
    part="in the discount",
    establishes=sampled(over=OVER, by="exact dual numbers"),
    claimed=dict(closed_form=_in_the_discount, readout=_attached),
    controls={
        "not divided by the discount": dict(closed_form=lambda rho, inner: inner),
        "closed form of the parameter": dict(closed_form=_in_the_parameter),
        "discount read out": dict(readout=detach),
    },
)
def derivative_in_the_discount(closed_form, readout) -> None:
    """The operators run on ρ = value + ε; their derivative against ⟨G, Y⟩/ρ."""
    _hold_against_dual_numbers(closed_form, readout, lambda odds: Dual(detach(_sigmoid(odds)), 1))


@check(
    LEARNABLE_RHO_ATTACHED,
    part="in the parameter",
    establishes=sampled(over=OVER, by="exact dual numbers"),
    claimed=dict(closed_form=_in_the_parameter, readout=_attached),
    controls={
        "discount instead of its complement": dict(closed_form=lambda rho, inner: rho * inner),
        "closed form of the discount": dict(closed_form=_in_the_discount),
        "discount read out": dict(readout=detach),
    },
)
def derivative_in_the_parameter(closed_form, readout) -> None:
    """The operators run on ρ = x/(1 + x) with x moving at rate x; against (1 − ρ)⟨G, Y⟩."""
    _hold_against_dual_numbers(closed_form, readout, _sigmoid)


@plot(LEARNABLE_RHO)
def gradient_that_reaches_the_parameter() -> Plot:
    """Gradient in θ over the discount, attached and as released, for ⟨G, ÂV⟩ = 1."""
    discounts = [k / 40 for k in range(1, 40)]
    return Plot(
        title="Gradient of the parameter of the discount",
        x_label="discount ρ",
        y_label="dL/dθ for ⟨G, ÂV⟩ = 1",
        series=[
            Series(label="attached: ρ(1 − ρ)", x=discounts, y=[x * (1 - x) for x in discounts]),
            Series(label="released forward pass", x=discounts, y=[0.0] * len(discounts)),
            Series(label="default ρ = 0.95", x=[0.95, 0.95], y=[0.0, 0.25], style="guide"),
        ],
        caption="The released pass multiplies by a plain number, so that the parameter keeps its "
        "initial value. At the default discount even the attached gradient is a fifth of its "
        "maximum.",
    )
