"""The smallest set of statements that makes every claim."""

from __future__ import annotations

from collections.abc import Mapping

from agentmerge.merge.partners import Partners
from agentmerge.merge.selection import Place, Selection


def chosen(claims: Mapping[str, str], order: str = "", strangers: tuple[str, ...] = ()) -> str:
    """The statements that stay of some with these claims (a letter each); all that share one may speak for one another, strangers not."""
    units = list(order or claims)

    def speaks(one: str, other: str) -> bool:
        return (
            one != other and bool(set(claims[one]) & set(claims[other])) and one + other not in strangers and other + one not in strangers
        )

    partners = {u: Partners(peers=tuple((o, 0.9) for o in units if speaks(u, o))) for u in units}

    def place(unit: str, there: Partners) -> Place | None:
        said = set().union(*(claims[peer] for peer, _ in there.peers))
        return Place(there.peers[0][0], "DUP002", "") if set(claims[unit]) <= said else None

    selection = Selection(units, units, partners, place)
    selection.select()
    assert selection.gone == set(units) - selection.standing
    assert all(selection.place(unit) for unit in selection.gone)
    return "".join(sorted(selection.standing))


def test_the_least_worth_keeping_goes() -> None:
    assert chosen({"A": "x", "B": "x"}) == "B"
    assert chosen({"B": "x", "A": "x"}) == "A"


def test_several_may_make_the_claims_of_one() -> None:
    assert chosen({"A": "xy", "B": "xz", "C": "yz"}) == "BC"


def test_what_makes_a_claim_of_one_that_went_stays() -> None:
    # E says all of B; but A went for B and C, and E may not speak for A.
    claims = {"A": "xy", "B": "xw", "C": "yv", "E": "xwu"}
    assert chosen(claims) == "CE"
    assert chosen(claims, strangers=("AE",)) == "BCE"


def test_one_comes_back_for_two() -> None:
    assert chosen({"A": "xyz", "B": "xy", "C": "z", "D": "y"}, "ADBC") == "A"


def test_nothing_goes_without_another_that_says_it() -> None:
    assert chosen({"A": "x", "B": "y", "C": "xyw"}, "CAB") == "C"
    assert chosen({"A": "x", "B": "y"}) == "AB"


def test_what_is_said_whole_goes_before_what_loses_a_shade() -> None:
    # Each may go for the other: A, worth less, but for a shade; B with nothing unsaid.
    partners = {"A": Partners(peers=(("B", 0.9),)), "B": Partners(peers=(("A", 0.9),))}
    selection = Selection(["A", "B"], ["A", "B"], partners, lambda unit, there: Place(there.peers[0][0], "DUP002", "", unit == "A"))
    selection.select()
    assert selection.standing == {"A"}
