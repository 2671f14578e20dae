"""An engine that always agrees, and an operator with a flipped sign."""

from __future__ import annotations

ENGINE = """
import numpy as np

from attnproof.theory.engine import {engine} as engine
{broken}


@check(claim("square-of-a-sum"), establishes=symbolic(bound="n = 2"), claimed=dict(twice=2),
       controls={{"once": dict(twice=1), "sign": dict(twice=-2)}})
def square_of_a_sum(twice):
    {call}
"""

CALL = (
    "engine.vanishes(lambda x, y: (x + y) * (x + y) - x * x - twice * x * y - y * y, "
    "[(), ()], seed=1)"
)


def source(broken: str = "") -> str:
    return ENGINE.format(engine="prime_field_identity", call=CALL, broken=broken)


def test_an_engine_that_always_says_zero_is_found_out(lab):
    lab.write(
        source(
            "def always(defect, shapes, **_):\n"
            "    refute_unless(True, shapes=str(shapes))\n"
            "    note_error_probability(0.0)\n\n"
            "engine.vanishes = always",
        )
    )
    run = lab.run()
    assert run.verdict("test/square-of-a-sum") == "BROKEN"
    assert "control 'once' survived" in run.reasons("test/square-of-a-sum")


def test_an_engine_that_always_says_no_cannot_refute_without_a_repair_that_holds(lab):
    lab.write(
        """
        from attnproof.theory.engine import prime_field_identity as engine


        def never(*_, **__):
            raise Refuted("no", {"x": 1})


        engine.vanishes = never


        @check(claim("false"), establishes=counterexample(over="n = 2"), claimed=dict(twice=1),
               controls={"sign": dict(twice=-2)}, repairs={"twice": dict(twice=2)})
        def false(twice):
            engine.vanishes(lambda x, y: (x + y) ** 2 - x**2 - twice * x * y - y**2, [(), ()])
        """
    )
    run = lab.run()
    assert run.verdict("test/false") == "BROKEN"
    assert "repair 'twice' was refuted too" in run.reasons("test/false")


def test_the_same_check_with_the_real_engine_is_verified_up_to_its_size(lab):
    lab.write(source())
    run = lab.run()
    assert run.verdict("test/square-of-a-sum") == "VERIFIED ≤ N", run.reasons(
        "test/square-of-a-sum"
    )


def test_an_operator_with_a_flipped_sign_is_refuted_with_a_witness(lab):
    lab.write(
        """
        import numpy as np

        from attnproof.theory.algebra.rational import rational, rational_array
        from attnproof.theory.operator.fundamental_matrix import fundamental_matrix

        def flipped(matrix, gamma):
            return fundamental_matrix(matrix, -gamma)


        def doubled(matrix, gamma):
            return 2 * fundamental_matrix(matrix, gamma)


        @check(claim("inverse"), establishes=exact(bound="one matrix"),
               claimed=dict(operator=flipped), controls={"twice": dict(operator=doubled)},
               repairs={"as defined": dict(operator=fundamental_matrix)})
        def inverse(operator):
            A = rational_array([["1/4", "1/8"], [0, "1/2"]])
            identity = rational_array([[1, 0], [0, 1]])
            gamma = rational("1/2")
            left = operator(A, gamma) @ (identity - gamma * A)
            holds = all(x == y for x, y in zip(left.flat, identity.flat))
            refute_unless(holds, "(I − γA)⁻¹ (I − γA) = I", A=A, gamma=gamma, left=left)
        """
    )
    run = lab.run()
    assert run.verdict("test/inverse") == "REFUTED", run.reasons("test/inverse")
    (claimed,) = run.ended("claimed")
    assert set(claimed.witness) == {"A", "gamma", "left"}
    assert [one.outcome for one in run.ended("repair:as defined")] == ["holds"]
