"""The dependency graph as inline SVG that follows the theme of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from markupsafe import Markup, escape

from attnproof.theory.core import Judgement, Verdict

from .addresses import claim_page
from .dependencies import Edge, connected
from .layers import Layers, layers

NODE_WIDTH, NODE_HEIGHT = 226, 38
COLUMN, ROW = 288, 48
MARGIN, GAP = 8, 22
# A node's key is cut where it would leave its box, at the width of a character of its size.
CHARACTERS = 27
# Groups of at most this many columns stand side by side.
NARROW = 2


def focus_address(claim: str) -> str:
    """Fragment of the graph's page that shows a claim with its neighbours.

    It is also the id of the node, so that the link leads there without any script.
    """
    return f"focus={quote(claim, safe='/')}"


def dependency_graph(
    edges: Sequence[Edge], judgements: Mapping[str, Judgement], marks: Mapping[Verdict, str]
) -> Markup:
    """The SVG: one link for each claim, an arrow to each claim that it uses or amends."""
    drawn = [(group, _layers(group)) for group in connected(list(edges))]
    wide = [one for one in drawn if one[1].columns > NARROW]
    narrow = [one for one in drawn if one[1].columns <= NARROW]
    parts: list[str] = []
    heights = [float(MARGIN), float(MARGIN)]
    across = 0
    for group, placed in wide:
        parts += _group(group, placed, MARGIN, heights[0], judgements, marks)
        heights = [heights[0] + placed.rows * ROW + GAP] * 2
        across = max(across, placed.columns)
    for group, placed in narrow:
        side = heights.index(min(heights))
        left = MARGIN + side * NARROW * COLUMN
        parts += _group(group, placed, left, heights[side], judgements, marks)
        heights[side] += placed.rows * ROW + GAP
        across = max(across, side * NARROW + placed.columns)
    width = across * COLUMN - (COLUMN - NODE_WIDTH) + 2 * MARGIN
    height = max(heights) - GAP + MARGIN
    return Markup(
        f'<svg id="graph" class="graph" viewBox="0 0 {width} {height:.0f}" width="{width}" '
        f'height="{height:.0f}" role="group" aria-label="Claims and what they rest on">'
        f"{''.join(parts)}</svg>"
    )


def _layers(group: Sequence[Edge]) -> Layers:
    return layers([(edge.claim, edge.premise) for edge in group])


def _group(
    group: Sequence[Edge],
    placed: Layers,
    left: float,
    top: float,
    judgements: Mapping[str, Judgement],
    marks: Mapping[Verdict, str],
) -> list[str]:
    parts = [_arrow(edge, placed, left, top) for edge in group]
    for name, (column, row) in sorted(placed.place.items(), key=lambda item: item[1]):
        parts.append(_node(name, left + column * COLUMN, top + row * ROW, judgements, marks))
    return parts


def _arrow(edge: Edge, placed: Layers, left: float, top: float) -> str:
    points = [
        (left + column * COLUMN, top + row * ROW + NODE_HEIGHT / 2)
        for column, row in placed.ways[edge.claim, edge.premise]
    ]
    (x, y), end = points[0], points[-1]
    if edge.claim == edge.premise:
        # A claim that uses itself: a loop at its left.
        path = f"M{x:.0f} {y - 9:.0f}c-34 -12 -34 30 -6 18"
    else:
        back = end[0] > x
        path = f"M{x + NODE_WIDTH if back else x:.0f} {y:.1f}"
        x = x + NODE_WIDTH if back else x
        for passed, height in points[1:-1]:
            # Straight through the empty place, curved between columns.
            near, far = passed + NODE_WIDTH, passed
            near, far = (far, near) if back else (near, far)
            path += f"{_bend(x, y, near, height)}H{far:.0f}"
            x, y = far, height
        tip = end[0] - 5 if back else end[0] + NODE_WIDTH + 5
        path += _bend(x, y, tip, end[1])
    turned = "h-6" if end[0] > points[0][0] or edge.claim == edge.premise else "h6"
    x_tip = end[0] if turned == "h-6" else end[0] + NODE_WIDTH
    y_tip = end[1] + (9 if edge.claim == edge.premise else 0)
    return (
        f'<g class="edge {edge.kind}" data-claim="{escape(edge.claim)}" '
        f'data-premise="{escape(edge.premise)}" aria-hidden="true"><path d="{path}"/>'
        f'<path class="tip" d="M{x_tip:.0f} {y_tip:.1f}{turned}m0 -4v8L{x_tip:.0f} {y_tip:.1f}z"/>'
        "</g>"
    )


def _bend(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = (x + to_x) / 2
    return f"C{middle:.0f} {y:.1f} {middle:.0f} {to_y:.1f} {to_x:.0f} {to_y:.1f}"


def _node(
    name: str,
    x: float,
    y: float,
    judgements: Mapping[str, Judgement],
    marks: Mapping[Verdict, str],
) -> str:
    paper, _, key = name.partition("/")
    judgement = judgements.get(name)
    verdict = judgement.verdict if judgement else Verdict.NOT_RUN
    title = judgement.claim.title if judgement else "not in the ledger"
    body = (
        f"<title>{escape(f'{verdict.label}: {title}')}</title>"
        f'<rect x="{x:.0f}" y="{y:.1f}" width="{NODE_WIDTH}" height="{NODE_HEIGHT}" rx="5"/>'
        f'<text class="sign" x="{x + 15:.0f}" y="{y + 24:.1f}">{marks[verdict]}</text>'
        f'<text x="{x + 28:.0f}" y="{y + 16:.1f}">{escape(_cut(key))}</text>'
        f'<text class="of" x="{x + 28:.0f}" y="{y + 31:.1f}">{escape(_cut(paper))}</text>'
    )
    named = f"{key}, of {paper}, {verdict.label}: {title}"
    given = (
        f'id="{escape(f"focus={name}")}" class="node {verdict.name}" data-node="{escape(name)}" '
        f'data-box="{x:.0f} {y:.1f}"'
    )
    if judgement is None:
        return f'<g {given} role="img" aria-label="{escape(named)}">{body}</g>'
    link = f'href="{escape(claim_page(name))}" aria-label="{escape(named)}"'
    return f"<a {given} {link}>{body}</a>"


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS else text[: CHARACTERS - 1] + "…"
