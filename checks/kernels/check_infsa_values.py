"""The kernels of infinite self-attention against their definitions."""

from __future__ import annotations

import pytest

from attnproof.kernels.registry import implementation
from attnproof.theory.core import check, exact, note, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.paper import lab_kernels

LENGTHS, BLOCKS = (8, 16, 17, 64, 65, 67, 130), (16, 64)
# The interpreter takes milliseconds per tile, and every hop passes over all tiles.
FEW_LENGTHS, FEW_BLOCKS = (17, 67), (16,)
DTYPES = ("float32", "float16", "bfloat16")


def altered(operator, backend, how):
    """The registered kernel with a planted bug."""

    def kernel(query, key, value, **options):
        import torch

        run = implementation(operator, backend).load()
        if how == "last key lost":
            key = key.clone()
            key[..., -1, :] = 0
            return run(query, key, value, **options)
        if how == "tail not written":
            output = run(query, key, value, **options)
            length = output.shape[-2]
            output[..., length // 16 * 16 - (0 if length % 16 else 1) :, :] = 0
            return output
        if how == "decay forgotten":
            return run(query, key, value, **options) / options["gamma"]
        if how == "transposed map":
            return run(key, query, value, **options)
        if how == "heads exchanged":
            return run(query, key, value.flip(1), **options)
        if how == "one element off by one per cent":
            output = run(query, key, value, **options).contiguous()
            output.view(-1)[output.abs().argmax()] *= 1.01
            return output
        if how == "inputs rounded to bfloat16":
            narrow = [x.to(torch.bfloat16) for x in (query, key, value)]
            return run(*narrow, **options).to(value.dtype)
        if how == "rows normalised instead of the map":
            scores = torch.relu(query.float() @ key.float().transpose(-1, -2))
            total = scores.norm(dim=-1, keepdim=True).clamp_min(1e-30)
            return (options["gamma"] * scores / total @ value.float()).to(value.dtype)
        if how == "no rectifier":
            scores = query.float() @ key.float().transpose(-1, -2)
            norm = scores.flatten(-2).norm(dim=-1)[..., None, None].clamp_min(1e-30)
            return (options["gamma"] * scores / norm @ value.float()).to(value.dtype)
        if how == "uniform pooling":
            mean = query.float().mean(-2, keepdim=True)
            scores = torch.relu(mean @ key.float().transpose(-1, -2))
            row = scores / scores.sum(-1, keepdim=True).clamp_min(1e-30) @ value.float()
            return (options["gamma"] * row).expand(value.shape).to(value.dtype)
        if how == "epsilon beside unscaled norms":
            epsilon = options["epsilon"]
            norm = query.float().norm(dim=-1, keepdim=True)
            pooled = (norm * query).sum(-2, keepdim=True) / (norm.sum(-2, keepdim=True) + epsilon)
            scores = torch.relu(key.float() @ pooled.transpose(-1, -2) / query.shape[-1])
            row = (scores * value).sum(-2, keepdim=True) / (scores.sum(-2, keepdim=True) + epsilon)
            return (options["gamma"] * row).expand(value.shape).to(value.dtype)
        if how == "the first hop missing":
            first = implementation("infinite_self_attention", backend).load()
            del options["tail"]
            return run(query, key, value, **options, tail=2.0**-20) - first(
                query, key, value, **options
            )
        raise AssertionError(how)

    return kernel


COMMON = (
    "last key lost",
    "tail not written",
    "decay forgotten",
    "one element off by one per cent",
)
PURE = (*COMMON, "transposed map", "rows normalised instead of the map", "no rectifier")
BUGS = {
    "infinite_self_attention": PURE,
    "resolvent_attention": (*COMMON, "transposed map", "the first hop missing"),
    "linear_infinite_self_attention": (
        *COMMON,
        "no rectifier",
        "uniform pooling",
        "epsilon beside unscaled norms",
    ),
}
EXACT_ONLY = {
    # On the exact cases all queries pool alike and all rows have one entry: these bugs hide there.
    "uniform pooling",
    "rows normalised instead of the map",
    # The exact cases have no ε.
    "epsilon beside unscaled norms",
}
CLAIMS = {
    "infinite_self_attention": lab_kernels.INFSA_PURE,
    "resolvent_attention": lab_kernels.INFSA_RESOLVENT,
    "linear_infinite_self_attention": lab_kernels.INFSA_LINEAR,
}


def exact_check(operator, backend, lengths=LENGTHS, blocks=BLOCKS):
    """The check of the exact cases for one implementation."""

    @check(
        CLAIMS[operator],
        part="exact cases",
        establishes=exact(
            bound=f"{backend}: N ∈ {lengths}, blocks {blocks}, three dtypes, bitwise",
            by="floats without rounding",
        ),
        claimed=dict(kernel=implementation(operator, backend).load),
        controls={
            how: dict(kernel=lambda how=how: altered(operator, backend, how))
            for how in BUGS[operator]
            if how not in EXACT_ONLY and how != "no rectifier"
        },
    )
    def exact_cases(kernel):
        """Bitwise equality where every intermediate number is representable: integer logits, a
        power of two as normaliser, small integer values, on rows at the edges of blocks."""
        from attnproof.kernels.battery import exact_cases as run

        run(operator, kernel(), lengths, blocks)

    return exact_cases


def bound_check(operator, backend, draws):
    """The check of the rounding bound for one implementation."""

    @check(
        CLAIMS[operator],
        part="error bound",
        establishes=sampled(over=f"{backend}: random inputs, N ≤ 80, d ≤ 39, e ≤ 23, three dtypes"),
        claimed=dict(kernel=implementation(operator, backend).load),
        controls={
            how: dict(kernel=lambda how=how: altered(operator, backend, how))
            for how in (*BUGS[operator], "inputs rounded to bfloat16", "heads exchanged")
        },
    )
    def error_bound(kernel):
        """|computed − definition| ≤ the bound of kernels/bounds.py in every entry, the definition
        being evaluated in float64 on the very inputs."""
        from attnproof.kernels.battery import within_bound

        function = kernel()
        additions = implementation(operator, backend).additions
        worst = dict.fromkeys(DTYPES, 0.0)
        for number, draw in enumerate(independent_draws(draws, seed=11)):
            dtype = DTYPES[number % 3]
            length = int(draw.random.choice([1, 2, 15, 16, 17, 31, 33, 64, 65, 80]))
            block = int(draw.random.choice([16, 32]))
            ratio = within_bound(
                operator,
                function,
                additions,
                draw.random,
                length=length,
                block=block,
                dtype=dtype,
            )
            worst[dtype] = max(worst[dtype], ratio)
        note(**{f"observed_over_bound_{name}": f"{ratio:.2g}" for name, ratio in worst.items()})

    return error_bound


pure_exact_torch = exact_check("infinite_self_attention", "torch")
pure_exact_triton = exact_check("infinite_self_attention", "triton")
resolvent_exact_torch = exact_check("resolvent_attention", "torch")
resolvent_exact_triton = exact_check("resolvent_attention", "triton", FEW_LENGTHS, FEW_BLOCKS)
linear_exact_torch = exact_check("linear_infinite_self_attention", "torch")
linear_exact_triton = exact_check("linear_infinite_self_attention", "triton")

pure_bound_torch = bound_check("infinite_self_attention", "torch", 60)
pure_bound_triton = bound_check("infinite_self_attention", "triton", 30)
resolvent_bound_torch = bound_check("resolvent_attention", "torch", 60)
linear_bound_torch = bound_check("linear_infinite_self_attention", "torch", 60)
linear_bound_triton = bound_check("linear_infinite_self_attention", "triton", 30)
resolvent_bound_triton = pytest.mark.slow(bound_check("resolvent_attention", "triton", 12))
