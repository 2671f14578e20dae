"""The paper's table: regression weights, function class and optimiser, with what settles each."""

from __future__ import annotations

from attnproof.theory.core import entry
from attnproof.theory.paper.lla import affine_exactness, closed_form, limits

from . import (
    decay_weights,
    delta_rule,
    local_regression,
    momentum,
    recursive_least_squares,
    weighted_least_squares,
)
from ._paper import PAPER

LINEAR_ATTENTION = weighted_least_squares.LINEAR_IS_IDENTITY_COVARIANCE
FROM_ZERO, NEWEST = "one gradient step from zero", "a gradient step on the newest pair"
EXACT = "exact minimiser"

SPECIAL_CASES = PAPER.table(
    "special-cases",
    title="Sequence layers as special cases of regression",
    caption="A row is a function class and a way to minimise, a column a choice of weights for the "
    "pairs so far. Each entry names the layer that the combination gives, with the verdict of the "
    "identity; a refuted entry is a reading that fails, next to what holds.",
    corner=["function class", "optimiser"],
    columns=[
        "equal weights",
        "one gate per token",
        "a gate per key channel",
        "newest pair only",
        "kernel at the query",
    ],
    rows={
        ("linear maps", FROM_ZERO): {
            "equal weights": [entry("linear attention", LINEAR_ATTENTION, "one gradient step")],
            "one gate per token": [
                entry("RetNet, Mamba-2, mLSTM", decay_weights.DECAY_WEIGHTS, "gradient")
            ],
            "a gate per key channel": [
                entry("GLA, with numbers as weights", decay_weights.VECTOR_GATES),
                entry("GLA, with rescaled keys", decay_weights.VECTOR_GATES_RESCALE_KEYS),
            ],
        },
        ("linear maps", NEWEST): {
            "newest pair only": [
                entry("DeltaNet", delta_rule.DELTANET_SGD, "gradient step"),
                entry("DeltaNet in chunks", delta_rule.DELTANET_WY),
                entry("several passes", recursive_least_squares.KACZMARZ_EPOCHS),
            ],
            "one gate per token": [
                entry("Gated DeltaNet, decay in the loss", delta_rule.GATED_TWO_CONVENTIONS),
                entry(
                    "Gated DeltaNet, decay first", delta_rule.GATED_REPARAMETRISED, "decay first"
                ),
                entry(
                    "Gated DeltaNet, reparametrised",
                    delta_rule.GATED_REPARAMETRISED,
                    "reparametrised",
                ),
            ],
        },
        ("linear maps", "gradient step with momentum"): {
            "newest pair only": [
                entry("Titans, linear memory", momentum.MOMENTUM, "heavy ball"),
                entry("Titans in chunks", momentum.MOMENTUM, "chunks"),
            ],
        },
        ("linear maps", "implicit step"): {
            "newest pair only": [
                entry("Longhorn", recursive_least_squares.LONGHORN_IMPLICIT, "minimiser"),
                entry("Longhorn as deployed", recursive_least_squares.LONGHORN_DIAGONAL),
                entry(
                    "Longhorn as deployed, keys with one entry",
                    recursive_least_squares.LONGHORN_DIAGONAL_EXACT,
                ),
            ],
        },
        ("linear maps", EXACT): {
            "equal weights": [
                entry("mesa layer, intention", weighted_least_squares.WLS_CERTIFICATE)
            ],
            "one gate per token": [
                entry("MesaNet as recursive least squares", recursive_least_squares.RLS_VS_MESA),
                entry(
                    "recursive least squares with a decaying ridge",
                    recursive_least_squares.RLS_DECAYED_RIDGE,
                    "batch",
                ),
            ],
        },
        ("linear maps on features", EXACT): {
            "equal weights": [entry("kernel ridge", weighted_least_squares.PRIMAL_DUAL)],
            "one gate per token": [
                entry("weighted kernel ridge", weighted_least_squares.PRIMAL_DUAL)
            ],
        },
        ("constants", EXACT): {
            "kernel at the query": [
                entry("softmax attention", local_regression.SOFTMAX_IS_LOCAL_CONSTANT),
                entry("a Gaussian only with QK-norm", local_regression.QKNORM_NECESSARY),
                entry(
                    "a Gaussian for keys of equal norm",
                    local_regression.QKNORM_COSPHERE,
                    "centred at the query",
                ),
            ],
        },
        ("affine maps", EXACT): {
            "equal weights": [
                entry("MesaNet, as a limit", limits.BANDWIDTH_LIMIT),
                entry("least squares with an intercept", limits.BANDWIDTH_LIMIT_INTERCEPT),
            ],
            "kernel at the query": [
                entry("local linear attention", closed_form.CLOSED_FORM),
                entry("affine maps exactly, ridge or not", affine_exactness.AFFINE_EXACTNESS),
                entry("affine maps exactly, without ridge", affine_exactness.AFFINE_BIAS, "bias"),
            ],
        },
        ("polynomials", EXACT): {
            "kernel at the query": [
                entry(
                    "local polynomial attention", local_regression.LOCAL_POLYNOMIAL, "reproduction"
                )
            ],
        },
    },
)
