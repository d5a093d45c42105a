"""Clusters around those that stay: nobody goes who does not repeat the one that stays."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.dedup.stars import MAX_COMPLETE, Families, stars

EDGES = st.dictionaries(
    st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(1, 5),
    max_size=25,
)


def found(edges, n=12):
    return stars(range(n), edges, Families(n), lambda one, other: edges.get((min(one, other), max(one, other)), 0))


@given(EDGES)
def test_every_member_repeats_its_centre_and_centres_repeat_no_other(edges):
    centres = found(edges)
    assert centres.keys() == set(range(12))
    for member, centre in centres.items():
        if member == centre:
            assert all(centres[other] != other for other in range(member) if (other, member) in edges)
        else:
            assert centre < member
            assert centres[centre] == centre
            most = max(n for (one, other), n in edges.items() if other == member and centres[one] == one)
            assert edges[centre, member] == most


@given(EDGES, st.randoms(use_true_random=False))
def test_the_same_whatever_the_order_of_the_pairs(edges, shuffle):
    items = list(edges.items())
    shuffle.shuffle(items)
    assert found(dict(items)) == found(edges)


def test_a_chain_falls_apart():
    assert found({(0, 1): 9, (1, 2): 9, (2, 3): 9}, 4) == {0: 0, 1: 0, 2: 2, 3: 2}


def test_members_of_a_large_family_are_compared_with_its_centres():
    n = 2 * MAX_COMPLETE
    families, edges, asked = Families(n), {}, []
    for member in range(1, n):
        families.join(member - 1, member)
        edges[member - 1, member] = 7

    def compare(one, other):
        asked.append((one, other))
        return 7 if one % 2 == other % 2 else 0

    centres = stars(range(n), edges, families, compare)
    assert set(centres.values()) == {0, 3}, "1 is next to 0"
    assert len(asked) < 2 * n
