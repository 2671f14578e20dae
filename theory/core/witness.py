"""Exact values in and out of JSON: a witness must survive the ledger unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

MAXIMUM_ENTRIES = 4096

# Python refuses to print integers of more than 4300 decimal digits; hexadecimal has no limit.
DECIMAL_BITS = 14_000

# An object with one of these key sets is read back as something else than a dict.
TAGS = (
    {"float"},
    {"integer"},
    {"rational"},
    {"residue", "modulus"},
    {"array", "shape"},
    {"text"},
    {"ball"},
    {"mapping"},
)


def encode(value: object, *, plain: bool = False) -> object:
    """A JSON value from which `decode` restores ``value`` exactly.

    Integers and strings stand for themselves; a fraction becomes ``{"rational": "3/4"}`` (one
    that is whole ``{"rational": "3"}``: dividing it must stay exact in a replay), a float
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
        if abs(number) < 2**53:
            return number
        return _digits(number) if plain else {"integer": _digits(number)}
    if isinstance(value, Fraction):
        return _rational(value.numerator, value.denominator, plain)
    if module == "flint":
        return _flint(value, plain)
    if module == "numpy":
        return _numpy(value, plain)
    if isinstance(value, Mapping):
        return _mapping(value, plain)
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


def _digits(number: int) -> str:
    return str(number) if number.bit_length() <= DECIMAL_BITS else hex(number)


def _rational(numerator: int, denominator: int, plain: bool) -> object:
    if denominator == 1:
        if plain:
            return encode(int(numerator), plain=True)
        return {"rational": _digits(numerator)}
    text = f"{_digits(numerator)}/{_digits(denominator)}"
    return text if plain else {"rational": text}


def _mapping(value: Mapping[object, object], plain: bool) -> object:
    entries = {str(name): encode(entry, plain=plain) for name, entry in value.items()}
    if len(entries) < len(value):
        raise TypeError(f"two keys of {value!r} are the same text; keys are stored as text")
    return {"mapping": entries} if not plain and set(entries) in TAGS else entries


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
    names = set(value)
    if names == {"float"}:
        return float.fromhex(value["float"])
    if names == {"integer"}:
        return int(value["integer"], 0)
    if names == {"rational"}:
        numerator, _, denominator = value["rational"].partition("/")
        return Fraction(int(numerator, 0), int(denominator or "1", 0))
    if names == {"residue", "modulus"}:
        return int(value["residue"])
    if names == {"array", "shape"}:
        return decode(value["array"])
    if names in ({"text"}, {"ball"}):
        return next(iter(value.values()))
    if names == {"mapping"}:
        value = value["mapping"]
    return {name: decode(entry) for name, entry in value.items()}
