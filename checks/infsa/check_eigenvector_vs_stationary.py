"""The stationary law of a symmetric graph follows its degrees; its Perron vector does not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters
from attnproof.theory.algebra.matrix import identity_like, inverse, ones_like
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import Plot, Series, check, exact, note, plot, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.infsa.centrality import EIGENVECTOR_VS_STATIONARY
from attnproof.theory.paper.infsa.katz_centrality import katz_centrality
from attnproof.theory.paper.infsa.pagerank import pagerank, stationary_law

A, INVERSE_DEGREES, INVERSE, ONES, ROW, DEGREES, ROOT = letters(
    "A inverse_degrees inverse ones row degrees root"
)
(SCALE,) = letters("scale")

PATH = rational_array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
TRIANGLE = rational_array([[0, 1, 1], [1, 0, 1], [1, 1, 0]])
RANK_ONE = rational_array([[1, 2], [2, 4]])
LOPSIDED = rational_array([[0, 1], [3, 1]])


def _harmonic_tree() -> np.ndarray:
    """A centre, three neighbours, a leaf on each: degrees 3, 2, 1 and Perron root 2."""
    tree = np.zeros((7, 7), dtype=int)
    for k in (1, 2, 3):
        tree[0, k] = tree[k, 0] = tree[k, k + 3] = tree[k + 3, k] = 1
    return rational_array(tree.tolist())


HARMONIC_TREE = _harmonic_tree()


def _parallel(left: np.ndarray, right: np.ndarray) -> bool:
    return all(left[i] * right[j] == left[j] * right[i] for i in range(len(left)) for j in range(i))


def _degrees_are_mapped_along(sums: np.ndarray, matrix: np.ndarray) -> bool:
    """``A(A1 − ρ1) = 0`` for the only ρ that can be: the one of the first token."""
    root = (matrix @ sums)[0] / sums[0]
    return bool((matrix @ (sums - root) == 0).all())


def _models(*matrices: np.ndarray) -> Iterator[dict[str, object]]:
    for matrix in matrices:
        sums = matrix.sum(axis=1)
        ones = ones_like(matrix)[:, None]
        yield {
            "A": matrix,
            "inverse_degrees": inverse(identity_like(matrix) * sums[:, None]),
            "degrees": sums[None, :],
            "row": ones.T,
            "ones": ones,
        }


# As words have no transpose, the degrees are a row d and symmetry is used as 1ᵀA = d.
CHAIN = INVERSE_DEGREES * A
SYMMETRY = ROW * A - DEGREES


@check(
    EIGENVECTOR_VS_STATIONARY,
    part="stationary law",
    establishes=proof(over="every n, every symmetric matrix with regular row sums"),
    claimed=dict(chain=CHAIN, law=DEGREES, assumed=True),
    controls={
        "normalised by columns": dict(chain=A * INVERSE_DEGREES),
        "uniform law": dict(law=ROW),
        "not symmetric": dict(assumed=False, drops="symmetric"),
    },
)
def degrees_are_stationary(chain, law, assumed):
    """dP = dD^{-1}A = 1ᵀA = d; the last step is the symmetry of A."""
    matrices = [PATH, RANK_ONE] if assumed else [LOPSIDED]
    steps = [(1, DEGREES * INVERSE_DEGREES - ROW, A)] + ([(1, SYMMETRY, 1)] if assumed else [])
    follows(
        law * chain - law,
        using=steps,
        models=_models(*matrices),
        message="the law is not invariant",
    )


@check(
    EIGENVECTOR_VS_STATIONARY,
    part="stationary law",
    establishes=exact(bound="n ≤ 5: every connected graph, weights 0 and 1"),
    claimed=dict(power=1),
    controls={"squared degrees": dict(power=2), "uniform law": dict(power=0)},
)
def every_small_graph(power):
    """The law solved for from P = D^{-1}A equals d/Σd, on every connected graph."""
    graphs = different = 0
    for matrix in _connected_graphs(5):
        sums = matrix.sum(axis=1)
        law = stationary_law(matrix / sums[:, None])
        refute_unless(
            bool((law == sums**power / (sums**power).sum()).all()),
            "the stationary law is another one",
            A=matrix,
            law=law,
        )
        graphs += 1
        different += not _parallel(matrix @ sums, sums)
    note(graphs=graphs, graphs_whose_perron_vector_differs=different)


def _connected_graphs(largest: int) -> Iterator[np.ndarray]:
    for size in range(2, largest + 1):
        pairs = [(i, j) for i in range(size) for j in range(i)]
        for code in range(2 ** len(pairs)):
            matrix = np.zeros((size, size), dtype=int)
            for bit, (i, j) in enumerate(pairs):
                matrix[i, j] = matrix[j, i] = code >> bit & 1
            if (np.linalg.matrix_power(matrix + np.eye(size, dtype=int), size) > 0).all():
                yield rational_array(matrix.tolist())


@check(
    EIGENVECTOR_VS_STATIONARY,
    part="criterion",
    establishes=proof(over="every n, every matrix"),
    claimed=dict(invertible=True, shifted=A * ONES - ONES * SCALE),
    controls={
        "rank one": dict(invertible=False),
        "row sums of the square": dict(shifted=A * A * ONES - ONES * SCALE),
    },
)
def degrees_as_eigenvector(invertible, shifted):
    """A(A1) = ρ(A1) says A(A1 − ρ1) = 0; an inverse of A then gives A1 = ρ1, and conversely.

    The number ρ is a letter acting from the right, as on the 1 × 1 matrices it stands for.
    """
    eigenvector = A * A * ONES - A * ONES * SCALE
    follows(
        eigenvector - A * shifted,
        models=list(_scaled(TRIANGLE, "2")),
        message="the criterion is another one",
    )
    follows(
        A * ONES - ONES * SCALE,
        using=[
            (INVERSE, eigenvector, 1),
            (-1, INVERSE * A - 1, A * ONES),
            (1, INVERSE * A - 1, ONES * SCALE),
        ]
        if invertible
        else [(1, eigenvector, 1)],
        models=[
            *_scaled(TRIANGLE, "2"),
            *([] if invertible else [*_scaled(RANK_ONE, "5"), *_scaled(HARMONIC_TREE, "2")]),
        ],
        message="the degrees are an eigenvector without being constant",
    )
    follows(
        eigenvector,
        using=[(A, A * ONES - ONES * SCALE, 1)],
        models=_scaled(TRIANGLE, "2"),
        message="constant degrees are no eigenvector",
    )


def _scaled(matrix: np.ndarray, root: str) -> Iterator[dict[str, object]]:
    model = {
        "A": matrix,
        "ones": ones_like(matrix)[:, None],
        "scale": rational_array([[root]]),
    }
    yield model | ({"inverse": inverse(matrix)} if matrix is TRIANGLE else {})


@check(
    EIGENVECTOR_VS_STATIONARY,
    part="criterion",
    establishes=exact(bound="two named matrices, and every connected graph with n ≤ 5"),
    claimed=dict(criterion=_degrees_are_mapped_along),
    controls={
        "constant row sums": dict(criterion=lambda sums, matrix: bool((sums == sums[0]).all())),
        "any graph": dict(criterion=lambda sums, matrix: True),
    },
)
def coincidence_on_instances(criterion):
    """Degrees ∥ Perron vector, read from the limit of PageRank and from A d ∥ d."""
    for matrix in [RANK_ONE, HARMONIC_TREE, *_connected_graphs(5)]:
        law = stationary_law(matrix / matrix.sum(axis=1)[:, None])
        refute_unless(
            _parallel(matrix @ law, law) == criterion(matrix.sum(axis=1), matrix),
            "the stationary law is an eigenvector although the criterion fails, or the reverse",
            A=matrix,
            law=law,
            image=matrix @ law,
        )


@check(
    EIGENVECTOR_VS_STATIONARY,
    part="path of three tokens",
    # The statement is about this one matrix, so that nothing in its scope is left out.
    establishes=proof(over="the matrix of the statement", by="exact arithmetic in Q(√2)"),
    claimed=dict(matrix=PATH, perron=(1, ROOT, 1), law=["1/4", "1/2", "1/4"], differ=True),
    controls={
        "degrees as Perron vector": dict(perron=(1, 2, 1)),
        "uniform law": dict(law=["1/3", "1/3", "1/3"]),
        "both coincide": dict(differ=False),
    },
)
def path_of_three(matrix, perron, law, differ):
    """Av = √2 v entry by entry from √2·√2 = 2; the law by solving; Ad = (2, 2, 2) is not ∥ d."""
    field = [{"root": rational_array([[0, 2], [1, 0]])}]
    entries = [[int(entry) for entry in row] for row in matrix]
    for row, own in zip(entries, perron):
        image = sum(
            (weight * FreeElement.one() * value for weight, value in zip(row, perron)),
            start=FreeElement.constant(0),
        )
        follows(
            image - ROOT * own,
            using=[(-1, ROOT * ROOT - 2, 1)] if own == ROOT else [],
            models=field,
            message="the vector is no eigenvector for √2",
        )
    sums = matrix.sum(axis=1)
    found = stationary_law(matrix / sums[:, None])
    refute_unless(
        bool((found == rational_array(law)).all()),
        "the stationary law is another one",
        A=matrix,
        law=found,
    )
    refute_unless(
        _parallel(matrix @ found, found) != differ,
        "the stationary law and the Perron vector relate otherwise",
        A=matrix,
        law=found,
        image=matrix @ found,
    )
    note(perron_share=f"({1 / (2 + 2**0.5):.3f}, {2**0.5 / (2 + 2**0.5):.3f}, …)")


def _clique_beside_a_star() -> np.ndarray:
    """Tokens 1–4 attend to each other; token 5 to token 4 and to the leaves 6–10."""
    graph = np.zeros((10, 10))
    graph[:4, :4] = 1 - np.eye(4)
    graph[3, 4] = graph[4, 3] = 1
    graph[4, 5:] = graph[5:, 4] = 1
    return graph


@plot(EIGENVECTOR_VS_STATIONARY)
def three_rankings() -> Plot:
    """Shares of degree, eigenvector and PageRank centrality on one graph."""
    graph = _clique_beside_a_star()
    root = float(np.linalg.eigvalsh(graph)[-1])
    degrees = graph.sum(axis=1)
    shares = {
        "degree (stationary law)": degrees,
        "Katz, γ = 0.9/ρ": katz_centrality(graph, 0.9 / root),
        "eigenvector": np.abs(np.linalg.eigh(graph)[1][:, -1]),
        "PageRank, γ = 0.85": pagerank(graph / degrees[:, None], 0.85, np.full(10, 0.1)),
    }
    tokens = [f"token {k + 1}" for k in range(10)]
    leaders = {name: int(np.argmax(values)) + 1 for name, values in shares.items()}
    return Plot(
        title="One graph, four centralities",
        x_label="token",
        y_label="share of the total",
        series=[
            Series(label=name, x=tokens, y=(values / values.sum()).tolist(), style="bars")
            for name, values in shares.items()
        ],
        caption="A clique of four tokens joined to a star of five leaves. First place: "
        + "; ".join(f"{name}: token {token}" for name, token in leaders.items())
        + ".",
    )
