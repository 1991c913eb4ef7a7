"""The scanner: a text in, its findings out. Until its database is ready, every text counts as private.

A long text is read in chunks that overlap, so that neither memory nor the interpreter's lock is held for long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from aqe_desktop.core.findings import Finding
from aqe_desktop.privacy.database import Cue, CueDatabase, Hit, cache_key, compile_cues, load_cues
from aqe_desktop.privacy.decode import CUES, LANES, pieces_at
from aqe_desktop.privacy.matching import Match, Matcher, make_matchers
from aqe_desktop.privacy.normal import normal, odd_in
from aqe_desktop.privacy.patterns import cue_of
from aqe_desktop.privacy.pieces import Joined, join
from aqe_desktop.privacy.reading import Reading, Span
from aqe_desktop.privacy.rule import Rule
from aqe_desktop.privacy.spans import code_points, merged
from aqe_desktop.privacy.tokens import TOKENS
from aqe_desktop.privacy.values import VALUES

CHUNK, OVERLAP = 1 << 20, 1 << 13
"""Code points that one step reads, and how far it sees into its neighbours."""
MOST = 20_000
"""Findings of one text: beyond that the text is private enough, and a list of more serves nobody."""
FREE, MOST_CONTEXTS, NEAR = 1000, 4096, 32
"""How often a rule may look in vain at one text before it is asked whether it has looked at the same before, how many
such places are remembered, and how many bytes on both sides tell first that a place is new."""
NOT_READY = "The scanner is not ready, so this text counts as private."


class Read(NamedTuple):
    """What was found in a text, by place, and how else it can be read: decoded, joined, and as it is meant."""

    findings: tuple[Finding, ...]
    readings: tuple[Reading, ...] = ()


class _Chunk(NamedTuple):
    """`data` from code point `first` on; what ends between the bytes `start` and `end` is this chunk's own."""

    data: bytes
    first: int
    start: int
    end: int


class Scanner:
    """Reads texts by `rules`; `checks` are the functions that rows may name. Threads may use one scanner at once.

    Raises RulesBroken for rules that cannot work."""

    def __init__(self, rules: tuple[Rule, ...], checks: Mapping[str, Callable[[str], bool]] | None = None) -> None:
        self.rules = rules
        self._matchers = make_matchers(rules, {**VALUES, **TOKENS, **(checks or {})})
        self._readers = tuple(CUES)
        owners = _by_cue(rules)
        self._owners = ((),) * len(CUES) + tuple(owners.values())
        self._cues = tuple(Cue(name, cue.encode(), LANES.get(name, "")) for name, cue in CUES.items()) + tuple(
            Cue(rules[numbers[0]].id, cue, rules[numbers[0]].lane) for cue, numbers in owners.items()
        )
        self._database: CueDatabase | None = None

    @property
    def ready(self) -> bool:
        return self._database is not None

    @property
    def key(self) -> str:
        """A name for the compiled rules, to keep them under."""
        return cache_key(self._cues)

    def load(self, stored: bytes) -> bool:
        """Take compiled rules of an earlier start; False where they do not fit, and `compile` is due."""
        self._database = load_cues(stored)
        return self.ready

    def compile(self) -> bytes:
        """Get ready the long way: some seconds, with the interpreter free. The bytes are for `load`, next time."""
        stored = compile_cues(self._cues)
        self.load(stored)
        return stored

    def scan(self, text: str, *, name: str = "") -> tuple[Finding, ...]:
        """What may be private in `text`, by place; no two findings overlap. `name`: the file it is from."""
        return self.read(text, name=name).findings

    def read(self, text: str, *, name: str = "") -> Read:
        """The findings of `text` as it is written and as it is meant, and its other readings for who looks for more."""
        if not text:
            return Read(())
        if self._database is None:
            return Read((Finding("unread", 0, len(text), 1.0, True, NOT_READY),))
        odd: set[int] = set()
        found, readings = self._read(self._database, text, name, odd)
        meant = normal(text, odd) if odd else None
        if meant is not None:
            more, inner = self._read(self._database, meant.text, name)
            found += meant.placed(more)
            readings += [meant, *map(meant.through, inner)]
        return Read(merged(found), tuple(readings))

    def _read(
        self, database: CueDatabase, text: str, name: str, odd: set[int] | None = None
    ) -> tuple[list[Finding], list[Reading]]:
        """Findings and decoded readings; where something is not what it seems goes into `odd`."""
        found: list[Finding] = []
        readings: list[Reading] = []
        for chunk in _chunks(text):
            if odd is not None:
                odd.update(chunk.first + at for at in odd_in(chunk.data))
            decoded: list[Joined] = []
            places = list(self._places(database, chunk, name, decoded))
            points = code_points(chunk.data, {offset for place in places for offset in place[:2]})
            found += [_finding(each, chunk.first + points[at], chunk.first + points[end]) for at, end, each in places]
            readings += [_decoded(chunk, joined) for joined in decoded]
            if len(found) > MOST:
                break
        return found, readings

    def _places(
        self, database: CueDatabase, chunk: _Chunk, name: str, decoded: list[Joined] | None = None
    ) -> Iterator[tuple[int, int, Match]]:
        """Spans of the chunk's bytes with what was found there, as it is written and as it is decoded.

        What was decoded goes into `decoded`."""
        data, known = chunk.data, self._readers
        hits = database.hits(data)
        if chunk.end - chunk.start < len(data):
            hits = [hit for hit in hits if chunk.start < hit[1] <= chunk.end]
        for each in self._matches(data, hits, name):
            yield each.start, each.end, each
        pieces = pieces_at(data, ((known[cue], end) for cue, end in hits if cue < len(known)))
        if not pieces:
            return
        joined = join(pieces)
        if decoded is not None:
            decoded.append(joined)
        for each in self._matches(joined.data, database.hits(joined.data), name):
            span = joined.source(each.start, each.end)
            if span is not None:
                yield *span, each

    def _matches(self, data: bytes, hits: list[Hit], name: str) -> Iterator[Match]:
        matchers, owners = self._matchers, self._owners
        settled = [0] * len(matchers)
        vain = [0] * len(matchers)
        repeated: dict[int, _Vain] = {}
        for cue, end in hits:
            for number in owners[cue]:
                floor = settled[number]
                if end <= floor:
                    continue
                matcher = matchers[number]
                before = repeated.setdefault(number, _Vain()) if vain[number] >= FREE else None
                seen = before.context(matcher, data, end, floor) if before else 0
                if before and seen in before.contexts:
                    settled[number] = end - before.contexts[seen]
                    continue
                match, settled[number] = matcher.match(data, end, floor, name)
                if match is not None:
                    yield from matcher.findings(data, match)
                    continue
                vain[number] += 1
                if before:
                    before.add(seen, end - settled[number])


class _Vain:
    """Where a rule found nothing in this text: a text that repeats itself asks the same thousands of times."""

    __slots__ = ("contexts", "near")

    def __init__(self) -> None:
        self.near: set[bytes] = set()
        self.contexts: dict[int, int] = {}

    def context(self, matcher: Matcher, data: bytes, end: int, floor: int) -> int:
        """0 where not even the nearest bytes were seen before, which costs less to tell."""
        near = data[max(0, end - NEAR) : end + NEAR]
        if near in self.near:
            return matcher.context(data, end, floor)
        if len(self.near) == MOST_CONTEXTS:
            self.near.clear()
        self.near.add(near)
        return 0

    def add(self, seen: int, back: int) -> None:
        if seen:
            if len(self.contexts) == MOST_CONTEXTS:
                self.contexts.clear()
            self.contexts[seen] = back


def _by_cue(rules: tuple[Rule, ...]) -> dict[bytes, tuple[int, ...]]:
    """The rules that share a cue, under it: the engine looks for it once, in the lane of the first of them."""
    found: dict[bytes, tuple[int, ...]] = {}
    for number, rule in enumerate(rules):
        found[cue_of(rule)] = (*found.get(cue_of(rule), ()), number)
    return found


def _finding(match: Match, start: int, end: int) -> Finding:
    rule = match.rule
    return Finding(rule.kind, start, end, float(rule.confidence), match.binding, rule.reason)


def _decoded(chunk: _Chunk, joined: Joined) -> Reading:
    text = joined.data.decode("utf-8", "surrogateescape")

    def place(start: int, end: int) -> Span | None:
        first = len(text[:start].encode("utf-8", "surrogateescape"))
        span = joined.source(first, first + len(text[start:end].encode("utf-8", "surrogateescape")))
        points = code_points(chunk.data, span or ())
        return None if span is None else (chunk.first + points[span[0]], chunk.first + points[span[1]])

    return Reading(text, place)


def _chunks(text: str) -> Iterator[_Chunk]:
    if len(text) <= CHUNK + OVERLAP:
        data = text.encode("utf-8", "surrogatepass")
        yield _Chunk(data, 0, -1, len(data))
        return
    for at in range(0, len(text), CHUNK):
        before = text[max(0, at - OVERLAP) : at].encode("utf-8", "surrogatepass")
        own = text[at : at + CHUNK].encode("utf-8", "surrogatepass")
        behind = text[at + CHUNK : at + CHUNK + OVERLAP].encode("utf-8", "surrogatepass")
        yield _Chunk(before + own + behind, max(0, at - OVERLAP), len(before), len(before) + len(own))
