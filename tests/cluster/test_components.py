"""Connected components: the same as by joining one edge after the other."""

import daft
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cluster.components import components, components_of
from crawler.dedup.stars import Families

EDGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(lambda edge: edge[0] != edge[1]), max_size=60)


def expected(edges):
    families = Families(41)
    for one, other in edges:
        families.join(one, other)
    members = sorted({node for edge in edges for node in edge})
    least = {}
    for node in members:
        least.setdefault(families.of(node), node)
    return members, [least[families.of(node)] for node in members]


@given(EDGES)
def test_arrays(edges):
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    nodes, least = components(ends[:, 0], ends[:, 1])
    assert (nodes.tolist(), least.tolist()) == expected(edges)


def test_a_long_chain():
    chain = np.random.default_rng(1).permutation(5_000)
    nodes, least = components(chain[1:], chain[:-1])
    assert len(nodes) == 5_000
    assert not least.any()


@settings(max_examples=3, deadline=None)
@given(st.lists(EDGES.filter(bool), min_size=1, max_size=1))
def test_data_frames(drawn):
    (edges,) = drawn
    frame = daft.from_pydict({"one": [one for one, _ in edges], "other": [other for _, other in edges]})
    found = components_of(frame).sort("node").to_pydict()
    assert (found["node"], found["least"]) == expected(edges)
