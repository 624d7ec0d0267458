"""One identity sentence opens the canonical agent; what only another one says is kept as a claim (PERS001)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from agentmerge.merge.claims import Reading, concepts_of, plain
from agentmerge.merge.coverage import is_minimal_pair
from agentmerge.merge.fields import fields_of, own_fields
from agentmerge.merge.identity import identities_of
from agentmerge.merge.lexicon import ConceptClass
from agentmerge.merge.siblings import names_of
from agentmerge.merge.table import Table
from agentmerge.model import Conflict, Kind, Outcome, Unit
from agentmerge.rules.text.scopes import scope_of

_LOST = 0.5
_AS_MUCH = 0.9
# A single odd word is no domain: what is lost must weigh as much as a thing does.
_SUBSTANCE = 0.8
_THINGS = 2
# What praises the agent and tells it nothing to do.
_BOAST = re.compile(
    r"\b(?:equivalent to|comparable to|(?:companies|firms|organi[sz]ations) (?:like|such as))\b.*"
    r"|\b(?:elite|world-class|master(?:-level|ful|y)?|experts?|expertise|experienced|seasoned|senior|principal|lead|renowned|top-tier|highly|"
    r"skilled|professional|specialized|specialist|specializing|specialising|unparalleled|exceptional|deep|extensive|years?|decades?|"
    r"experience|knowledge|understanding|meticulous|practical|passionate|proven|track record)\b|\d+\+?"
    r"|전문가|전문|시니어|수석|숙련된|풍부한|경험|경력|년|최고|세계적|뛰어난|지식|専門家|専門|シニア|熟練|経験|豊富な|卓越した|一流|エキスパート|精通|深い|年以上"
    r"|资深|专家|专业|高级|顶级|经验|丰富|精通|多年|深厚|一流|卓越",
    re.IGNORECASE | re.DOTALL,
)


def settle_persona(table: Table) -> None:
    """Keep the identity that shares most with the others, and of the others what would be lost with them."""
    found = [unit for agent in table.agents for unit in identities_of(agent) if table.stands(unit.id)]
    if len({unit.source for unit in found}) < 2 or table.policy.choice("persona", at=table.subject(*(u.id for u in found))) == "keep":
        return
    chosen = _central(table, found)
    claims = _claims(table, found, chosen)
    fuller = next((unit for unit in claims if unit.language == chosen.language and _says_all(table, unit, chosen)), None)
    if fuller and chosen.source != table.policy.base:
        # Of two sentences of which one says all that the other says, the fuller opens the agent, alone.
        chosen, claims = fuller, _claims(table, found, fuller)
    table.record(chosen.id, Outcome.KEPT, "PERS001", "the one identity sentence: it shares most with the others")
    for unit in found:
        if unit in claims:
            table.record(unit.id, Outcome.KEPT, "PERS001", f"kept as a claim: nothing else says {claims[unit]}")
        elif unit.source != chosen.source:
            # What an author adds about the agent that was chosen is part of that identity.
            table.record(unit.id, Outcome.OVERRIDDEN, "PERS001", "one identity sentence is enough", chosen.id)
    if len({" ".join(unit.text.lower().split()) for unit in found}) > 1:
        table.conflicts.append(_choice(chosen, found, [unit.id for unit in claims]))


def _claims(table: Table, found: Sequence[Unit], chosen: Unit) -> Mapping[Unit, str]:
    """The identities of other sources that say what nothing beside them says, with what that is; shorter ones first give way."""
    beside = {other.id for other in found}
    claims = {}
    for unit in sorted((u for u in found if u.source != chosen.source), key=lambda u: (len(u.text), u.id)):
        beside.discard(unit.id)
        lost = _lost(table, unit, beside) or _other_subject(table, unit, chosen)
        if lost:
            claims[unit] = lost
            beside.add(unit.id)
    return claims


def _says_all(table: Table, unit: Unit, other: Unit) -> bool:
    reading = table.reading(unit.id)
    return table.comparison.said(_told(table, other), reading.concepts, reading.wide) >= _AS_MUCH


def _central(table: Table, found: Sequence[Unit]) -> Unit:
    """The identity in the preferred language, by priority, that shares most with the others."""
    at = table.subject(*(unit.id for unit in found))

    def rank(unit: Unit) -> tuple[object, ...]:
        own = table.reading(unit.id).concepts
        shared = sum(table.comparison.mass(own & table.reading(other.id).concepts) for other in found if other.source != unit.source)
        foreign = unit.language != table.language
        return (
            unit.id not in table.pinned,
            unit.source != table.policy.base,
            foreign,
            table.policy.rank(unit.source, at=at),
            -round(shared, 2),
            len(unit.text),
            unit.id,
        )

    return min(found, key=rank)


def _choice(chosen: Unit, found: Sequence[Unit], claims: Sequence[str]) -> Conflict:
    kept = f"; {', '.join(sorted(claims))} {'stays' if len(claims) == 1 else 'stay'} as a claim" if claims else ""
    return Conflict(
        id="persona",
        kind="persona",
        members=tuple(unit.id for unit in found),
        decision=f"{chosen.id} opens the agent{kept}",
        resolved=True,
        rule="PERS001",
        why=f"{len({unit.source for unit in found})} sources say what the agent is, each in its own way",
    )


def _lost(table: Table, unit: Unit, beside: Collection[str]) -> str:
    """What an identity says that nothing that stays says, in words; "" when that is little, or praise only."""
    kinds = table.comparison.lexicon.kinds
    named = {c for c in _told(table, unit) if kinds.get(c) == ConceptClass.TECHNOLOGY}
    standing = [
        reading
        for reading in table.comparison.readings.values()
        if reading.unit.id != unit.id and table.stands(reading.unit.id) and (not reading.place.identity or reading.unit.id in beside)
    ]
    said = frozenset[str]().union(*(r.concepts | r.title for r in standing if r.unit.kind is not Kind.COMMENT))
    wide = frozenset[str]().union(*(r.wide for r in standing))
    gone = sorted(c for c in named if c not in said and c not in wide)
    if gone:
        return ", ".join(gone)
    told = _told(table, unit)
    fields = _given_up(table, unit, told, standing)
    if fields:
        return ", ".join(sorted(fields))
    unsaid = frozenset(c for c in told if table.comparison.said(frozenset((c,)), said, wide, foreign=False) < _LOST)
    weight = table.comparison.content(told)
    lost = table.comparison.content(unsaid)
    known = sorted(c for c in unsaid if not c.startswith("w:"))
    if len(known) < _THINGS or lost < _SUBSTANCE or lost <= _LOST * weight:
        return ""
    return ", ".join(known)


def _other_subject(table: Table, unit: Unit, chosen: Unit) -> str:
    """What an identity is about that is worded as the chosen one but for that: a "security-focused reviewer" is no "bug-focused" one."""
    if not is_minimal_pair(unit.text, chosen.text):
        return ""
    mine, theirs = _told(table, unit), _told(table, chosen)
    if chosen.source == table.policy.base:
        # A base that absorbs "Quality Reviewer" is not called so; what else that one says of itself may stay.
        agent = next(agent for agent in table.agents if agent.source.id == unit.source)
        mine -= frozenset[str]().union(
            *(concepts_of(plain(re.sub("[-_]", " ", name)), table.comparison.lexicon) for name in names_of(agent))
        )
    return ", ".join(sorted(mine - theirs)) if mine - theirs and theirs - mine else ""


def _given_up(table: Table, unit: Unit, told: frozenset[str], standing: Sequence[Reading]) -> frozenset[str]:
    """The fields that an identity alone names, of an agent whose narrow scope gave way; to set a field aside does not name it."""
    if not any(made.rule == "SCOPE001" and table.units[made.unit].source == unit.source for made in table.made.values()):
        return frozenset()
    lexicon = table.comparison.lexicon
    fields = own_fields() & fields_of(told, lexicon)
    named = (fields_of(r.concepts, lexicon) for r in standing if fields and not ((s := scope_of(plain(r.unit.text))) and s.aside))
    return fields - frozenset[str]().union(*named)


def _told(table: Table, unit: Unit) -> frozenset[str]:
    """What an identity tells of the agent's work: its concepts without praise and generic ones."""
    lexicon = table.comparison.lexicon
    concepts = concepts_of(_BOAST.sub(" ", plain(unit.text)), lexicon)
    own = concepts - lexicon.implied(concepts)
    return frozenset(c for c in own if lexicon.kinds.get(c) != ConceptClass.GENERIC)
