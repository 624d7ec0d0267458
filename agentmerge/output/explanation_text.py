"""An explanation as lines of text: records of statements, keys and other lines, as JSON has them too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Record = Mapping[str, Any]
# How much of a text is shown; a text and its translation can only be compared when both are whole.
_BRIEF, _WHOLE = 100, 2000


def record_lines(records: Iterable[Record]) -> Iterator[str]:
    """What is known of a target, in order; each record says by ``what`` it is of."""
    for record in records:
        yield from _WRITERS[record["what"]](record)


def _statement(record: Record) -> Iterator[str]:
    translation = record.get("translation")
    yield f"{record['place']}  {_short(record['text'], _WHOLE if translation else _BRIEF)}"
    yield from _translation(translation)
    into = record.get("said_by")
    target = f" into {into['place']}" if into else ""
    where = f", line {record['output_lines'][0]} of {record['canonical']}" if record["output_lines"] else ""
    yield f"    {record['outcome']}{target} by {record['rule']}: {record['why']}{where}"
    if "stands_as" in record:
        yield f"    it stands as: {_short(record['stands_as'])}"
        yield from (f"    the rest is said by {one['place']}  {_short(one['text'])}" for one in record["rest_said_by"])
    if into:
        yield f"    it is said by: {_short(into['text'])}"
        yield from _translation(into.get("translation"))
    if "concepts" in record:
        yield f"    concepts: {', '.join(record['concepts']) or 'none'}"
    yield from (f"    took in {one['place']}  {_short(one['text'])}" for one in record["took_in"])
    for pair in record["pairs"]:
        yield f"    {pair['relation']} {pair['score']:.2f}  {pair['place']}  {_short(pair['text'])}"
        yield f"        {'; '.join(pair['evidence']) or 'no evidence recorded'}"
    for conflict in record["conflicts"]:
        yield f"    conflict {conflict['id']} ({conflict['rule']}): {conflict['why']}; {conflict['decision']}"


def _translation(record: Record | None) -> Iterator[str]:
    """The translation that stands, by whom and where it is written; or why there is none."""
    if record is None:
        return
    note = f" ({record['note']})" if record["note"] else ""
    if record["by"]:
        shown = _short(record["text"], _WHOLE) if record["text"] else "it cannot be read"
        yield f"    translated ({record['language']}): {shown}"
        yield f"        by the {record['by']}, {record['place']}{note}"
    else:
        yield f"    not translated ({record['language']}): {record['place']}{note}"


def _key(record: Record) -> Iterator[str]:
    yield f"{record['source']}: {record['key']}: {_short(str(record['value']))}"
    yield f"    {record['outcome']} by {record['rule']}: {record['why']}"


def _composed(record: Record) -> Iterator[str]:
    yield f"{record['key']}: composed of the sources': {_short(record['translation']['source'], _WHOLE)}"
    yield from _translation(record["translation"])


def _note(record: Record) -> Iterator[str]:
    yield record["text"]


_WRITERS = {"statement": _statement, "key": _key, "composed": _composed, "note": _note}


def _short(text: str, limit: int = _BRIEF) -> str:
    one = " ".join(text.split())
    return one if len(one) <= limit else f"{one[: limit - 3]}..."
