"""Check the concept lexicon and measure how much of a corpus it covers.

    python bench/lexicon.py check                     columns, duplicates, orphans
    python bench/lexicon.py compile                   write the index that the package loads
    python bench/lexicon.py frequency                 write how common each concept is in the corpus
    python bench/lexicon.py coverage [--language ko] [--top 60] [--role frontend] [--grep WORD]
    python bench/lexicon.py see "text"                the concepts seen in a text

Coverage: the share of content words (Latin) or content segments (Hangul, Kana, Han) that a
concept covers; the most frequent uncovered ones are printed, so the next person knows what to add.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import sys
import unicodedata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from agentmerge.merge.lexicon import DATA, FREQUENCY, INDEX, LANGUAGES, build_lexicon, compiled, normalise, read_concepts, shipped_concepts

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


def script_of(segment: str, file_language: str) -> str:
    if re.match("[\uac00-\ud7a3]", segment):
        return "ko"
    if re.match("[\u3041-\u30ff]", segment):
        return "ja"
    if re.match("[\u3400-\u9fff]", segment):
        return "ja" if file_language == "ja" else "zh"
    return "en"


def coverage(language: str | None, top: int, role: str | None, grep: str | None, limit: int) -> int:
    lexicon = build_lexicon(shipped_concepts())
    counts = {name: collections.Counter() for name in LANGUAGES}
    missing = {name: collections.Counter() for name in LANGUAGES}
    for row in list(corpus_rows(language, role))[:limit]:
        text = (CORPUS / row["file"]).read_text(encoding="utf-8", errors="replace")
        text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.M | re.S)
        text = re.sub(r"`[^`\n]*`|https?://\S+|<[^>\n]*>", " ", text)
        file_language = next((code for code in ("ko", "ja", "zh") if code in row["languages"]), "en")
        for line in text.split("\n"):
            if grep and grep.lower() not in line.lower():
                continue
            normal = normalise(line)
            covered = [False] * (len(normal.text) + 1)
            for mention in lexicon.mentions(normal):
                covered[mention.start : mention.end] = [True] * (mention.end - mention.start)
            for match in SEGMENT.finditer(normal.text):
                segment = match.group(1) or match.group(2)
                if len(segment) < 2 or segment.replace(".", "").isdigit():
                    continue
                start = match.start(1) if match.group(1) else match.start(2)
                name = script_of(segment, file_language)
                if not match.group(1) and name in ("ja", "zh") and len(segment) > 1:
                    loose = re.sub("\x00+", "\x00", "".join("\x00" if covered[start + n] else c for n, c in enumerate(segment))).split("\x00")
                    counts[name]["all"] += 1
                    rest = [part for part in loose if len(part) > 1]
                    counts[name]["hit"] += not rest
                    missing[name].update(rest)
                    continue
                hit = any(covered[start : start + len(segment)])
                counts[name]["all"] += 1
                counts[name]["hit"] += hit
                if not hit:
                    missing[name][segment] += 1
    for name in LANGUAGES:
        if counts[name]["all"] and (not language or name == language):
            print(f"{name}: {counts[name]['hit'] / counts[name]['all']:.3f} of {counts[name]['all']} content segments covered; most frequent uncovered:")
            print("   " + "  ".join(f"{word} {count}" for word, count in missing[name].most_common(top)))
    return 0


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
    if options.command == "compile":
        INDEX.write_text(compiled(build_lexicon(shipped_concepts())), encoding="utf-8")
        return 0
    if options.command == "see":
        normal = normalise(options.text)
        print(repr(normal.text))
        for mention in build_lexicon(shipped_concepts()).mentions(normal):
            print(f"{normal.text[mention.start:mention.end]!r:30} {mention.concept}")
        return 0
    return coverage(options.language, options.top, options.role, options.grep, options.limit)


if __name__ == "__main__":
    sys.exit(main())
