"""A check and its controls are the same code, run with altered ingredients."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from .claim import Claim
from .evidence import Establishes

Kind = Literal["claimed", "control", "repair"]
Function = TypeVar("Function", bound=Callable[..., object])


class CheckRefused(TypeError):
    """A check was declared in a way that could not be trusted."""


@dataclass(frozen=True)
class Variant:
    """One way to run a check: as claimed, with a control's alteration, or with a repair's."""

    kind: Kind
    name: str
    ingredients: Mapping[str, object]
    drops: str = ""

    @property
    def label(self) -> str:
        """``claimed``, ``control:one hop fewer`` or ``repair:γ ≤ 1/√N``."""
        return "claimed" if self.kind == "claimed" else f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class Check:
    """What `check` attaches to a function.

    Attributes:
        claim, part: what is tested.
        establishes: the strongest conclusion possible.
        claimed: ingredient → value as claimed.
        controls: name → altered ingredients; the run must end in `Refuted`. ``drops`` names the
            hypothesis that the alteration gives up.
        repairs: name → altered ingredients; the run must hold. Needed where the check
            ``refutes``, so that a check unable to hold is found out.
        timeout: seconds after which the run counts as undecided.
    """

    claim: Claim
    part: str
    establishes: Establishes
    claimed: Mapping[str, object]
    controls: Mapping[str, Mapping[str, object]]
    repairs: Mapping[str, Mapping[str, object]]
    timeout: float

    def variants(self) -> Iterator[Variant]:
        """As claimed first, then every control, then every repair."""
        yield Variant("claimed", "", self.claimed)
        for kind, table in (("control", self.controls), ("repair", self.repairs)):
            for name, given in table.items():
                altered = {key: value for key, value in given.items() if key != "drops"}
                drops = str(given.get("drops", ""))
                yield Variant(kind, name, {**self.claimed, **altered}, drops)


def check(
    claim: Claim,
    *,
    establishes: Establishes,
    claimed: Mapping[str, object],
    controls: Mapping[str, Mapping[str, object]],
    repairs: Mapping[str, Mapping[str, object]] | None = None,
    part: str = "",
    timeout: float = 60.0,
) -> Callable[[Function], Function]:
    """Turn a function of the claim's ingredients into a check.

    The function is run once with ``claimed`` and once per control with one alteration; it says
    no through `refute_unless`. A control that is not refuted makes the check BROKEN.

    Place it above ``@given`` and ``@pytest.mark.…``.

    Raises:
        CheckRefused: no control, an unknown ingredient, hypothesis or part, an alteration that
            alters nothing, or a refuting check without a repair.
    """
    if not isinstance(claim, Claim):
        raise CheckRefused(f"@check needs a Claim as its first argument, not {claim!r}")
    parts = tuple(claim.parts)
    if not part and len(parts) > 1:
        raise CheckRefused(f"{claim.id} has the parts {list(parts)}: say part=… which is tested")
    part = part or parts[0]
    if part not in parts:
        raise CheckRefused(f"{claim.id} has no part {part!r}; it has {list(parts)}")
    repairs = dict(repairs or {})
    spec = Check(claim, part, establishes, dict(claimed), dict(controls), repairs, timeout)
    _examine(spec)

    def mark(function: Function) -> Function:
        accepted = inspect.signature(function).parameters
        unknown = [name for name in spec.claimed if name not in accepted]
        if unknown:
            raise CheckRefused(
                f"{function.__name__} does not take the ingredient {unknown[0]!r}; it takes "
                f"{list(accepted)}"
            )
        function.__attnproof_check__ = spec  # type: ignore[attr-defined]
        return function

    return mark


def check_of(thing: object) -> Check | None:
    """The `Check` attached to ``thing``, if any."""
    return vars(thing).get("__attnproof_check__") if hasattr(thing, "__dict__") else None


def _examine(spec: Check) -> None:
    name = spec.claim.id
    if not spec.timeout > 0:
        raise CheckRefused(f"{name}: timeout={spec.timeout!r} sets no limit; give seconds above 0")
    if not spec.controls:
        raise CheckRefused(
            f"{name}: a check without a control cannot be told from one that never fails. Add "
            "controls={'what is altered': dict(ingredient=altered value)}; the same code must "
            "refute it"
        )
    if spec.establishes.refutes and not spec.repairs:
        raise CheckRefused(
            f"{name}: a check that refutes the statement needs repairs={{'what is repaired': "
            "dict(ingredient=repaired value)} that hold under the same code; otherwise it may be "
            "unable to hold for anything"
        )
    for kind, table in (("control", spec.controls), ("repair", spec.repairs)):
        for title, given in table.items():
            altered = {key: value for key, value in given.items() if key != "drops"}
            unknown = [key for key in altered if key not in spec.claimed]
            if unknown:
                raise CheckRefused(
                    f"{name}: {kind} {title!r} alters {unknown[0]!r}, which is no ingredient; "
                    f"the ingredients are {list(spec.claimed)}"
                )
            if not any(_differs(value, spec.claimed[key]) for key, value in altered.items()):
                raise CheckRefused(f"{name}: {kind} {title!r} alters nothing; change an ingredient")
            drops = given.get("drops")
            if drops is not None and drops not in spec.claim.hypotheses:
                raise CheckRefused(
                    f"{name}: {kind} {title!r} drops the hypothesis {drops!r}; the claim has "
                    f"{list(spec.claim.hypotheses)}"
                )


def _differs(left: object, right: object) -> bool:
    if left is right:
        return False
    try:
        return bool(left != right)
    except Exception:
        # Arrays and balls have no single truth value; two distinct objects count as different.
        return True
