"""How a component that writes sequences finds them: who is asked, what is remembered."""

import math
from itertools import islice
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from spacy.tokens import Doc
from spacy.util import minibatch

from ..errors import Errors
from ..models.seq2seq import AT_A_TIME, Written, judge, write
from ..units import STOP, Source, Units
from .knowledge import entry
from .transducing import TransducingPipe
from .written import EMPTY, NOTHING, UNREAD, Hypothesis, Look, Transduced

REMEMBERED = 50_000  # sources whose targets are kept
NETS = ("edits", "decoder")  # whose answers are remembered


class WritingPipe(TransducingPipe):
    """Asks dictionary, edits and decoder."""

    beam_width: int
    alpha: float
    attention: Optional[str]
    _memory: Dict[Source, Transduced]
    _memory_of: Tuple[Any, ...]  # the weights and settings that it belongs to

    def forget(self) -> None:
        """Remember nothing of what was written."""
        self._memory, self._memory_of = {}, ()

    def transduce(self, sources: Iterable[Source]) -> Dict[Source, Transduced]:
        """What is written for each of some sources.

        sources (Iterable[Source]): Each once.
        """
        self._require_weights()
        memory, sources = self._current_memory(), list(sources)
        # Another thread may forget all of it meanwhile
        known = {s: memory.get(s) if s.units else NOTHING for s in sources}
        found = {s: transduced for s, transduced in known.items() if transduced is not None}
        new: Dict[Source, Transduced] = {}
        for who in self.strategy:
            new.update(self._ask(who, [s for s in sources if s not in found and s not in new]))
        of_nets = {s: t for s, t in new.items() if t.by in NETS and t.look is None}
        if len(memory) + len(of_nets) > REMEMBERED:
            memory.clear()
        memory.update(islice(of_nets.items(), REMEMBERED))
        return {**dict.fromkeys(sources, NOTHING), **found, **new}

    def _current_memory(self) -> Dict[Source, Transduced]:
        settings = self.beam_width, self.alpha, self.max_source, self.attention, *self.strategy
        now = self.model.shims[0].version, *settings
        if self._memory_of != now:
            self._memory, self._memory_of = {}, now
        return self._memory

    def _ask(self, who: str, sources: List[Source]) -> Dict[Source, Transduced]:
        """What one of the strategy knows."""
        if who == "dictionary":
            return self._look_up(sources)
        ask = self._edit if who == "edits" else self._decode
        found = self._refuse(sources)
        units = self.units
        found.update((s, NOTHING) for s in sources if is_blank(s, units))
        rest = sorted((s for s in sources if s not in found), key=lambda s: len(s.units))
        for some in minibatch(rest, AT_A_TIME):
            found.update(ask(some))
        return found

    def _look_up(self, sources: List[Source]) -> Dict[Source, Transduced]:
        units, known = self.units, self.cfg["dictionary"]
        entries = {s: entry(s, units) for s in sources} if known else {}
        return {
            s: Transduced(known[key], 0.0, False, "dictionary")
            for s, key in entries.items()
            if key in known
        }

    def _refuse(self, sources: List[Source]) -> Dict[Source, Transduced]:
        """Sources that are too long for the nets."""
        found = {s: UNREAD for s in sources if len(s.units) > self.max_source}
        if found:
            self._warn_of_long(len(found))
        return found

    def _edit(self, sources: List[Source]) -> Dict[Source, Transduced]:
        """What is made by an edit that the net is sure of: its best class is one."""
        edits = self.edits
        if edits is None:
            return {}
        units, found = self.units, {}
        log_p = judge(self.model, units.numbers(sources, copy=self.model.attrs["copy"]))
        for source, edit, p in zip(sources, log_p.argmax(axis=1).tolist(), log_p.max(axis=1)):
            text = edits.apply(edit, units.join_source(source.units))
            if text is not None:
                found[source] = Transduced(text, float(p), False, "edits")
        return found

    def _decode(self, sources: List[Source]) -> Dict[Source, Transduced]:
        found = self._search(sources, 1, self.beam_width)
        best = [of_source[0] for of_source in found]
        return {
            s: Transduced(h.text, h.score, h.truncated, "decoder", h.look)
            for s, h in zip(sources, best)
        }

    def _search(
        self, sources: List[Source], n: int, width: int, prefix: Sequence[str] = ()
    ) -> List[List[Hypothesis]]:
        """The n best of each source, of those that begin with some units."""
        units, look = self.units, self.attention is not None
        numbers = units.numbers(sources, [prefix] * len(sources), self.model.attrs["copy"])
        limits = [max(self.limit(len(s.units)), len(prefix) + 1) for s in sources]
        how: Dict[str, Any] = {"n": n, "width": width, "alpha": self.alpha, "attention": look}
        how["prefixes"] = numbers.targets[:, : len(prefix)].tolist()
        found = write(self.model, numbers, limits, **how)
        rows = [(w, s) for s, of_source in zip(sources, found) for w in of_source]
        symbols = units.symbols([w.units for w, _ in rows], [s for _, s in rows])
        made = iter([hypothesis(w, s, of, units, look) for (w, s), of in zip(rows, symbols)])
        return [[next(made) for _ in of_source] for of_source in found]

    def nbest(self, doc: Doc, n: int, prefix: str = "") -> List[List[Hypothesis]]:
        """What the decoder might write, whatever dictionary and edits say. The search follows
        `beam_width` sequences, or n if that is more.

        doc (Doc): The document.
        n (int): How many for each part of it; fewer come back if fewer were found.
        prefix (str): What each of them is to begin with, in whole units. None comes back if the
            decoder cannot write that.
        RETURNS (List[List[Hypothesis]]): Of each part the best first, truncated ones last. The
            only one for a part that is empty is the empty string; a part that is longer than
            `max_source` has none.
        RAISES (ValueError): If n is no number of strings.
        """
        if n < 1:
            raise ValueError(Errors.R162.format(n=n))
        self._require_weights()
        units = self.units
        sources, begin = self.place.sources(doc, units), units.split_target(prefix)
        blank = [s for s in sources if is_blank(s, units)]
        nothing = [] if begin else [EMPTY]
        found: Dict[Source, List[Hypothesis]] = dict.fromkeys(blank, nothing)
        found.update(dict.fromkeys(self._refuse(list(dict.fromkeys(sources))), []))
        rest = [s for s in dict.fromkeys(sources) if s not in found]
        for some in minibatch(rest, AT_A_TIME):
            found.update(zip(some, self._search(some, n, max(self.beam_width, n), begin)))
        return [
            distinct(h for h in found[s] if not begin or math.isfinite(h.score)) for s in sources
        ]


def is_blank(source: Source, units: Units) -> bool:
    """Whether there is nothing to read but white space."""
    return not units.join_source(source.units).strip()


def hypothesis(
    written: Written, source: Source, symbols: List[str], units: Units, look: bool
) -> Hypothesis:
    """What was written, as text.

    symbols (List[str]): Its units.
    look (bool): Whether the attention was kept.
    """
    text, p = units.join_target(symbols), math.exp(written.log_p)
    read = [*source.features, *source.units, STOP]
    rows = symbols if written.truncated else [*symbols, STOP]
    # Beside longer sources there is padding, which gets no attention
    shares = Look(read, rows, written.attention[:, : len(read)]) if look else None
    return Hypothesis(text, written.score, p, written.truncated, shares)


def distinct(found: Iterable[Hypothesis]) -> List[Hypothesis]:
    """The best of those with the same text."""
    best: Dict[str, Hypothesis] = {}
    for one in found:
        best.setdefault(one.text, one)
    return list(best.values())
