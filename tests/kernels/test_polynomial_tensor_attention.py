"""Polynomial tensor attention: values, monomials, and how far it is from the exponential."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from math import comb, factorial, prod

import numpy as np
import pytest
import torch
from flint import arb, fmpq, fmpq_poly

from attnproof.kernels.polynomial_tensor_attention import blocked
from attnproof.kernels.polynomial_tensor_attention.monomials import (
    monomial_factors,
    monomial_table,
)
from attnproof.kernels.specification import specification
from attnproof.kernels.specifications.polynomial_tensor_attention import define_as_stated
from attnproof.kernels.verification.draws import Draw
from attnproof.kernels.verification.questions import QUESTIONS, error_of, exact_cases
from attnproof.theory.algebra.ball import precision
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Refuted
from attnproof.theory.engine.rounding import unit_roundoff
from attnproof.theory.operator.polynomial_tensor_attention import (
    distance_from_tensor_attention,
    polynomial_tensor_attention,
    taylor_error,
)
from attnproof.theory.paper.kron_attn.minimax_exponential import minimax_bracket
from attnproof.theory.paper.kron_attn.monomial_features import polynomial_attention

SPEC = specification("polynomial_tensor_attention")
EXACT = specification("tensor_attention")
DTYPES = ("float32", "float16", "bfloat16")
U = unit_roundoff("float32")
LENGTHS = (1, 2, 16, 17, 33)
CUBIC = {"scale": 0.25, "degree": 3, "coefficients": (2.0, 0.5, 0.25, -0.0625)}


def module_of(backend: str):
    if backend == "torch":
        return blocked
    if find_spec("triton") is None:
        pytest.skip("needs triton ([kernels])")
    from attnproof.kernels.polynomial_tensor_attention import triton_gradient

    return triton_gradient


@pytest.fixture(params=["torch", "triton"])
def module(request):
    return module_of(request.param)


def calls(module, **parameters):
    function = module.polynomial_tensor_attention
    return lambda inputs: function(**inputs, **(dict(SPEC.parameters) | parameters))


# ---- values


@pytest.mark.parametrize("dtype", DTYPES)
def test_cases_without_rounding(module, dtype):
    assert exact_cases(SPEC, calls(module), dtype, LENGTHS)["cases"] == 8


@pytest.mark.parametrize("number", range(3))
def test_values_are_within_the_bound(module, number):
    dtype = DTYPES[number]
    for shape in ((1, 2, 3), (17, 5, 4), (33, 6, 16)):
        assert error_of(SPEC, calls(module), Draw(number, *shape, dtype))[0] == {}
    if module is blocked or number == 0:
        assert error_of(SPEC, calls(module), Draw(number, 16, 33, 20, dtype))[0] == {}


@pytest.mark.parametrize(
    "parameters",
    [{"scale": 0.25, "degree": 1, "coefficients": (4.0, 1.0)}, CUBIC, {"scale": 0.25, "degree": 4}],
    ids=["line", "cubic", "Taylor of degree 4"],
)
def test_other_polynomials(module, parameters):
    other = replace(SPEC, parameters=parameters)
    for seed, shape in enumerate(((3, 2, 2), (18, 4, 3))):
        assert error_of(other, calls(module, **parameters), Draw(seed, *shape, "float32"))[0] == {}


def test_float64_and_linearity_in_torch():
    call = calls(blocked)
    assert error_of(SPEC, call, Draw(0, 20, 6, 4, "float64"))[0] == {}
    assert QUESTIONS["linearity"](SPEC, call, "float32") == {"lengths": 2}


def test_a_long_sequence_takes_no_pairs():
    """32 768 tokens, whose pairs would fill 8 GB; bitwise, as float64 has room for their sums."""
    for case in SPEC.exact((1 << 15,)):
        given = {name: torch.from_numpy(x)[None, None] for name, x in case.inputs.items()}
        found = calls(blocked, block=1024)(given)[0, 0].numpy()
        assert (found == case.output).all(), case.name


BUGS = {
    "no multinomial coefficients": ({}, {}),
    "one degree less": ({"degree": 1}, {}),
    "sums of the second keys taken from the first": ({}, {"key_two": "key_one"}),
    "scale forgotten": ({"scale": 1.0}, {}),
}


@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_are_noticed(module, bug, monkeypatch):
    """By the cases without rounding, and by the bound on a small instance."""
    if bug == "no multinomial coefficients":

        def without(width, scale, coefficients):
            order = (monomial_table(width, len(coefficients) - 1) < width).sum(0)
            return np.array([a * scale**r for r, a in enumerate(coefficients)])[order]

        # In Triton the factors are prepared beside the forward kernels.
        user = getattr(module, "prepared", module.polynomial_tensor_attention)
        monkeypatch.setitem(user.__globals__, "monomial_factors", without)
    parameters, exchanged = BUGS[bug]
    plain = calls(module, **parameters)
    call = lambda given: plain(given | {to: given[source] for to, source in exchanged.items()})
    wrong, _ = error_of(SPEC, call, Draw(1, 5, 3, 2, "float32"))
    assert wrong
    with pytest.raises(Refuted):
        exact_cases(SPEC, call, "float32", LENGTHS)


def test_what_cannot_be_computed_is_advice(module):
    given = [torch.ones(1, 1, 3, 64)] * 5
    run = lambda **more: module.polynomial_tensor_attention(*given, scale=0.1, **more)
    with pytest.raises(ValueError, match=r"degree = 0.*give 1 or more"):
        run(degree=0)
    with pytest.raises(ValueError, match=r"degree 5 have 11238513 monomials.*tensor_attention"):
        run(degree=5)
    with pytest.raises(ValueError, match=r"2 coefficients for a polynomial of degree 2"):
        run(degree=2, coefficients=(1.0, 1.0))


# ---- definitions


@pytest.mark.parametrize(
    "parameters", [dict(SPEC.parameters), CUBIC], ids=["Taylor", "coefficients"]
)
def test_the_specification_is_the_definition(parameters):
    """Sums over one kind of tokens after the other, against all pairs at once: of those a term
    meets N² + g(d + 6) + 3 = 94 roundings or fewer, of the bound's count 16 + 41 or 16 + 30."""
    given = SPEC.draw(np.random.default_rng(2), 8, 3, 2)
    one, other = SPEC.define(**given, **parameters), define_as_stated(**given, **parameters)
    assert (np.abs(one - other) <= 4 * SPEC.bound(**given, **parameters, u=2.0**-53)).all()


def test_the_definition_is_the_fast_algorithm_in_rationals():
    random = np.random.default_rng(5)
    draw = lambda *shape: rational_array(random.integers(-3, 4, shape).tolist())
    query, keys = draw(4, 3), [draw(4, 3), draw(4, 3)]
    values, scale = [draw(4, 2), draw(4, 2)], rational("1/3")
    taylor = [rational(Fraction(1, factorial(r))) for r in range(5)]
    top, bottom = polynomial_attention(query, keys, values, taylor, scale=scale)
    fast = top / bottom[:, None]
    for given in (None, taylor):
        stated = polynomial_tensor_attention(
            query, keys, values, scale=scale, degree=4, coefficients=given
        )
        assert (stated == fast).all()
    with pytest.raises(ValueError, match="5 coefficients for a polynomial of degree 3"):
        polynomial_tensor_attention(query, keys, values, scale=1, degree=3, coefficients=taylor)


@pytest.mark.parametrize(("width", "degree"), [(1, 1), (1, 4), (2, 3), (4, 2), (3, 4)])
def test_monomials_add_up_to_the_polynomial(width, degree):
    """``Σ_m f_m q^m k^m l^m = p(s Σ_c q_c k_c l_c)`` in fractions, at integers; the coefficients
    are multiples of 1/4 and s = 1/2, so that the factors are floats without rounding."""
    random = np.random.default_rng(width)
    coefficients = [float(Fraction(int(a), 4)) for a in random.integers(-9, 10, degree + 1)]
    table, factors = monomial_table(width, degree), monomial_factors(width, 0.5, coefficients)
    assert table.shape[1] == len(factors) == comb(width + degree, degree)
    assert len({tuple(column) for column in table.T}) == table.shape[1]
    for _ in range(3):
        rows = [[*map(int, random.integers(-5, 6, width)), 1] for _ in range(3)]
        found = sum(
            Fraction(f) * prod(row[c] for row in rows for c in column)
            for f, column in zip(factors.tolist(), table.T)
        )
        form = Fraction(sum(a * b * c for a, b, c in zip(*rows)) - 1, 2)
        assert found == sum(Fraction(a) * form**r for r, a in enumerate(coefficients))


def test_even_taylor_polynomials_have_no_real_zero():
    """Ball arithmetic: no root of p_g is possibly real for even g; of odd g one is."""
    for degree in range(1, 13):
        p = fmpq_poly([fmpq(1, factorial(r)) for r in range(degree + 1)])
        real = [root for root, _ in p.numer().complex_roots() if root.imag.contains(0)]
        assert len(real) == degree % 2


# ---- how far from the exponential


@pytest.mark.parametrize("degree", [1, 2, 3, 4, 8])
def test_the_remainder_of_the_exponential_is_bounded(degree):
    """At both ends, between which the error is monotone in |x|; without e^B it would be too
    small."""
    for radius in (0.25, 1.0, 3.0):
        with precision(128):
            value = lambda x: sum(arb(x) ** r / factorial(r) for r in range(degree + 1))
            errors = [abs(value(x) * arb(-x).exp() - 1) for x in (-radius, radius)]
            allowed = taylor_error(degree, radius) * (1 + 2.0**-40)
            assert all(error <= allowed for error in errors)
            assert errors[0] > allowed * arb(-radius).exp()


def _distance(given, *, scale, degree, coefficients=None):
    parameters = dict(scale=scale, degree=degree, coefficients=coefficients)
    one, other = SPEC.define(**given, **parameters), EXACT.define(**given, scale=scale)
    u = unit_roundoff("float64")
    rounding = SPEC.bound(**given, **parameters, u=u) + EXACT.bound(**given, scale=scale, u=u)
    return np.abs(one - other), rounding


def _size(given):
    return float(np.abs(given["value_one"]).max() * np.abs(given["value_two"]).max())


def _radius(given, scale):
    form = np.einsum("ic,jc,lc->ijl", given["query"], given["key_one"], given["key_two"])
    return abs(scale) * float(np.abs(form).max()) * (1 + 2.0**-40)


@pytest.mark.parametrize("degree", [2, 3, 4, 6])
def test_random_instances_are_near_tensor_attention(degree):
    """Entries in [−1, 1] and the scale 1/d: logits in [−1, 1]; the kernel in float32 as well."""
    random = np.random.default_rng(degree)
    for size in (0.5, 1.0):
        draw = lambda width, size=size: (size * random.uniform(-1, 1, (7, width))).astype("f4")
        drawn = {name: draw(2 if "value" in name else 3) for name in SPEC.inputs}
        given = {name: x.astype(float) for name, x in drawn.items()}
        epsilon = taylor_error(degree, _radius(given, 1 / 3))
        allowed = distance_from_tensor_attention(epsilon, _size(given))
        off, rounding = _distance(given, scale=1 / 3, degree=degree)
        assert (off <= allowed + rounding).all()
        tensors = {name: torch.from_numpy(x)[None, None] for name, x in drawn.items()}
        found = calls(blocked, scale=1 / 3, degree=degree)(tensors)[0, 0].double().numpy()
        rounding = rounding + SPEC.bound(**given, scale=1 / 3, degree=degree, u=U)
        off = np.abs(found - EXACT.define(**given, scale=1 / 3))
        assert (off <= allowed + rounding).all()


def _two_groups(radius: float):
    """Logits 0 with the value 1 for half of the pairs, −B with −1 for the others."""
    ones, second = np.ones((4, 1)), np.repeat([0.0, 1.0], 2)[:, None]
    return {
        "query": -radius * ones,
        "key_one": second,
        "key_two": ones,
        "value_one": 1.0 - 2 * second,
        "value_two": ones,
    }


@pytest.mark.parametrize(("degree", "radius"), [(2, 0.25), (4, 0.5), (6, 0.5)])
def test_one_degree_less_breaks_the_bound(degree, radius):
    given = _two_groups(radius)
    allowed = distance_from_tensor_attention(taylor_error(degree, radius), 1.0)
    off, rounding = _distance(given, scale=1.0, degree=degree)
    assert (off <= allowed + rounding).all()
    less, rounding = _distance(given, scale=1.0, degree=degree - 1)
    assert (less > allowed + rounding).any()


def test_minimax_coefficients_are_nearer_than_taylor():
    """ε = E_4(1), certified; that of degree 4 in place of 1/r!, which breaks its bound."""
    found = minimax_bracket(4, 1)
    coefficients = tuple(float(Fraction(int(c.p), int(c.q))) for c in found.polynomial)
    # Rounding the coefficients changes p by 2^-53 of Σ|a_r|, e of it, and e times that of e^x.
    epsilon = float(found.upper) + 2.0**-40
    allowed = distance_from_tensor_attention(epsilon, 1.0)
    given = _two_groups(1.0)
    off, rounding = _distance(given, scale=1.0, degree=4, coefficients=coefficients)
    assert (off <= allowed + rounding).all()
    taylor, rounding = _distance(given, scale=1.0, degree=4)
    assert (taylor > allowed + rounding).any()
    tensors = {name: torch.from_numpy(x)[None, None] for name, x in given.items()}
    fast = calls(blocked, scale=1.0, degree=4, coefficients=coefficients)(tensors)[0, 0].numpy()
    stated = SPEC.define(**given, scale=1.0, degree=4, coefficients=coefficients)
    bound = SPEC.bound(**given, scale=1.0, degree=4, coefficients=coefficients, u=2.0**-53)
    assert (np.abs(fast - stated) <= 2 * bound).all()
