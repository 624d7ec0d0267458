"""PRIV001 for keys with one value: of modes the strictest, of memories the narrowest, isolation wherever it is, background if all."""

from __future__ import annotations

from collections.abc import Sequence

from agentmerge.rules.privileges.given import Given, Verdict, conflict, to_keep
from agentmerge.rules.privileges.powers import DEFAULT_MODE, ISOLATED, MODES, SCOPES, mode_rank, scope_rank, switched_on, value_text


def choose_mode(given: Given) -> Verdict:
    known = [(source, str(value), MODES[str(value)]) for source, value in given.said if str(value) in MODES]
    unknown = sorted(f"{source}: {value_text(value)}" for source, value in given.said if str(value) not in MODES)
    ranks = [rank for _, _, rank in known] + [DEFAULT_MODE] * (len(given.sources) - len(known))
    value = _allowed_mode(given, known) or _strictest_mode(given, known, min(ranks))
    stays = f"permissionMode: {value} stays" if value else "permissionMode is left out, which is the default mode"
    if len(set(ranks)) == 1 and not unknown and (mode_rank(value) == ranks[0]):
        return Verdict(value, "every source has it alike" if value else "the default, which no mode is too")
    why = f"the strictest of {', '.join(sorted(f'{source}: {mode}' for source, mode, _ in known))}" if known else "no mode is known"
    if len(known) < len(given.sources):
        why += "; no mode counts as the default"
    if given.drop and min(ranks) > DEFAULT_MODE:
        why = "the policy drops what is wider than the default"
    if f"permissionMode.{value}" in given.allow:
        why = f"the policy allows permissionMode.{value}"
    if unknown:
        why += f"; not known, and left out: {', '.join(unknown)}"
    wider = [mode for _, mode, rank in sorted(known, key=lambda entry: entry[2]) if rank > (mode_rank(value) or 0)]
    if wider and not given.allow:
        why += f"; {to_keep([f'permissionMode.{wider[0]}'], wider[0])}"
    return Verdict(value, why, (conflict(given, stays, why, resolved=not unknown),))


def _allowed_mode(given: Given, known: Sequence[tuple[str, str, int]]) -> str | None:
    """The strictest of the modes that the policy names and a source has."""
    named = [(rank, mode) for _, mode, rank in known if f"permissionMode.{mode}" in given.allow]
    return min(named)[1] if named else None


def _strictest_mode(given: Given, known: Sequence[tuple[str, str, int]], strictest: int) -> str | None:
    # To inherit the parent's mode is no wider than the default, so the default is written only when all write it.
    if strictest == DEFAULT_MODE and len(known) < len(given.sources):
        return None
    if given.drop and strictest >= DEFAULT_MODE:
        return None
    return next(mode for _, mode, rank in known if rank == strictest)


def choose_memory(given: Given) -> Verdict:
    having = [(source, value) for source, value in given.said if scope_rank(value)]
    everywhere = len(having) == len(given.sources) and not given.drop
    if not having:
        return Verdict(None, "it is off")
    unknown = [value_text(value) for _, value in having if scope_rank(value) > len(SCOPES)]
    names = ", ".join(sorted(source for source, _ in having))
    if not everywhere and not given.allow:
        why = f"the policy drops it, and {names} had it" if given.drop else f"not every source has it: {names}"
        why += f"; it lets an agent read and write files; {to_keep(['memory'])}"
        return Verdict(None, why, (conflict(given, "memory is left out", why),))
    if unknown:
        why = f"scopes that are not known: {', '.join(sorted(unknown))}"
        return Verdict(None, why, (conflict(given, "memory is left out", why, resolved=False),))
    value = SCOPES[min(scope_rank(value) for _, value in having) - 1]
    if everywhere and len({scope_rank(value) for _, value in having}) == 1:
        return Verdict(value, "every source has it alike")
    why = f"the narrowest scope of {', '.join(sorted(f'{source}: {own}' for source, own in having))}"
    why = why if everywhere else f"the policy allows it; {why}"
    return Verdict(value, why, (conflict(given, f"memory: {value} stays", why),))


def choose_isolation(given: Given) -> Verdict:
    values = {value_text(value) for _, value in given.said}
    if len(values) == 1 and given.everywhere:
        return Verdict(given.said[0][1], "every source has it alike")
    if ISOLATED in values:
        names = ", ".join(sorted(source for source, value in given.said if value == ISOLATED))
        why = f"{names} works apart; it limits, so it stays"
        return Verdict(ISOLATED, why, (conflict(given, f"isolation: {ISOLATED} stays", why),))
    if not values:
        return Verdict(None, "it is empty")
    why = f"not known: {', '.join(sorted(values))}"
    return Verdict(None, why, (conflict(given, "isolation is left out", why, resolved=False),))


def choose_background(given: Given) -> Verdict:
    having = sorted(source for source, value in given.said if switched_on(value))
    if not having:
        return Verdict(False if given.everywhere and given.said else None, "it is off")
    if len(having) == len(given.sources) and not given.drop:
        return Verdict(True, "every source has it alike")
    if given.allow:
        why = f"the policy allows it; {', '.join(having)} runs in the background"
        return Verdict(True, why, (conflict(given, "background: true stays", why),))
    why = f"only {', '.join(having)} runs in the background; {to_keep(['background'])}"
    return Verdict(None, why, (conflict(given, "background is left out", why),))
