"""What is not wrong enough to stop for, said once."""


class Warnings:
    """Messages, by number."""

    RW01 = (
        "Component '{name}': {n} token(s) of the training data cannot be aligned to "
        "this tokenization or carry entities that contradict it. They count as "
        "missing annotation, not as O."
    )
    RW22 = (
        "Component '{name}': no {what} in {n} document(s) of {path}, so nothing is calibrated by "
        "it. If it is the dev part, every score is 0 and the best model is chosen by chance: check "
        "the file that [paths.dev] names."
    )
    RW30 = (
        "Component '{name}': {n} document(s) without a condition ('{condition}'); nothing is "
        "written for them. In training, give it to the documents that are predicted with the "
        "reader 'spacy_rnn.PairCorpus.v1' and its setting 'given'. `spacy evaluate` gives it to "
        "none, so there the scores are of texts for the conditions of the annotation. Said once."
    )
    RW35 = (
        "Component '{name}': {n} unit(s) of the targets are not in its vocabulary and cannot be "
        "copied, so it will never write them. What stands beside them is learnt. More of them are "
        "counted in 'unknown_units', without a warning. Initialize it with data that has them."
    )
    RW36 = (
        "Component '{name}': {n} source(s) are longer than 'max_source', {most} units. Nothing is "
        "learnt from them or written for them. Raise the setting, or cut them into sentences."
    )
    RW37 = (
        "{path}: {n} pair(s) with an empty side are left out, the first in {first}. Mend the file "
        "if they should count."
    )
    RW50 = (
        "Component '{name}': none of {n} example(s) has a vector in doc.tensor and a text, so "
        "nothing is learnt from them. If a component before sets doc.tensor, name it in "
        "[training.annotating_components]. Said once."
    )
