"""The layered drawing: premises lie left, nothing overlaps, no line crosses a node."""

from __future__ import annotations

import random

import pytest

from attnproof.reports.render.layers import layers


def drawn(seed: int, *, circles: bool) -> tuple[list[tuple[str, str]], object]:
    chance = random.Random(seed)
    names = [f"n{k}" for k in range(14)]
    pairs = []
    for _ in range(22):
        one, other = sorted(chance.sample(range(14), 2))
        pair = (names[other], names[one])
        pairs.append(pair[::-1] if circles and chance.random() < 0.3 else pair)
    return pairs, layers(pairs)


@pytest.mark.parametrize("circles", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_no_two_places_overlap_and_every_line_has_its_own(seed, circles):
    pairs, found = drawn(seed, circles=circles)
    taken = list(found.place.values())
    taken += [point for way in found.ways.values() for point in way[1:-1]]
    assert set(found.place) == {name for pair in pairs for name in pair}
    for k, (column, row) in enumerate(taken):
        assert 0 <= column < found.columns and 0 <= row <= found.rows - 1 + 1e-9
        for other_column, other_row in taken[:k]:
            assert column != other_column or abs(row - other_row) >= 0.999


@pytest.mark.parametrize("seed", range(20))
def test_without_circles_every_premise_lies_left_of_what_rests_on_it(seed):
    pairs, found = drawn(seed, circles=False)
    for node, premise in pairs:
        assert found.place[premise][0] < found.place[node][0]
        columns = [column for column, _ in found.ways[node, premise]]
        assert columns == list(range(columns[0], columns[-1] - 1, -1))


def test_the_column_is_the_longest_chain_below():
    found = layers([("d", "c"), ("c", "b"), ("b", "a"), ("d", "a")])
    assert {name: column for name, (column, _) in found.place.items()} == dict(a=0, b=1, c=2, d=3)
    assert len(found.ways["d", "a"]) == 4


def test_a_claim_that_rests_on_itself_is_drawn():
    found = layers([("a", "a"), ("b", "a")])
    assert found.ways["a", "a"] == [found.place["a"]] * 2


def test_a_long_chain_does_not_exhaust_the_stack():
    count = 3000
    found = layers([(str(k + 1), str(k)) for k in range(count)])
    assert found.columns == count + 1


def test_nothing_to_draw():
    assert layers([]).columns == 0
