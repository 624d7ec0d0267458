"""Read one file into an ``Agent``: source, frontmatter, sections, units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agentmerge.errors import SourceError
from agentmerge.merge.frontmatter import read_frontmatter
from agentmerge.merge.source import read_source
from agentmerge.merge.split import split_body
from agentmerge.model import Agent, Finding, Kind, Source, Unit


def load_agent(path: str | Path, *, source_id: str | None = None, shown: str | None = None) -> Agent:
    """Read an agent file.

    ``source_id`` names it in unit ids (default: the file's stem); ``shown`` is the path that
    errors and the ledger show (default: ``path`` as given). Raises ``SourceError``.
    """
    path = Path(path)
    return agent_from_source(read_source(path, shown or path.as_posix(), source_id or path.stem))


def agent_from_source(source: Source) -> Agent:
    """Read the frontmatter and split the body of a source that is already in memory."""
    lines = source.text.split("\n")
    fields, findings = read_frontmatter(source)
    if not any(line.strip() for line in lines[source.body_line - 1 :]):
        raise SourceError(
            "has frontmatter but no body",
            where=f"{source.path}:{source.body_line - 1}",
            fix="write the agent's instructions below the frontmatter",
        )
    try:
        sections, units, structure = split_body(source)
    except RecursionError:
        raise SourceError(
            "is nested too deeply to be read", where=source.path, fix="flatten its lists and quotes, or put blank lines between them"
        ) from None
    hidden = tuple(_hidden(source, units))
    return Agent(
        source=source,
        fields=fields,
        frontmatter="\n".join(lines[: source.body_line - 1]),
        sections=sections,
        units=units,
        structure=structure,
        findings=(*findings, *hidden),
    )


def _hidden(source: Source, units: Sequence[Unit]) -> Iterator[Finding]:
    """Findings about comments inside statements: readers of the rendered text do not see them, agents do."""
    for unit in units:
        if unit.kind not in (Kind.COMMENT, Kind.CODE) and "<!--" in unit.text:
            message = "a comment stands inside a statement and passes with it: agents read it, readers do not see it"
            yield Finding(code="COMM001", source=source.id, line=unit.lines[0], message=message)
