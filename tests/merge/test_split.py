"""Sections and units of small bodies: the cases stand in ``data/split-*.md``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, HeadingStyle, Kind, Section, Unit

HEAD = "---\nname: t\n---\n"
OFFSET = 3
CASES = re.compile(r"^## (?P<title>.+)\n\n~~~~md\n(?P<body>(?:.*\n)*?)~~~~\n\n~~~~text\n(?P<expected>(?:.*\n)*?)~~~~$", re.MULTILINE)


def read(body: str) -> Agent:
    return agent_from_source(source_from_bytes((HEAD + body).encode(), "t.md", "t"))


def dump(agent: Agent) -> str:
    """One line for each unit and structural line: body lines, kind, what is not the default, section, text."""
    sections = {section.id: section for section in agent.sections}
    units = {unit.id: unit for unit in agent.units}
    rows = [(unit.lines[0], unit.start, _unit_row(unit, sections, units)) for unit in agent.units]
    rows += [(line.line, 0, f"{line.line - OFFSET} = {line.kind}\n") for line in agent.structure]
    return "".join(text for _, _, text in sorted(rows))


def _unit_row(unit: Unit, sections: dict[str, Section], units: dict[str, Unit]) -> str:
    first, last = (line - OFFSET for line in unit.lines)
    section = sections[unit.section]
    parts = [f"{first}" if first == last else f"{first}-{last}", unit.kind.value]
    if unit.kind is Kind.HEADING:
        parts.append(f"({section.style.value} {section.level})")
        section = sections[section.parent or ""]
    parts += [unit.marker] if unit.marker else []
    parts += [f"depth={unit.depth}"] if unit.depth else []
    parts += [f"label={unit.label!r}"] if unit.label else []
    parts += [f"parent={units[unit.parent].lines[0] - OFFSET}"] if unit.parent else []
    parts += [f"quote={unit.quote}"] if unit.quote else []
    parts += [f"info={unit.info!r}"] if unit.info else []
    parts += [f"language={unit.language}"] if unit.language not in ("en", "code") else []
    parts += [f"in {section.title!r}"] if section.style is not HeadingStyle.ROOT else []
    return " ".join(parts) + " | " + unit.text.replace("\n", "⏎").replace("\t", "→") + "\n"


def cases() -> list[tuple[str, str, str]]:
    files = sorted((Path(__file__).parent / "data").glob("split-*.md"))
    return [(m["title"], m["body"].replace("→", "\t"), m["expected"]) for file in files for m in CASES.finditer(file.read_text("utf-8"))]


@pytest.mark.parametrize(("body", "expected"), [pytest.param(body, expected, id=title) for title, body, expected in cases()])
def test_units_and_sections(body: str, expected: str) -> None:
    assert dump(read(body)) == expected
