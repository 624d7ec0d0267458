"""Check the concept lexicon and measure how much of a corpus it covers.

    python bench/lexicon.py check                     columns, duplicates, orphans
    python bench/lexicon.py compile                   write the index that the package loads
    python bench/lexicon.py frequency                 write how common each concept is in the corpus
    python bench/lexicon.py coverage [--language ko] [--top 60] [--role frontend] [--grep WORD]
    python bench/lexicon.py inside [--top 2000]       words of the corpus that terms cover by less than half
    python bench/lexicon.py see "text"                the concepts seen in a text

Coverage: the share of content words (Latin), eojeols (Hangul) or characters of content segments
(Kana, Han) that a concept covers, without function words and numbers; the most frequent uncovered
ones are printed, so the next person knows what to add.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import re
import sys
import unicodedata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from agentmerge.merge.lexicon import (
    DATA,
    FREQUENCY,
    INDEX,
    LANGUAGES,
    build_lexicon,
    compiled,
    normalise,
    read_concepts,
    shipped_concepts,
    stem,
)

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "data" / "corpus"
SEGMENT = re.compile(r" ([^\x02\uac00-\ud7a3\u3041-\u30ff\u3400-\u9fff ]+)(?= )|([\uac00-\ud7a3]+|[\u30a1-\u30fc]+|[\u3400-\u9fff]+)")


def check() -> int:
    problems = []
    owner: dict[str, tuple[str, str, str]] = {}
    concepts = {}
    for path in sorted(DATA.glob("*.tsv")):
        try:
            rows = list(read_concepts(path.read_text(encoding="utf-8").split("\n"), path.name))
        except ValueError as error:
            problems.append(str(error))
            continue
        for concept in rows:
            if concept.id in concepts:
                problems.append(f"{path.name}: concept {concept.id!r} is also in {concepts[concept.id][0]}")
            concepts.setdefault(concept.id, (path.name, concept))
            for language, terms in concept.terms.items():
                for term in terms:
                    if term != unicodedata.normalize("NFC", term):
                        problems.append(f"{path.name}: {concept.id}: {term!r} is not NFC")
                    key = normalise(term).text
                    if not key.strip(" \x02"):
                        problems.append(f"{path.name}: {concept.id}: {term!r} has no letters")
                    elif "\x02" in key:
                        problems.append(f"{path.name}: {concept.id}: {term!r} holds punctuation that ends a phrase")
                    known = owner.setdefault(key, (path.name, concept.id, term))
                    if known[1] != concept.id:
                        problems.append(f"{path.name}: {concept.id}: term {term!r} ({language}) is already {known[1]} in {known[0]}")
    for name, concept in concepts.values():
        if concept.broader and concept.broader not in concepts:
            problems.append(f"{name}: {concept.id}: broader concept {concept.broader!r} does not exist")
    for problem in problems:
        print(problem)
    print(f"{len(concepts)} concepts, {len(owner)} terms, {len(problems)} problems")
    return 1 if problems else 0


def corpus_rows(language, role):
    for line in (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if (not language or language in row["languages"]) and (not role or role in str(row["role"])):
            yield row


# Words that say nothing about what is claimed: they need no concept, so coverage leaves them out.
FUNCTION_WORDS = """
a an the and or nor but so yet if then than as of to in on at by for from with without within into onto over under up down out off about
across against between among via per upon toward towards through until till since around along behind beyond beneath besides despite near
i me my mine we us our ours you your yours yourself he him his she her hers it its itself they them their theirs themselves one ones
this that these those there here what which who whom whose where when why how whatever whichever whoever
is am are was were be been being do does did done doing have has had having will would shall should can could may might must ought
not no never none neither cannot don doesn didn isn aren wasn weren won wouldn shouldn couldn hasn haven hadn ain
ll ve re nt also just even still too very such like etc eg ie vs am pm
el la los las un una del en de que por para con se le les des et du da do em der die und das von zu mit ist
"""
STOP_WORDS = frozenset(stem(word) for word in re.findall(r"\w+", FUNCTION_WORDS))
STOP_CHARACTERS = frozenset(
    "的了在是和与與对對中为為将將并並等或可以于於及由从從到被把这這那其不有个個也就都而且但如若当當时時后後前上下"
    "你我他她它们們您之所者则則还還再又很更最更让讓给給着著过過来來去没沒吗呢吧啊么麼什哪怎谁誰第"
    "要能会會该該应應需须別别无無未非只先已才仅即每各按用"
    "一二三四五六七八九十百千万零两兩几幾些里件句张份篇次"
)


def script_of(segment: str, file_language: str) -> str:
    if re.match("[\uac00-\ud7a3]", segment):
        return "ko"
    if re.match("[\u3041-\u30ff]", segment):
        return "ja"
    if re.match("[\u3400-\u9fff]", segment):
        return "ja" if file_language == "ja" else "zh"
    return "en"


def prose(path: Path) -> str:
    """A file's text without code and addresses."""
    text = path.read_text(encoding="utf-8", errors="replace")
    text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`|https?://\S+|<[^>\n]*>", " ", text)


def covered_by(lexicon, normal) -> bytearray:
    covered = bytearray(len(normal.text) + 1)
    for mention in lexicon.mentions(normal):
        covered[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
    return covered


class Count:
    """How much of one language was covered, and which pieces were not."""

    def __init__(self) -> None:
        self.all = self.hit = 0
        self.missing: collections.Counter[str] = collections.Counter()

    def word(self, word: str, hit: bool) -> None:
        self.all += 1
        self.hit += hit
        if not hit:
            self.missing[word] += 1

    def eojeols(self, segment: str, start: int, starts: frozenset[int], covered: bytes) -> None:
        """Count the written words that the normal form has joined."""
        cuts = [0, *(n for n in range(1, len(segment)) if start + n in starts), len(segment)]
        for begin, end in itertools.pairwise(cuts):
            if end - begin > 1:
                self.word(segment[begin:end], any(covered[begin:end]))

    def characters(self, segment: str, covered: bytes) -> None:
        """Count by characters, as Han is written without spaces.

        Uncovered function words do not count, nor do single characters: a term of one character
        only matches as a whole word, so between other terms none could cover them.
        """
        open_ = "".join("\x00" if hit or c in STOP_CHARACTERS else c for c, hit in zip(segment, covered, strict=True))
        rest = [part for part in open_.split("\x00") if len(part) > 1]
        self.hit += sum(covered)
        self.all += sum(covered) + sum(map(len, rest))
        self.missing.update(rest)


def coverage(language: str | None, top: int, role: str | None, grep: str | None, limit: int) -> int:
    lexicon = build_lexicon(shipped_concepts())
    counts = {name: Count() for name in LANGUAGES}
    for row in list(corpus_rows(language, role))[:limit]:
        file_language = next((code for code in ("ko", "ja", "zh") if code in row["languages"]), "en")
        for line in prose(CORPUS / row["file"]).split("\n"):
            if grep and grep.lower() not in line.lower():
                continue
            normal = normalise(line)
            covered = covered_by(lexicon, normal)
            for match in SEGMENT.finditer(normal.text):
                segment = match.group(1) or match.group(2)
                name = script_of(segment, file_language)
                start = match.start(1) if match.group(1) else match.start(2)
                found = bytes(covered[start : start + len(segment)])
                if name in ("ja", "zh"):
                    counts[name].characters(segment, found)
                elif name == "ko":
                    counts[name].eojeols(segment, start, normal.starts, found)
                elif len(segment) > 1 and not segment[0].isdigit() and segment not in STOP_WORDS:
                    counts[name].word(segment, any(found))
    for name in LANGUAGES:
        count = counts[name]
        if count.all and (not language or name == language):
            unit = "characters" if name in ("ja", "zh") else "words"
            print(f"{name}: {count.hit / count.all:.3f} of {count.all} {unit} of content covered; most frequent uncovered:")
            print("   " + "  ".join(f"{word} {seen}" for word, seen in count.missing.most_common(top)))
    return 0


def inside(top: int) -> int:
    """Print frequent words in which a term covers less than half: often another word's beginning or end."""
    lexicon = build_lexicon(shipped_concepts())
    runs = {name: collections.Counter() for name in ("ko", "ja", "zh")}
    for row in corpus_rows(None, None):
        file_language = next((code for code in ("ko", "ja", "zh") if code in row["languages"]), "en")
        for run in re.findall("[\uac00-\ud7a3]{3,}|[\u30a1-\u30fc]{3,}|[\u3400-\u9fff]{3,}", prose(CORPUS / row["file"])):
            runs[script_of(run, file_language)][run] += 1
    for name, counter in runs.items():
        print(name)
        for run, seen in counter.most_common(top):
            normal = normalise(run)
            mentions = [m for m in lexicon.mentions(normal) if not m.part]
            size = sum(m.end - m.start for m in mentions)
            if mentions and size * 2 < len(normal.text):
                print(f"   {seen:5} {run}  " + "  ".join(f"{normal.text[m.start : m.end]}={m.concept}" for m in mentions))
    print("cut in two (the term that was seen, and the term across its end that was not)")
    terms = lexicon.terms
    for (term, other), seen in rivals(lexicon).most_common(top // 10):
        print(f"   {seen:5} {term}={terms[term]}  {other}={terms[other]}")
    return 0


def rivals(lexicon) -> collections.Counter[tuple[str, str]]:
    """Han terms that were seen where a term of another concept begins inside them and ends after them."""
    terms = lexicon.terms
    found: collections.Counter[tuple[str, str]] = collections.Counter()
    for row in corpus_rows(None, None):
        if not {"ja", "zh"} & set(row["languages"]):
            continue
        normal = normalise(prose(CORPUS / row["file"]))
        for mention in lexicon.mentions(normal):
            term = normal.text[mention.start : mention.end]
            if mention.part or not re.fullmatch("[\u3400-\u9fff]{2,3}", term):
                continue
            for start in range(mention.start + 1, mention.end):
                for size in (4, 3, 2):
                    other = normal.text[start : start + size]
                    if start + size > mention.end and terms.get(other, mention.concept) != mention.concept:
                        found[(term, other)] += 1
                        break
    return found


def frequency() -> int:
    """Write the share of corpus files in which each concept is seen (of files by collection, so copies count once)."""
    lexicon = build_lexicon(shipped_concepts())
    counts = collections.Counter()
    files = 0
    for row in corpus_rows(None, None):
        if "@refs" in row["file"]:
            continue
        files += 1
        text = (CORPUS / row["file"]).read_text(encoding="utf-8", errors="replace")
        text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.M | re.S)
        body = re.sub(r"\A\ufeff?---\n.*?^---\s*\n", "", text, flags=re.M | re.S)
        counts.update({m.concept for m in lexicon.mentions(normalise(body))})
    shares = {concept: round(counts[concept] / files, 4) for concept in sorted(lexicon.kinds) if counts[concept]}
    FREQUENCY.write_text(json.dumps(shares, indent=0) + "\n", encoding="utf-8")
    print(f"{len(shares)} of {len(lexicon.kinds)} concepts seen in {files} files; most frequent:", counts.most_common(40))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    sub = parser.add_subparsers(dest="command", required=True)
    sub.add_parser("check")
    sub.add_parser("compile")
    sub.add_parser("frequency")
    see = sub.add_parser("see")
    see.add_argument("text")
    within = sub.add_parser("inside")
    within.add_argument("--top", type=int, default=2000)
    cover = sub.add_parser("coverage")
    cover.add_argument("--language", choices=LANGUAGES)
    cover.add_argument("--top", type=int, default=60)
    cover.add_argument("--role")
    cover.add_argument("--grep")
    cover.add_argument("--limit", type=int, default=100000)
    options = parser.parse_args()
    if options.command == "check":
        return check()
    if options.command == "frequency":
        return frequency()
    if options.command == "inside":
        return inside(options.top)
    if options.command == "compile":
        INDEX.mkdir(exist_ok=True)
        for name, text in compiled(build_lexicon(shipped_concepts()), shipped_concepts()).items():
            (INDEX / name).write_text(text, encoding="utf-8")
        return 0
    if options.command == "see":
        normal = normalise(options.text)
        print(repr(normal.text))
        for mention in build_lexicon(shipped_concepts()).mentions(normal):
            print(f"{normal.text[mention.start : mention.end]!r:30} {mention.concept}")
        return 0
    return coverage(options.language, options.top, options.role, options.grep, options.limit)


if __name__ == "__main__":
    sys.exit(main())
