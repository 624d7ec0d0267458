"""The command line: arguments in, exit code out. Everything else is the library's."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentmerge import __version__

if TYPE_CHECKING:
    from agentmerge.rules.registry import Rule

app = typer.Typer(
    name="agentmerge",
    help="Merge overlapping agent files into one canonical agent, with every source line accounted for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Provenance(StrEnum):
    """How much the canonical agent says of its origins."""

    INLINE = "inline"
    SECTION = "section"
    SIDECAR = "sidecar"
    NONE = "none"


class Language(StrEnum):
    """The language whose wordings are preferred."""

    KEEP = "keep"
    EN = "en"
    KO = "ko"
    JA = "ja"
    ZH = "zh"


class Form(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


class DiffForm(StrEnum):
    """How a diff is printed."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


PolicyOption = Annotated[Path | None, typer.Option("--policy", "-p", help="Policy file [default: ./agentmerge.yaml if there is one].")]
CanonicalArgument = Annotated[Path | None, typer.Argument(help="The canonical agent [default: the policy's output, or the only one here].")]


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        typer.echo(f"agentmerge {__version__}")
        raise typer.Exit


def _policy_file(given: Path | None) -> Path | None:
    from agentmerge.rules.policy import POLICY_NAME

    return given or (Path(POLICY_NAME) if Path(POLICY_NAME).is_file() else None)


@app.command()
def build(
    paths: Annotated[list[Path] | None, typer.Argument(help="Agent files or folders [default: the policy's sources].")] = None,
    policy: PolicyOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The canonical agent's file [default: the policy's, or <name>.md].")
    ] = None,
    provenance: Annotated[Provenance | None, typer.Option(help="Comments that name the sources [default: section].")] = None,
    language: Annotated[Language | None, typer.Option(help="Preferred language of wordings [default: keep].")] = None,
    name: Annotated[str | None, typer.Option(help="The canonical agent's name.")] = None,
    base: Annotated[Path | None, typer.Option(help="The source that stays whole and absorbs the others [default: all are peers].")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 and write nothing when a conflict is undecided, or a budget with 'fail' is exceeded.")
    ] = False,
    sizes: Annotated[bool, typer.Option("--sizes", help="Show words and tokens of each section.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show the change to the canonical agent; write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a canonical agent that was edited by hand.")] = False,
    form: Annotated[Form, typer.Option("--format", help="Form of the summary.")] = Form.TEXT,
) -> None:
    """Merge agent files into one canonical agent and its ledger."""
    from agentmerge import api
    from agentmerge.output.report import summary, summary_json
    from agentmerge.rules.policy import load_policy

    file = _policy_file(policy)
    chosen = load_policy(file).with_command_line(name=name, language=language and str(language), provenance=provenance and str(provenance))
    built = api.build(paths or (), policy=chosen, policy_file=file, output=output, base=base)
    over = strict and built.fails_budget
    failed = bool(built.failed) or (strict and bool(built.unresolved)) or over
    if diff:
        typer.echo(_unified(built.canonical, built.text), nl=False)
    else:
        written = () if dry_run or failed else built.write(force=force)
        why_none = "undecided conflicts" if built.failed or (strict and built.unresolved) else "over the budget" if over else ""
        why_none = why_none or ("dry run" if dry_run else "up to date")
        typer.echo(summary_json(built, written) if form is Form.JSON else summary(built, written, why_none, sizes=sizes))
    if over:
        typer.echo(f"agentmerge: {built.over_budget}: cut, raise 'budget' in agentmerge.yaml, or build without --strict", err=True)
    if built.failed or (strict and built.unresolved):
        count = len(built.failed or built.unresolved)
        conflicts = f"{count} {'' if built.failed else 'undecided '}conflict{'s' if count > 1 else ''}"
        why = f"the policy fails the build on {conflicts}: decide in agentmerge.yaml"
        typer.echo(f"agentmerge: {why if built.failed else f'{conflicts}: decide in agentmerge.yaml, or build without --strict'}", err=True)
    if failed:
        raise typer.Exit(1)


def _unified(canonical: Path, text: str) -> str:
    from difflib import unified_diff

    from agentmerge.output.report import printable

    old = canonical.read_text(encoding="utf-8", errors="replace") if canonical.is_file() else ""
    name = canonical.as_posix()
    lines = unified_diff(old.splitlines(keepends=True), text.splitlines(keepends=True), f"{name} (on disk)", f"{name} (built)")
    return printable("".join(lines)) or f"{name}: no change\n"


@app.command()
def check(canonical: CanonicalArgument = None, policy: PolicyOption = None) -> None:
    """Tell whether a canonical agent is fresh: exit 0, or 1 when it is stale or was edited by hand."""
    from agentmerge import api
    from agentmerge.output.report import printable

    result = api.check(api.find_canonical(canonical, policy))
    shown = result.canonical.as_posix()
    if result.fresh:
        typer.echo(f"{shown}: fresh")
        return
    typer.echo(f"{shown}: stale")
    for reason in result.reasons:
        for line in printable(reason).split("\n"):
            typer.echo(f"  {line}")
    typer.echo("run 'agentmerge build' to update it, 'agentmerge build --diff' to see what would change")
    raise typer.Exit(1)


@app.command()
def diff(
    old: Annotated[str | None, typer.Argument(help="A file, or a git revision of NEW [default: HEAD].")] = None,
    new: Annotated[Path | None, typer.Argument(help="The newer canonical agent [default: the policy's output].")] = None,
    form: Annotated[DiffForm, typer.Option("--format", help="text for a terminal, markdown for a pull request.")] = DiffForm.TEXT,
    policy: PolicyOption = None,
) -> None:
    """Compare two canonical agents by claim: exit 0 when they say the same, 1 when they differ."""
    from agentmerge import api
    from agentmerge.output import diff_report
    from agentmerge.revisions import resolve_versions

    with resolve_versions(old, new, lambda: api.find_canonical(None, policy)) as versions:
        result = api.diff(versions.old, versions.new, old_name=versions.old_name, new_name=versions.new_name)
    render = {DiffForm.TEXT: diff_report.diff_text, DiffForm.MARKDOWN: diff_report.diff_markdown, DiffForm.JSON: diff_report.diff_json}[
        form
    ]
    typer.echo(render(result, versions.old_name, versions.new_name).rstrip("\n"))
    raise typer.Exit(0 if result.same else 1)


@app.command()
def explain(
    target: Annotated[str, typer.Argument(help="FILE:LINE of the canonical agent or a source, or a frontmatter key.")],
    canonical: Annotated[Path | None, typer.Option("--canonical", "-c", help="The canonical agent whose ledger is asked.")] = None,
    form: Annotated[Form, typer.Option("--format", help="Form of the explanation.")] = Form.TEXT,
) -> None:
    """Say why a line is as it is: its translation, scores, evidence, the rule that decided, the losers."""
    from agentmerge import api
    from agentmerge.output.printable import printable

    result = api.explain(target, canonical)
    if form is Form.JSON:
        import json

        typer.echo(json.dumps({"target": result.target, "found": result.records}, ensure_ascii=False, indent=1))
        return
    for line in result.lines:
        typer.echo(printable(line))


@app.command()
def verify(canonical: CanonicalArgument = None, policy: PolicyOption = None) -> None:
    """Prove the ledger against sources and output: exit 0 proved, 1 not."""
    from agentmerge import api
    from agentmerge.output.report import printable

    path = api.find_canonical(canonical, policy)
    problems = api.verify(path)
    for problem in problems:
        typer.echo(printable(str(problem)))
    if problems:
        typer.echo(f"{path.as_posix()}: not proved ({len(problems)} problem{'s' if len(problems) > 1 else ''})")
        raise typer.Exit(1)
    typer.echo(f"{path.as_posix()}: proved: every line of every source and of the output is accounted for")


@app.command()
def translate(
    catalogue: Annotated[Path, typer.Argument(help="The catalogue that build wrote: NAME.LANGUAGE.po.")],
    command: Annotated[
        str | None,
        typer.Option("--with", metavar="COMMAND", help="Hand what is missing to a program as JSON lines, and take its answers."),
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds that the program may take.")] = 600.0,
) -> None:
    """List what a translation catalogue lacks, or have a program translate it."""
    from agentmerge import api
    from agentmerge.output.report import printable

    if command is None:
        for one in api.untranslated(catalogue):
            typer.echo(printable(f"{one.place or one.context}: {one.text}" + (f"  [fuzzy: {one.suggestion}]" if one.suggestion else "")))
        return
    count = api.translate(catalogue, command, timeout=timeout)
    left = len(api.untranslated(catalogue))
    typer.echo(f"{catalogue.as_posix()}: {count} translated, {left} still missing; 'agentmerge build' uses them")


@app.command()
def decide(
    paths: Annotated[list[Path] | None, typer.Argument(help="Agent files or folders [default: the policy's sources].")] = None,
    policy: PolicyOption = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The canonical agent's file, as for build.")] = None,
    decisions: Annotated[
        Path | None, typer.Option("--decisions", help="The file of answers [default: the policy's, or agentmerge.decisions.yaml].")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most this many pairs, beside all conflicts; 0: all.")] = 20,
    every: Annotated[bool, typer.Option("--all", help="Ask about sure alignments too.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the open questions into the file, to be answered by an editor.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove answers that are about nothing any more.")] = False,
    command: Annotated[
        str | None, typer.Option("--with", metavar="COMMAND", help="Hand the questions to a program as JSON lines, and take its answers.")
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds that the program may take.")] = 600.0,
    form: Annotated[Form, typer.Option("--format", help="json: list the open questions; ask nothing.")] = Form.TEXT,
) -> None:
    """Answer what is open (conflicts, pairs that may say the same), one screen each, into the decisions file."""
    from agentmerge import api, deciding
    from agentmerge.asking import as_json, open_reply
    from agentmerge.rules.policy import load_policy

    file = _policy_file(policy)
    built = api.build(paths or (), policy=load_policy(file), policy_file=file, output=output, decisions=decisions)
    answers = built.answers.origin
    if prune:
        gone = api.prune(built)
        typer.echo(f"{answers}: {gone} stale answer{'' if gone == 1 else 's'} removed")
        return
    found = api.questions(built, every=every)
    asked = deciding.limited(found, limit)
    if form is Form.JSON:
        import json

        typer.echo(json.dumps({"open": len(found), "questions": [as_json(q) for q in asked]}, ensure_ascii=False, indent=1))
        return
    if not asked:
        typer.echo(f"{built.canonical.as_posix()}: nothing is open")
        return
    if command is not None:
        replies = api.consult(command, asked, timeout=timeout)
        given = [reply for reply in replies if reply.answer != "skip"]
        api.answer(built, given)
        typer.echo(f"{answers}: {len(given)} of {len(asked)} answered; {len(found) - len(given)} open")
        return
    if write or not sys.stdin.isatty():
        api.answer(built, (open_reply(q) for q in asked))
        typer.echo(f"{answers}: {len(asked)} of {len(found)} open questions to answer there; 'agentmerge build' follows the answers")
        return
    walked = deciding.walk(asked, ask=input, show=typer.echo, write=lambda reply: api.answer(built, (reply,)))
    typer.echo(f"{answers}: {walked.answered} answered, {len(found) - walked.answered} open; 'agentmerge build' follows the answers")


@app.command()
def rules(
    code: Annotated[str | None, typer.Argument(help="A rule's code or its name in a policy, such as TOOLS001 or tools.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of agentmerge.yaml, for editors.")] = False,
    form: Annotated[Form, typer.Option("--format", help="Form of the list.")] = Form.TEXT,
    policy: PolicyOption = None,
) -> None:
    """List the rules, or show the page of one; the policy's plugins are among them."""
    from agentmerge.output.rules_page import catalogue, catalogue_json, page
    from agentmerge.rules.registry import BY_KEY

    file = _policy_file(policy)
    known = _rules_of(file, named=policy is not None) if file else BY_KEY
    if schema:
        from agentmerge.output.policy_schema import schema_text

        typer.echo(schema_text(known.values()), nl=False)
    elif form is Form.JSON:
        typer.echo(catalogue_json(known, code))
    else:
        typer.echo(page(code, known) if code else catalogue(known))


def _rules_of(file: Path, *, named: bool) -> Mapping[str, Rule]:
    """The rules that a policy may set. A broken policy that was not asked for hides its plugins only: the list helps to mend it."""
    from agentmerge.errors import PolicyError
    from agentmerge.rules.policy import load_policy
    from agentmerge.rules.registry import BY_KEY

    try:
        return load_policy(file).rules
    except PolicyError:
        if named:
            raise
        typer.echo(f"agentmerge: {file.as_posix()} has mistakes, so rules of its plugins are not listed", err=True)
        return BY_KEY


if __name__ == "__main__":
    sys.exit("use 'python -m agentmerge'")
