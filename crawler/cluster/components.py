"""Which texts hang together by candidates: connected components by large-star and small-star.

Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii, "Connected Components in MapReduce and Beyond", SoCC 2014: each
node's greater neighbours, then its lesser ones, are tied to the least of its neighbours and itself, until nothing
changes; O(log² n) rounds, three or four on what newspapers print. One machine does it on arrays; more edges than fit
there are Daft's, with the same steps as joins and groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crawler.cluster.engine import cluster_module

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_EDGES = 200_000_000
"""Edges up to which one machine is quicker: some 10 GB while they are sorted."""
Edges = tuple["NDArray[np.int64]", "NDArray[np.int64]"]


def components(first: NDArray[np.int64], second: NDArray[np.int64]) -> Edges:
    """Members of pairs, sorted, and the least member of the component of each."""
    nodes = np.unique(np.concatenate([first, second]))
    one, other = np.searchsorted(nodes, first), np.searchsorted(nodes, second)
    while True:
        great, small = _star(one, other, len(nodes), is_large=True)
        after = _star(great, small, len(nodes), is_large=False)
        if len(after[0]) == len(one) and all(map(np.array_equal, after, (one, other))):
            break
        one, other = after
    least = np.arange(len(nodes))
    least[one] = other
    return nodes, nodes[least]


def _star(one: NDArray[np.int64], other: NDArray[np.int64], n: int, *, is_large: bool) -> Edges:
    """Edges (greater, lesser), each once, sorted."""
    great, small = np.maximum(one, other), np.minimum(one, other)
    least = np.arange(n)
    np.minimum.at(least, great, small)  # of a node and its lesser neighbours; greater ones cannot be less
    if is_large:  # every neighbour greater than the node is tied to the least
        pairs = great, least[small]
    else:  # every neighbour not greater than the node, and the node, are tied to the least
        pairs = np.concatenate([small, great]), np.concatenate([least[great], least[great]])
    is_edge = pairs[0] != pairs[1]
    great, small = (np.asarray(end[is_edge], dtype=np.uint64) for end in (np.maximum(*pairs), np.minimum(*pairs)))
    packed = np.unique((great << np.uint64(32)) | small)
    return (packed >> np.uint64(32)).astype(np.int64), (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)


def components_of(edges: Any) -> Any:
    """The same for a Daft data frame of edges `one`, `other`: a data frame of `node`, `least`, not sorted.

    Runs where Daft's runner is set to: this process, or a Ray cluster.
    """
    daft = cluster_module("daft")
    col = daft.col
    edges = _sorted_edges(edges, daft).collect()
    while True:
        large = _daft_star(edges, daft, is_large=True).collect()
        after = _daft_star(large, daft, is_large=False).collect()
        n_edges, n_after = edges.count_rows(), after.count_rows()
        is_same = n_after == n_edges and after.join(edges, on=["great", "small"]).count_rows() == n_edges
        edges = after
        if is_same:
            break
    roots = edges.select(col("small").alias("node"), col("small").alias("least")).distinct()
    return edges.select(col("great").alias("node"), col("small").alias("least")).union_all(roots)


def _sorted_edges(edges: Any, daft: Any) -> Any:
    one, other = daft.col("one"), daft.col("other")
    great, small = (pick(one, other) for pick in (daft.functions.columns_max, daft.functions.columns_min))
    return edges.where(one != other).select(great.alias("great"), small.alias("small")).distinct()


def _daft_star(edges: Any, daft: Any, *, is_large: bool) -> Any:
    col = daft.col
    least = edges.groupby("great").agg(col("small").min().alias("least"))
    if is_large:
        of_small = least.select(col("great").alias("small"), col("least"))
        found = edges.join(of_small, on="small", how="left")
        pairs = found.select(col("great").alias("one"), col("least").fill_null(col("small")).alias("other"))
    else:
        found = edges.join(least, on="great")
        ends = found.select(col("small").alias("one"), col("least").alias("other"))
        pairs = ends.union_all(found.select(col("great").alias("one"), col("least").alias("other")))
    return _sorted_edges(pairs, daft)
