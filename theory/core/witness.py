"""Exact values in and out of JSON: a witness must survive the ledger unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

MAXIMUM_ENTRIES = 4096


def encode(value: object, *, plain: bool = False) -> object:
    """A JSON value from which `decode` restores ``value`` exactly.

    Integers and strings stand for themselves; a fraction becomes ``{"rational": "3/4"}``, a float
    ``{"float": "0x1.8p+0"}``, a residue ``{"residue": "5", "modulus": "7"}``, a ball
    ``{"ball": "[0.333 +/- 1e-3]"}``, an array ``{"array": [...], "shape": [...]}``, a complex
    pair and anything symbolic ``{"text": ...}`` (not restored as an object).

    Args:
        plain: give short readable values instead (fractions as ``"3/4"``); not decodable.

    Raises:
        TypeError: the value has no exact form; pass its exact ingredients instead.
    """
    if value is None or isinstance(value, bool | str):
        return value
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    if isinstance(value, float):
        return repr(float(value)) if plain else {"float": float(value).hex()}
    if isinstance(value, int) or kind.__name__ in ("fmpz",):
        number = int(value)
        return number if plain or abs(number) < 2**53 else {"integer": str(number)}
    if isinstance(value, Fraction):
        return _rational(value.numerator, value.denominator, plain)
    if module == "flint":
        return _flint(value, plain)
    if module == "numpy":
        return _numpy(value, plain)
    if isinstance(value, Mapping):
        return {str(name): encode(entry, plain=plain) for name, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        entries = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        return [encode(entry, plain=plain) for entry in entries]
    if module in ("sympy", "z3"):
        return str(value) if plain else {"text": str(value)}
    if module == "torch":
        return _numpy(value.detach().cpu().double().numpy(), plain)
    raise TypeError(
        f"a witness cannot hold a {kind.__module__}.{kind.__qualname__}: give integers, fractions, "
        "floats, strings, arrays of these, or a dict of them"
    )


def _rational(numerator: int, denominator: int, plain: bool) -> object:
    if denominator == 1:
        return encode(int(numerator), plain=plain)
    text = f"{numerator}/{denominator}"
    return text if plain else {"rational": text}


def _flint(value: object, plain: bool) -> object:
    name = type(value).__name__
    if name == "fmpz":
        return encode(int(value), plain=plain)
    if name == "fmpq":
        return _rational(int(value.p), int(value.q), plain)
    if name == "nmod":
        residue, modulus = int(value), int(value.modulus())
        return residue if plain else {"residue": str(residue), "modulus": str(modulus)}
    if name in ("arb", "acb"):
        text = value.str(12 if plain else 40)
        return text if plain else {"ball": text}
    if hasattr(value, "tolist"):
        return [encode(entry, plain=plain) for entry in value.tolist()]
    return str(value) if plain else {"text": str(value)}


def _numpy(value: object, plain: bool) -> object:
    if getattr(value, "ndim", 0) == 0:
        return encode(value.item(), plain=plain)
    if value.size > MAXIMUM_ENTRIES:
        raise TypeError(
            f"a witness array of {value.size} entries is too large for the ledger "
            f"(at most {MAXIMUM_ENTRIES}): shrink the instance or give its seed and the bad entry"
        )
    nested = encode(value.tolist(), plain=plain)
    return nested if plain else {"array": nested, "shape": list(value.shape)}


def decode(value: object) -> object:
    """The value that `encode` wrote. Arrays come back as nested lists, rationals as `Fraction`."""
    if isinstance(value, list):
        return [decode(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if "float" in value and len(value) == 1:
        return float.fromhex(value["float"])
    if "integer" in value and len(value) == 1:
        return int(value["integer"])
    if "rational" in value and len(value) == 1:
        return Fraction(value["rational"])
    if "residue" in value and len(value) == 2:
        return int(value["residue"])
    if "array" in value and len(value) == 2:
        return decode(value["array"])
    if len(value) == 1 and ("text" in value or "ball" in value):
        return next(iter(value.values()))
    return {name: decode(entry) for name, entry in value.items()}
