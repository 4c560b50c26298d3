"""Edits that make a target of a source: to leave it as it is, to write it in lower case, or one of
spaCy's edit trees (Chrupala, 2008; Müller et al., 2015), which say what becomes of its beginning
and its end whatever stands between.
"""

from collections import Counter
from functools import lru_cache
from typing import Dict, Iterable, List, Optional, Tuple

from spacy.pipeline._edit_tree_internals.edit_trees import EditTrees
from spacy.strings import StringStore

# The classes that a net tells apart: none of the edits, then the edits
NONE, IDENTITY, LOWER, FIRST_TREE = range(4)
LEAST = 3  # different pairs that a tree must explain, else it is rare and the decoder's work
LONGEST = 100  # characters of what is edited; to compare longer texts takes too long
TAB = "\t"


class Edits:
    """Edits by their numbers.

    shown (Iterable[str]): For each tree a pair that it explains, such as "walked\\twalk"; a
        tree is what makes the one of the other, so nothing else has to be kept of it.
    """

    def __init__(self, shown: Iterable[str] = ()):
        self.trees = EditTrees(StringStore())
        self.ids: List[int] = [self.trees.add(*pair.split(TAB)) for pair in shown]
        self.classes = {tree: FIRST_TREE + i for i, tree in enumerate(self.ids)}

    def __len__(self) -> int:
        """How many classes there are, `NONE` included."""
        return FIRST_TREE + len(self.ids)

    def find(self, form: str, target: str) -> int:
        """The edit that makes a target of a form, `NONE` if it is none of these."""
        if form == target:
            return IDENTITY
        if form.lower() == target:
            return LOWER
        if not is_editable(form, target):
            return NONE
        return self.classes.get(self.trees.add(form, target), NONE)

    def apply(self, edit: int, form: str) -> Optional[str]:
        """What an edit makes of a form; None if it does not fit, or there would be nothing."""
        if edit < FIRST_TREE:
            return {IDENTITY: form, LOWER: form.lower()}.get(edit)
        return self.trees.apply(self.ids[edit - FIRST_TREE], form) or None


@lru_cache(maxsize=16)
def edits_of(shown: Tuple[str, ...]) -> Edits:
    """The edits of a component. They stay out of it: trees can be neither copied nor pickled."""
    return Edits(shown)


def learn_edits(pairs: Iterable[Tuple[str, str]]) -> List[str]:
    """The trees that explain several different pairs, the most frequent first, each by the first
    pair that it explains.

    pairs (Iterable[Tuple[str, str]]): Forms and targets.
    """
    edits, counts = Edits(), Counter[int]()
    shown: Dict[int, str] = {}
    for form, target in dict.fromkeys(pairs):
        if edits.find(form, target) == NONE and is_editable(form, target):
            tree = edits.trees.add(form, target)
            counts[tree] += 1
            shown.setdefault(tree, f"{form}{TAB}{target}")
    return [shown[tree] for tree, n in counts.most_common() if n >= LEAST]


def is_editable(form: str, target: str) -> bool:
    """Whether a tree is looked for."""
    return 0 < len(form) <= LONGEST and 0 < len(target) <= LONGEST and TAB not in form + target


def is_pair(shown: str) -> bool:
    """Whether a string is a form and a target, as `learn_edits` gives them."""
    return shown.count(TAB) == 1 and all(shown.split(TAB))
