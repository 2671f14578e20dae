"""Published functions against the definitions, on the part of the domain where they are asked.

One check per function and part, made from the table in `kernels/public_implementations`.
"""

from __future__ import annotations

from attnproof.kernels.public_implementations.subjects import FEW_LENGTHS, SUBJECTS, Subject
from attnproof.kernels.verification.planted_bugs import planted_bugs
from attnproof.theory.core import check, exact, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.paper.public_implementations import HOLDS

# Of the lab's planted bugs, those that every one of these subjects must be told from.
PLANTED = (
    "last token lost",
    "heads exchanged",
    "future leak",
    "one element off by two per cent",
    "gates one token late",
    "step sizes forgotten",
)
# With one head there is none to exchange, and a gate that is one before is one later.
HIDDEN_IN_EXACT_CASES = {"heads exchanged", "gates one token late"}


def state_lost_half_way(run, inputs, options):
    """The second half of the tokens does not know of the first."""
    import torch

    half = inputs["value"].shape[2] // 2
    if not half:
        return run(inputs, options)
    parts = (
        {name: tensor[:, :, cut] for name, tensor in inputs.items()}
        for cut in (slice(half), slice(half, None))
    )
    return torch.cat([run(part, options) for part in parts], 2)


def bugs_of(subject: Subject) -> dict[str, object]:
    """Name → bug, less those that alter what the function has no parameter for."""
    specification = subject.specification()
    found = {n: bug for n, bug in planted_bugs(specification).items() if n in PLANTED}
    if "decay" in subject.fixed():
        del found["gates one token late"]
    found["state lost half way"] = state_lost_half_way
    if subject.lengths == FEW_LENGTHS:
        # A call takes the interpreter of Triton as long as all else together.
        found = {name: found[name] for name in ("last token lost", "state lost half way")}
    return found


def kernel(subject: Subject, bug=None):
    """What loads the function on named tensors, with a planted bug or none."""

    def load():
        function, options = subject.load(), dict(subject.specification().parameters)
        run = lambda inputs, given: function(**inputs, **given)
        if bug is None:
            return lambda inputs: run(inputs, options)
        return lambda inputs: bug(run, inputs, options)

    return load


def exact_check(key: str, subject: Subject):
    """The check of the cases without rounding for one subject."""

    @check(
        HOLDS[key],
        part="exact cases",
        establishes=exact(
            bound=f"N ∈ {subject.lengths}; {', '.join(subject.dtypes)}; bitwise",
            by="floats without rounding",
        ),
        claimed=dict(run=kernel(subject)),
        controls={
            name: dict(run=kernel(subject, bug))
            for name, bug in bugs_of(subject).items()
            if name not in HIDDEN_IN_EXACT_CASES
        },
    )
    def exact_cases(run):
        """Bitwise equality where every intermediate number is representable in float32, the output
        being rounded once to the dtype of the inputs."""
        from attnproof.kernels.verification.questions import exact_cases as ask

        function, specification = run(), subject.specification()
        seen = [
            ask(specification, function, dtype, subject.lengths)["cases"]
            for dtype in subject.dtypes
        ]
        refute_unless(min(seen) > 0, "no case is in the domain", cases=seen)
        note(cases=sum(seen))

    return exact_cases


def bound_check(key: str, subject: Subject):
    """The check of the rounding bound for one subject."""

    @check(
        HOLDS[key],
        part="error bound",
        establishes=sampled(
            over=f"random inputs, N ≤ {max(subject.lengths)}, d < 40, e ≤ {subject.columns}; "
            f"{', '.join(subject.dtypes)}"
        ),
        claimed=dict(run=kernel(subject)),
        controls={name: dict(run=kernel(subject, bug)) for name, bug in bugs_of(subject).items()},
    )
    def error_bound(run):
        """Every entry within the a-priori bound of the operator's specification, the definition
        evaluated in float64 on the very inputs, which are views of other tensors."""
        from attnproof.kernels.verification.draws import Draw
        from attnproof.kernels.verification.questions import error_of

        function, specification = run(), subject.specification()
        worst = dict.fromkeys(subject.dtypes, 0.0)
        for number, draw in enumerate(independent_draws(subject.draws, seed=12)):
            dtype = subject.dtypes[number % len(subject.dtypes)]
            shape = Draw(
                seed=int(draw.random.integers(2**31)),
                length=subject.lengths[number % len(subject.lengths)],
                width=int(draw.random.integers(1, 40)),
                columns=int(draw.random.integers(1, subject.columns + 1)),
                dtype=dtype,
            )
            wrong, share = error_of(specification, function, shape)
            refute_unless(
                not wrong, "an entry is farther off than rounding explains", **(wrong or {"n": 0})
            )
            worst[dtype] = max(worst[dtype], share)
        note(**{f"observed_over_bound_{name}": f"{share:.2g}" for name, share in worst.items()})

    return error_bound


MAKERS = {"exact cases": exact_check, "error bound": bound_check}
for _key, _subject in SUBJECTS.items():
    for _part, _maker in MAKERS.items():
        if _part in HOLDS[_key].parts:
            _name = f"{_key}_{_part.partition(' ')[0]}".replace("-", "_")
            globals()[_name] = _maker(_key, _subject)
del _key, _subject, _part, _maker, _name
