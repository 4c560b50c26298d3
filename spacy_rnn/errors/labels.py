"""Tags of tokens: entities, attributes, thresholds and costs."""


class LabelErrors:
    """Messages, by number."""

    R013 = (
        "Component '{name}': scheme 'IO' tells only inside from outside and has the one "
        "label '{only}', so '{label}' cannot be added. Use scheme 'BIO' or 'BILUO'."
    )
    R014 = (
        "Component '{name}': 'decoding = \"sigmoid\"' has one output and goes with "
        "'scheme = \"IO\"' only, not with '{scheme}'."
    )
    R017 = (
        "{label} cannot be a label: a label has letters, no tab or line break, and does not "
        "start with '!', which spaCy reads as 'not this label'. Rename it in the annotation."
    )
    R018 = (
        "{path} holds no list of names. The augmenter 'spacy_rnn.swap_entities.v1' needs "
        "a folder with files such as names_PER.txt, one name a line."
    )
    R019 = (
        "Component '{name}': 'missed_cost' names {unknown}, which no annotation has. The labels "
        "are {labels}: take the others out, or write one number for all labels."
    )
    R020 = (
        "Component '{name}': 'missed_cost' is {cost}. A cost is 0 or more; to raise precision "
        "instead, raise the threshold."
    )
    R021 = (
        "Component '{name}': 'threshold' is {threshold}. It is a probability: write a number "
        "from 0, which keeps all entities, to 1."
    )
    R022 = (
        "'attribute' is '{attribute}', but a token has no such place for a tag. Write one of "
        '"tag", "pos", "morph", or "_.NAME" for an extension of the token.'
    )
    R023 = (
        "Component '{name}': 'decoding = \"sigmoid\"' tells only inside from outside and is of "
        'no use for tags. Write "softmax" or "crf".'
    )
    R024 = (
        "Component '{name}': '{label}' is no coarse part of speech, and attribute \"pos\" takes "
        'only those ({known}). Mend the annotation, or write attribute "tag".'
    )
    R025 = (
        "'{attribute}' of the token '{token}' is {value}, but a tag must be a string, and \"\" or "
        "None where it is not known. Mend what sets the extension."
    )
    R026 = (
        "Component '{name}': 'scheme' is '{wanted}', but the saved model has learnt '{found}' and "
        "cannot change. Write scheme '{found}' in [components.{name}], or train a new model."
    )
    R027 = (
        "Component '{name}': 'confidence' is '{value}'. Write the name of an extension, such as "
        '"confidence" for {owner}._.confidence, or null for none.'
    )
    R028 = (
        "Component '{name}': 'label_smoothing' is {value}, but a CRF scores whole sequences and "
        'has no single tags to smooth. Write 0, or decoding "softmax".'
    )
    R030 = (
        "{path} does not exist. 'path' of the callback 'spacy_rnn.calibrate.v1' in "
        "[training.before_to_disk] is a .spacy file of annotated documents, usually the dev part."
    )
    R126 = (
        "Component '{name}': no entity in {n} document(s) of training data, so there is nothing to "
        "learn. Check the file that [paths.train] names: python -m spacy rnn debug data. If it was "
        "converted, convert it again with the right --tag-column, --scheme or --labels."
    )
    R220 = (
        "Component '{name}': no label in {where} of {n} document(s) of training data, so there is "
        "nothing to learn. Check the file that [paths.train] names, and '{setting}' in "
        "[components.{name}]. Without training data, call add_label before."
    )
