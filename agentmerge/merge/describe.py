"""Compose the description (DESC001): the fullest opening, the urge to use the agent, and what other sources add.

Sentences are the sources' own. One language is preferred: a sentence in another enters only for what no other says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agentmerge.merge.claims import concepts_of
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.lexicon import ConceptClass
from agentmerge.merge.triggers import Description, excludes, joined, plain_words, read_description, tongue_of, urges, without_urge
from agentmerge.model import Agent, FieldDecision, Outcome, Value
from agentmerge.rules.policy import Policy, Subject

# What a sentence must add to enter: a share of what it says, and as much as one thing weighs.
_NEW = 0.45
# Of a sentence that begins as one that stands, what differs is its point: less that is new will do.
_NEW_ALIKE = 0.25
_ALIKE = 2
_NEW_FOREIGN = 0.45
_SUBSTANCE = 0.5
_SUBSTANCE_FOREIGN = 1.2
_PRODUCTS = 2
_SAID = 0.5
_WHOLE = 0.99
_MAJORITY = 2


class _Sentence(NamedTuple):
    """One sentence of a source's description; ``of`` is the source."""

    of: str
    text: str
    language: str
    concepts: frozenset[str]
    place: int


class _Said(NamedTuple):
    """What a team's descriptions say in the main language, and which sources are translations of others in it."""

    comparison: Comparison
    main: str
    concepts: frozenset[str]
    translated: frozenset[str]


@dataclass(slots=True)
class _Draft:
    """A description while it is being composed; ``left`` says for each source why sentences stay out."""

    limit: int
    main: str = "en"
    chosen: list[_Sentence] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    left: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def text(self, *more: _Sentence) -> str:
        return joined([sentence.text for sentence in (*self.in_order(), *more)])

    def in_order(self) -> list[_Sentence]:
        """What was chosen, source by source in the order in which they came in, each in its own order."""
        found = dict.fromkeys(sentence.of for sentence in self.chosen)
        own = {source: [s for s in self.chosen if s.of == source] for source in found}
        # What the agent does comes before the urge to use it, other languages come last.
        sources = sorted(
            found, key=lambda source: (all(s.language != self.main for s in own[source]), all(urges(s.text) for s in own[source]))
        )
        return sorted(self.chosen, key=lambda sentence: (sources.index(sentence.of), sentence.place))

    def fits(self, sentence: _Sentence) -> bool:
        return len(self.text(sentence)) <= self.limit

    def leave(self, sentence: _Sentence, why: str) -> None:
        self.left[sentence.of][why] += 1

    def said(self) -> frozenset[str]:
        return frozenset[str]().union(*(sentence.concepts for sentence in self.chosen))


def describe(
    agents: Sequence[Agent],
    comparison: Comparison,
    language: str,
    policy: Policy,
    name: str = "",
    versions: frozenset[frozenset[str]] = frozenset(),
) -> tuple[str, tuple[FieldDecision, ...]]:
    """The canonical description and what became of each source's.

    ``name`` is the canonical agent's; ``versions`` are pairs of sources of which one is a translation or fork of the other.
    """
    at = Subject(key="description", sources=tuple(agent.source.id for agent in agents if agent.has("description")))
    given = {agent.source.id: _text(agent.value("description")) for agent in agents if agent.has("description")}
    read = {source: read_description(text) for source, text in given.items()}
    if not any(d.sentences for d in read.values()):
        read = {source: Description((words,) if (words := plain_words(text)) else (), ()) for source, text in given.items()}
    urged = [source for source, d in read.items() if any(map(urges, d.sentences))]
    wanted = _is_urged(policy.choice("description", "proactive", at=at), len(urged), sum(bool(d.sentences) for d in read.values()))
    if urged and not wanted:
        read = {source: _calm(description) for source, description in read.items()}
    lexicon = comparison.lexicon
    # A line of product names is in the language of what it stands in.
    tongue = {source: tongue_of(" ".join(description.sentences)) for source, description in read.items()}
    sentences = [
        _Sentence(source, text, tongue_of(text, tongue[source]), concepts_of(text, lexicon), n)
        for source, description in read.items()
        for n, text in enumerate(description.sentences)
    ]
    if not sentences:
        return "", ()
    draft = _Draft(int(str(policy.option("description", "max_length", at=at))))
    ranks = {source: policy.rank(source, at=at) for source in read}
    stale = _other_names(agents, name)
    first = _leading(sentences, comparison, language, ranks, draft.limit, stale)
    compose = policy.choice("description", at=at) == "compose"
    own = [s for s in sentences if s.of == first]
    draft.main = main = _main_language(own, language)
    _open(draft, [s for s in own if not compose or s.language == main])
    if compose:
        rest = [s for s in sentences if s not in draft.chosen and s.text not in {c.text for c in draft.chosen}]
        others = [s for s in rest if s.of != first or s.language != main]
        if wanted and not any(urges(s.text) for s in draft.chosen):
            _urge(draft, [s for s in others if urges(s.text)], comparison, main, ranks)
        told = {s.of for s in sentences if s.language == main}
        translated = frozenset(source for pair in versions for source in pair if pair & told - {source})
        known = frozenset[str]().union(*(s.concepts for s in sentences if s.language == main))
        for bound in [s for s in others if _is_bound(s, stale) and s not in draft.chosen]:
            draft.leave(bound, "bound")
        _add(draft, [s for s in others if not _is_bound(s, stale)], _Said(comparison, main, known, translated), ranks)
        _prune(draft, comparison, main)
    taken = _examples(draft, first, read, policy.choice("description", "examples", at=at), ranks)
    body = joined([draft.text(), *draft.examples])
    return body, tuple(_decision(source, read[source], draft, first, taken.get(source, 0), compose=compose) for source in given)


def _is_urged(option: str, count: int, among: int) -> bool:
    return count > 0 if option == "any" else option == "majority" and _MAJORITY * count > among


def _calm(description: Description) -> Description:
    """A description without its urge; one that is nothing else keeps it."""
    calm = tuple(text for s in description.sentences if (text := without_urge(s) if urges(s) else s))
    return description._replace(sentences=calm or description.sentences)


def _other_names(agents: Sequence[Agent], name: str) -> tuple[str, ...]:
    """Names of sources that the canonical agent does not bear; of one word only, they may be words of a sentence."""
    names = {str(agent.value("name") or "") for agent in agents} - {name}
    return tuple(sorted(one for one in names if "-" in one or "_" in one))


def _is_bound(sentence: _Sentence, stale: Sequence[str]) -> bool:
    """Whether a sentence is about its own agent only: it says what that one is not for, or calls it by its name."""
    return excludes(sentence.text) or any(one in sentence.text for one in stale)


def _leading(
    sentences: Sequence[_Sentence], comparison: Comparison, language: str, ranks: Mapping[str, int], limit: int, stale: Sequence[str]
) -> str:
    """The source whose description is fullest in the preferred language, by priority first."""

    def rank(source: str) -> tuple[object, ...]:
        own = [s for s in sentences if s.of == source]
        fitting = [s for s in own if s.language == language]
        said = frozenset[str]().union(*(s.concepts for s in fitting or own if not excludes(s.text)))
        length = sum(len(s.text) + 1 for s in fitting or own) - 1
        named = any(one in s.text for s in own for one in stale)
        return (ranks[source], not fitting, length > limit, named, -round(comparison.mass(said), 2), source)

    return min({s.of for s in sentences}, key=rank)


def _main_language(own: Sequence[_Sentence], language: str) -> str:
    """The preferred language when a description has it, else the one most of it is in."""
    spoken = [s.language for s in own]
    return (
        language if language in spoken else max(sorted(set(spoken)), key=lambda code: sum(len(s.text) for s in own if s.language == code))
    )


def _open(draft: _Draft, own: Sequence[_Sentence]) -> None:
    """As many sentences of the opening as fit; of a first one that is too long, as many words."""
    for sentence in own:
        if draft.fits(sentence):
            draft.chosen.append(sentence)
        elif not draft.chosen:
            cut = sentence.text[: draft.limit + 1].rpartition(" ")[0] or sentence.text[: draft.limit]
            draft.chosen.append(sentence._replace(text=cut.rstrip(" ,;:-")[: draft.limit].strip() or sentence.text[: draft.limit]))
            draft.leave(sentence, "shortened")
        else:
            draft.leave(sentence, "shortened")


def _urge(draft: _Draft, urging: Sequence[_Sentence], comparison: Comparison, main: str, ranks: Mapping[str, int]) -> None:
    """Add the sentence that urges, and make room for it; the opening's first sentence stays."""
    said = draft.said()

    def rank(sentence: _Sentence) -> tuple[object, ...]:
        new = comparison.content(_new(sentence, said, comparison, main))
        return (sentence.language != main, ranks[sentence.of], excludes(sentence.text), -round(new, 1), len(sentence.text), sentence.of)

    for sentence in sorted(urging, key=rank):
        whole = list(draft.chosen)
        while len(draft.chosen) > 1 and not draft.fits(sentence):
            draft.chosen.pop()
        if draft.fits(sentence):
            for lost in whole[len(draft.chosen) :]:
                draft.leave(lost, "shortened")
            draft.chosen.append(sentence)
            return
        draft.chosen = whole


def _add(draft: _Draft, others: Sequence[_Sentence], known: _Said, ranks: Mapping[str, int]) -> None:
    """Add what other sources say beyond what stands, most first; a sentence in another language comes last."""
    for foreign in (False, True):
        waiting = [s for s in others if (s.language != known.main) == foreign and s not in draft.chosen]
        while waiting:
            said = draft.said() | known.concepts if foreign else draft.said()
            worth = {s: _worth(s, said, known, alike=_begins_alike(s, draft)) for s in waiting}
            waiting = [s for s in waiting if worth[s] > 0]
            fitting = [s for s in waiting if draft.fits(s)]
            if not fitting:
                for sentence in waiting:
                    draft.leave(sentence, "room")
                break
            best = min(fitting, key=lambda s: (ranks[s.of], -round(worth[s], 1), len(s.text), s.of, s.place))
            draft.chosen.append(best)
            waiting.remove(best)


def _prune(draft: _Draft, comparison: Comparison, main: str) -> None:
    """Take out what came in before a sentence that says all of it and more."""
    for sentence in list(draft.chosen):
        others = [s for s in draft.chosen if s is not sentence]
        said = frozenset[str]().union(*(s.concepts for s in others))
        told = _told(sentence, comparison, main)
        known = all(comparison.said(frozenset((c,)), said, said) >= _WHOLE for c in told)
        if told and known and (not urges(sentence.text) or any(urges(s.text) for s in others)):
            draft.chosen = others


def _begins_alike(sentence: _Sentence, draft: _Draft) -> bool:
    """Whether the opening of a description begins as one that stands: "Reviews code for bugs", "Reviews code for leaks"."""
    start = sentence.text.lower().split()[:_ALIKE]
    return sentence.place == 0 and any(s.place == 0 and s.text.lower().split()[:_ALIKE] == start for s in draft.chosen)


def _worth(sentence: _Sentence, said: frozenset[str], known: _Said, *, alike: bool = False) -> float:
    """How much a sentence would add; 0 when that is too little for its length."""
    comparison, main = known.comparison, known.main
    new = _new(sentence, said, comparison, main)
    worth = comparison.content(new)
    total = comparison.content(_told(sentence, comparison, main))
    share = worth / total if total else 0.0
    if sentence.language == main:
        return worth if worth >= _SUBSTANCE and share >= (_NEW_ALIKE if alike else _NEW) else 0.0
    # Names of products are the same in every language: who asks for one finds it whatever stands around it.
    products = sum(_is_product(c, comparison) for c in new)
    adds = worth >= _SUBSTANCE_FOREIGN and share >= _NEW_FOREIGN and sentence.of not in known.translated
    return worth if adds or products >= _PRODUCTS else 0.0


def _is_product(concept: str, comparison: Comparison) -> bool:
    """Whether a concept is a named product; in a text of another script an unknown Latin word is one."""
    return concept.startswith("w:") or comparison.lexicon.kinds.get(concept) == ConceptClass.TECHNOLOGY


def _told(sentence: _Sentence, comparison: Comparison, main: str) -> frozenset[str]:
    """What a sentence speaks of; of the unknown words of another language only names in Latin letters can be compared."""
    lexicon = comparison.lexicon
    own = sentence.concepts - lexicon.implied(sentence.concepts)
    foreign = sentence.language != main
    names = sentence.language in ("ko", "ja", "zh")
    return frozenset(
        c
        for c in own
        if lexicon.kinds.get(c) != ConceptClass.GENERIC and not (foreign and c.startswith("w:") and not (names and c.isascii()))
    )


def _new(sentence: _Sentence, said: frozenset[str], comparison: Comparison, main: str) -> frozenset[str]:
    """What a sentence speaks of that is not said; a product is said when it is named."""
    kinds, foreign = comparison.lexicon.kinds, sentence.language != main

    def is_said(concept: str) -> bool:
        if kinds.get(concept) == ConceptClass.TECHNOLOGY:
            return concept in said
        return comparison.said(frozenset((concept,)), said, said, foreign=foreign) >= _SAID

    return frozenset(c for c in _told(sentence, comparison, main) if not is_said(c))


def _examples(draft: _Draft, first: str, read: Mapping[str, Description], option: str, ranks: Mapping[str, int]) -> Mapping[str, int]:
    """Add the examples that the policy keeps, whole and while they fit; returns how many of each source."""
    order = sorted(read, key=lambda source: (source != first, ranks[source], source))
    wanted = {"none": 0, "first": 1, "each": 1, "all": None}[option]
    taken: dict[str, int] = {}
    for source in order if option != "first" else order[:1]:
        for example in read[source].examples[:wanted]:
            text = example if example.lower().startswith("<example") or draft.examples else f"Example: {example}"
            if len(joined([draft.text(), *draft.examples, text])) <= draft.limit and text not in draft.examples:
                draft.examples.append(text)
                taken[source] = taken.get(source, 0) + 1
    return taken


def _decision(source: str, read: Description, draft: _Draft, first: str, shown: int, *, compose: bool) -> FieldDecision:
    """What became of one source's description, and what of it was left out."""
    added = sum(s.of == source for s in draft.chosen)
    left = draft.left[source]
    if source == first and (added or not compose):
        outcome, why = Outcome.KEPT, "the fullest opening" + (", shortened" if "shortened" in left else "")
    elif not compose:
        outcome, why = Outcome.OVERRIDDEN, f"the policy takes the description of {first} alone"
    elif added or shown:
        outcome, why = Outcome.KEPT, "adds to the opening" + ("; more would not fit" if "room" in left else "")
    elif "room" in left:
        outcome, why = Outcome.DROPPED, f"what it adds does not fit within {draft.limit} characters"
    else:
        outcome, why = Outcome.MERGED, "says nothing that the description does not say"
    out = len(read.examples) - shown
    notes = [f"examples left out: {out}"] if out > 0 else []
    notes += [f"what it is not for or says by name left out: {left['bound']}"] if left["bound"] else []
    notes += [f"other marked-up text left out: {read.blocks}"] if read.blocks else []
    note = f" ({'; '.join(notes)})" if notes else ""
    return FieldDecision(source=source, key="description", outcome=outcome, rule="DESC001", why=why + note)


def _text(value: Value) -> str:
    """A description as text; a list or map is its texts one after the other."""
    return " ".join(_texts(value))


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)
