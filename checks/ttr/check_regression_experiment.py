"""The orderings of the regression experiment, by simulation."""

from __future__ import annotations

from itertools import pairwise

from attnproof.theory.core import Plot, Series, check, measured, note, plot, refute_unless
from attnproof.theory.paper.ttr.experiment import FIG_REGRESSION
from attnproof.theory.paper.ttr.sequence_experiment import relative_errors


@check(
    FIG_REGRESSION,
    part="correlated keys",
    establishes=measured(over="8 seeds, d = 16, T = 256", by="simulation"),
    claimed=dict(overlap=0.9, order=("mesa", "delta rule", "linear attention")),
    controls={
        "order reversed": dict(order=("linear attention", "delta rule", "mesa")),
        "softmax before the delta rule": dict(order=("mesa", "softmax", "delta rule")),
    },
)
def order_under_correlation(overlap, order) -> None:
    """Mean errors in the four windows of t, on the same keys for every layer."""
    errors = relative_errors(overlap, switch=False)
    note(**{name.replace(" ", "_"): [f"{e:.2g}" for e in row] for name, row in errors.items()})
    for window in range(4):
        values = [errors[name][window] for name in order]
        refute_unless(
            all(left < right for left, right in pairwise(values)),
            "the errors have another order",
            window=window,
            errors={name: errors[name] for name in order},
        )


@check(
    FIG_REGRESSION,
    part="change of the map",
    establishes=measured(over="8 seeds, d = 16, T = 256", by="simulation"),
    claimed=dict(switch=True, order=("decayed mesa", "delta rule", "mesa")),
    controls={
        "no change": dict(switch=False),
        "undecayed layer first": dict(order=("mesa", "delta rule")),
    },
)
def order_after_a_change(switch, order) -> None:
    """The last window, a hundred tokens after the change."""
    errors = relative_errors(0.9, switch=switch)
    values = [errors[name][3] for name in order]
    refute_unless(
        all(left < right for left, right in pairwise(values)),
        "the errors have another order",
        errors={name: errors[name] for name in order},
    )


@plot(FIG_REGRESSION)
def errors_after_a_change() -> Plot:
    """Errors by window, keys with overlaps 0.9, the map replaced at t = 128."""
    errors = relative_errors(0.9, switch=True)
    middles = [24, 114, 145, 240]
    return Plot(
        title="Relative error, correlated keys, the map replaced at t = 128",
        x_label="t (middle of the window)",
        y_label="relative error",
        series=[
            Series(label=name, x=middles, y=[max(e, 1e-6) for e in row])
            for name, row in errors.items()
        ],
        caption="Correlation defeats linear attention, the change defeats the undecayed exact "
        "layer; errors below 1e-6 are drawn there.",
        y_scale="log",
    )
