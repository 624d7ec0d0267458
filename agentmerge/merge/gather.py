"""Move statements to the parts that they belong to.

A list of principles that several sources contribute to is where each of them puts what it has no
section for. Where another source has the section, the statement goes there: the section that its
bold lead names, else the one in which most of those stand that make the same claim. What is the
only statement left of a part goes to the part that it fits best.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from agentmerge.merge.claims import turns_around
from agentmerge.merge.drafts import Draft, Team, statements_of, title_of
from agentmerge.merge.lexicon import ConceptClass
from agentmerge.merge.roles import DOMAIN
from agentmerge.model import Kind, Unit

# Lists of these roles are kept for what has no section of its own.
_GENERAL = frozenset(("principles", "scope"))
_TOOLS = re.compile(r"\b(?:mcp|tools?|tooling|commands?|integrations?)\b|도구|명령|ツール|コマンド|工具|命令", re.IGNORECASE)
# A heading that its list completes: "Your directives are to".
_OPEN = re.compile(r"\b(?:to|when|if|with|for|by|are|is|must|should|can|will)[:：]?$", re.IGNORECASE)
# What joins the two subjects of one heading.
_AND = re.compile(r"\band\b|&|/|,|、|·|및|와 |과 |と|和|与|及", re.IGNORECASE)
# How surely those in the other section make the same claim, together.
_DRAWN = 0.6
# How much a lead and a heading share of what both name; less will do when the one names all that the other does.
_NAMED = 0.5
_WITHIN = 0.8
_NAMED_IN_PART = 0.25
# Of a heading that names several parts this share may be named by none of them.
_LITTLE = 0.25


def gather(drafts: Sequence[Draft], team: Team) -> None:
    """Move each statement of a joint list of principles to the part about what it says, if there is one."""
    domains = [d for d in drafts[1:] if _is_home(d, team)]
    homes = {unit: draft for draft in domains for section in draft.members for unit in section.units}
    for draft in drafts[1:]:
        _follow(draft, drafts, team)
    for draft in drafts[1:]:
        if draft.topic.role not in _GENERAL or draft.based is not None or len({s.source for s in draft.members}) < 2:
            continue
        for unit in [u for u in draft.units if _is_free(u, draft, team)]:
            target = _named(unit, domains, team) or _drawn(unit, draft, homes, team)
            if target is not None and target is not draft:
                _move(unit, draft, target)
    for draft in domains:
        if draft.based is None and len({s.source for s in draft.members}) == 1 and not draft.children and _AND.search(draft.title):
            _distribute(draft, domains, team)


def _is_home(draft: Draft, team: Team) -> bool:
    """Whether principles may go to a part: one about a subject, and no procedure, list of tools, example or list of what to avoid."""
    own = statements_of(draft, team)
    return (
        draft.topic.role == DOMAIN
        and bool(own)
        and draft.place is None
        and not draft.only_code
        and not turns_around(draft.title)
        and not _TOOLS.search(draft.title)
        and not _OPEN.search(draft.title)
        and team.procedures.keys().isdisjoint(u.id for u in own)
    )


def _distribute(draft: Draft, domains: Sequence[Draft], team: Team) -> None:
    """Let the statements of one author's "Architecture and Performance" go to the parts on either, when others have both."""
    title = _subjects_of(draft, team)
    own = {section.source for section in draft.members}
    others = [d for d in domains if not own.issuperset(section.source for section in d.members)]
    shared = {d.topic.id: title & _subjects_of(d, team) for d in others}
    parts = [d for d in others if team.comparison.content(shared[d.topic.id]) > 0]
    named = frozenset[str]().union(*(shared[d.topic.id] for d in parts))
    apart = any(shared[a.topic.id].isdisjoint(shared[b.topic.id]) for a in parts for b in parts)
    if not apart or team.comparison.content(title - named) > _LITTLE * team.comparison.content(title):
        return
    for unit in [u for u in draft.units if _is_free(u, draft, team)]:
        fits = [(round(_fit(unit, d, team), 3), d.topic.id, d) for d in parts if _about(unit, d, team)]
        if fits:
            _move(unit, draft, max(fits, key=lambda fit: fit[:2])[2])


def _subjects_of(draft: Draft, team: Team) -> frozenset[str]:
    """What the headings of a part name."""
    lexicon = team.comparison.lexicon
    found = title_of(draft, team)
    return found - lexicon.implied(found)


def _move(unit: Unit, draft: Draft, target: Draft) -> None:
    """Move a list item, with all of its sentences, to the end of another part."""
    moved = [u for u in draft.units if u.source == unit.source and u.item is not None and u.item == unit.item] or [unit]
    draft.units = [u for u in draft.units if u not in moved]
    target.units.extend(moved)


def _follow(draft: Draft, drafts: Sequence[Draft], team: Team) -> None:
    """Let what is left of a list that a lead-in opens follow its other items, when most of them went into one other part."""
    if draft.based is not None:
        return
    homes = {unit.id: other for other in drafts[1:] for unit in other.units}
    for lead in [u for u in draft.units if u.kind is Kind.LEAD and team.kept(u)]:
        led = _led(lead, team)
        left = [u for u in led if team.kept(u)]
        went: dict[str, int] = defaultdict(int)
        for unit in led:
            into = team.final(unit.id)
            if into in homes and not team.kept(unit):
                went[homes[into].topic.id] += 1
        place = max(went, key=lambda name: (went[name], name), default="")
        if left and place not in ("", draft.topic.id) and 2 * went[place] > len(led):
            target = next(other for other in drafts if other.topic.id == place)
            draft.units = [u for u in draft.units if u is not lead and u not in left]
            target.units.extend((lead, *left))


def _led(lead: Unit, team: Team) -> list[Unit]:
    """The list items that a lead-in opens."""
    here = [u for u in team.units.values() if u.section == lead.section]
    after = here[here.index(lead) + 1 :]
    end = next((n for n, u in enumerate(after) if u.item is None), len(after))
    return after[:end]


def _is_free(unit: Unit, draft: Draft, team: Team) -> bool:
    """Whether a unit is the first of a list item that nothing leads in, nests, or numbers for its order."""
    if unit.kind is not Kind.ITEM or unit.parent or unit.depth or unit.id in team.procedures or not team.kept(unit):
        return False
    same = [u for u in draft.units if u.source == unit.source]
    if any(u.parent == unit.id for u in same):
        return False
    first = next(u for u in same if u.item == unit.item)
    block = [u for u in same if u.block == unit.block]
    at = same.index(block[0])
    return first is unit and not (at and same[at - 1].kind is Kind.LEAD)


def _named(unit: Unit, domains: Sequence[Draft], team: Team) -> Draft | None:
    """The part whose heading says what the bold lead of a list item says."""
    label = team.comparison.readings[unit.id].title
    if not label:
        return None
    found = []
    for draft in domains:
        titles = [team.comparison.readings[s.heading].title for s in draft.members if s.heading]
        best = max((_naming(team, label, title) for title in titles), default=0.0)
        if best:
            found.append((round(best, 3), draft.topic.id, draft))
    return max(found, key=lambda entry: entry[:2])[2] if found else None


def _naming(team: Team, label: frozenset[str], title: frozenset[str]) -> float:
    """How surely a bold lead names what a heading names (0: it does not)."""
    share, within, _ = team.comparison.overlap(label, title, False)
    return share if share >= _NAMED or (within >= _WITHIN and share >= _NAMED_IN_PART) else 0.0


def _drawn(unit: Unit, draft: Draft, homes: Mapping[str, Draft], team: Team) -> Draft | None:
    """The part in which those stand that make the same claim, when they outweigh those in the unit's own."""
    weights: dict[str, float] = defaultdict(float)
    parts: dict[str, Draft] = {}
    own = {u for section in draft.members for u in section.units}
    here = 0.0
    for other, score in team.partners.get(unit.id, ()):
        if team.units[other].source == unit.source:
            continue
        if other in own:
            here += score
        elif other in homes:
            weights[homes[other].topic.id] += score
            parts[homes[other].topic.id] = homes[other]
    if not weights:
        return None
    best = max(weights, key=lambda name: (round(weights[name], 3), name))
    return parts[best] if weights[best] >= _DRAWN and weights[best] > here else None


def _about(unit: Unit, draft: Draft, team: Team) -> bool:
    """Whether a statement speaks of what a part is about: a concept of its heading, or of most that stands there."""
    # To implement something is no more about development than about anything else.
    own = _things(team.comparison.readings[unit.id].concepts, team)
    title = title_of(draft, team)
    if team.comparison.content(own & title) > 0:
        return True
    others = [team.comparison.readings[u.id].concepts for u in statements_of(draft, team)]
    return 2 * sum(team.comparison.content(own & other) > 0 for other in others) >= max(len(others), 1)


def _things(concepts: frozenset[str], team: Team) -> frozenset[str]:
    kinds = team.comparison.lexicon.kinds
    return frozenset(c for c in concepts if kinds.get(c) not in (ConceptClass.ACTION, ConceptClass.GENERIC))


def relocate(drafts: Sequence[Draft], team: Team) -> None:
    """Move the lone statement of a part that shrank to the part that it fits best."""
    for draft in sorted(drafts[1:], key=lambda d: d.topic.id):
        left = statements_of(draft, team)
        home = _best_home(left[0], draft, drafts, team) if _is_remnant(draft, left, team) else None
        if home is not None:
            draft.units.clear()
            home.units.append(left[0])


def _is_remnant(draft: Draft, left: Sequence[Unit], team: Team) -> bool:
    """Whether one statement is left of a part that said more."""
    whole = [u for s in draft.members for u in s.units]
    led = any(team.kept(u) and u.kind in (Kind.LEAD, Kind.HEADING) for u in draft.units)
    if led or draft.based is not None or draft.place is not None or draft.children:
        return False
    return len(left) == 1 and len(whole) > 2 and left[0].kind in (Kind.ITEM, Kind.SENTENCE)


def _best_home(unit: Unit, draft: Draft, drafts: Sequence[Draft], team: Team) -> Draft | None:
    """The part that a statement fits best, if there is one that shares anything with it; no procedure takes it in."""
    found = [
        (round(_fit(unit, d, team), 3), d.topic.id, d)
        for d in drafts[1:]
        if d is not draft
        and d.place is None
        and turns_around(d.title) == turns_around(draft.title)
        and len(own := statements_of(d, team)) >= 2
        and team.procedures.keys().isdisjoint(u.id for u in own)
    ]
    best = max(found, key=lambda home: home[:2], default=None)
    return best[2] if best and best[0] > 0 else None


def _fit(unit: Unit, draft: Draft, team: Team) -> float:
    own = _things(team.comparison.readings[unit.id].concepts, team)
    others: set[str] = set()
    for other in draft.units:
        others |= team.comparison.readings[other.id].concepts
    title = title_of(draft, team)
    return team.comparison.mass(own & frozenset(others)) + team.comparison.mass(own & title)
