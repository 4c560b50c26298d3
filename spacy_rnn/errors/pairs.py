"""Pairs of a source and a target: {where} is FILE:LINE."""


class PairErrors:
    """Messages, by number."""

    R190 = (
        "'--columns' is '{columns}', but must name the columns of the table in their order: "
        "source, target, perhaps features, and - for each that is not to be read, such as "
        "source,target,-. At the end, target* stands for one target or more."
    )
    R191 = (
        "{where}: {n} column(s) between TABs, but there should be {wanted}. Mend the line, or name "
        "all columns, in their order, with --columns, such as source,target,- to leave out the "
        "third, source,target,features to keep it, or source,target* if each is a target."
    )
    R192 = (
        "{where}: not an object with the strings 'source' and 'target'. A list of strings may be "
        "the 'target', if each is right, and 'features'. Mend the line."
    )
    R193 = (
        "{path}: no pair in it, and {n} line(s) with an empty side. Check the file, or name "
        "another --format."
    )
    R194 = (
        "'level' is '{level}' and 'target' is '{target}', but the level of pairs is one of "
        '{levels}, and the target an extension, such as "_.target". Change the setting.'
    )
    R195 = (
        "'path' of the reader 'spacy_rnn.PairCorpus.v1' is null. Name a .tsv, .jsonl or .spacy "
        "file, for instance with --paths.train FILE."
    )
    R196 = (
        "'given' of the reader 'spacy_rnn.PairCorpus.v1' has '{name}'. Write \"tag\", \"pos\", "
        '"morph", "lemma", "norm", "sent_start", "cats", "tensor", "spans", or "_.NAME" for an '
        "extension."
    )
    R198 = (
        "{where}: the first line names the column '{name}' twice, and which of them counts is not "
        "known. Give one another name, which is not read then; or take the line out and name the "
        "columns with --columns, such as source,target* if each is a target."
    )
    R197 = (
        "BLEU and chrF are counted by sacrebleu, which is not installed. Install it with: python "
        "-m pip install 'spacy-rnn[mt]', or set 'mt = false' in the scorer of the component."
    )
