"""Every message that a user can meet, and the errors that are worth catching."""


class CorruptModelError(ValueError):
    """A file of a saved model is not what was written: damaged, cut off or foreign."""


class NonFiniteError(ValueError):
    """Training met NaN or infinity and cannot go on."""


class DataError(ValueError):
    """A file of annotations cannot be read. The message names file, line and reason."""


class Errors:
    """Messages, by number, so that they can be searched for."""

    R001 = (
        "spacy-rnn needs PyTorch to build '{name}', and it cannot be imported ({why}). "
        "Install it with: python -m pip install 'torch>=2.6'"
    )
    R002 = "{where}: the checksum does not match, so the file was damaged or changed."
    R003 = "{where}: not a file that spacy-rnn wrote ({why})."
    R004 = (
        "{where}: written in format {found}, and this version of spacy-rnn reads format "
        "{known}. Install the version that wrote it, or train again."
    )
    R005 = "{where}: holds {found}, but the config asks for {wanted}."
    R006 = (
        "{where}: weight '{name}' is {found} in the file, but the model needs {wanted}. "
        "The file belongs to another model."
    )
    R007 = "{where}: the weights {names} are missing or not part of this model."
    R008 = "{where}: the file is missing. Copy the whole pipeline directory again."
    R009 = "{where}: weight '{name}' has values that are NaN or infinite; not saved."
    R010 = (
        "Component '{name}': the gradient was NaN or infinite {n} times in a row; "
        "stopped at step {step}. Lower 'learn_rate' in [training.optimizer] or "
        "'grad_clip' in [components.{name}], or look for NaN in the vectors."
    )
    R011 = (
        "'{setting}' is {value}, but must be one of: {choices}. Change it in the config."
    )
    R012 = (
        "'width' is {width}, but both directions share it and need an even number. "
        "Change it in the config of the encoder, or set 'bidirectional = false'."
    )
    R013 = (
        "Component '{name}': scheme 'IO' tells only inside from outside and has the one "
        "label '{only}', so '{label}' cannot be added. Use scheme 'BIO' or 'BILUO'."
    )
    R014 = (
        "Component '{name}': 'decoding = \"sigmoid\"' has one output and goes with "
        "'scheme = \"IO\"' only, not with '{scheme}'."
    )
    R015 = (
        "'include_static_vectors' is on, but the vocabulary has no vectors. Set "
        "[initialize.vectors] to a pipeline or folder with vectors, or turn it off."
    )
    R016 = (
        "The static vectors are {found} wide, but this model was trained with vectors "
        "of width {wanted}. Load the pipeline with the vocabulary it was saved with."
    )
    R017 = "Label '{label}' starts with '!', which spaCy reads as 'not this label'."
    R018 = (
        "{path} holds no list of names. The augmenter 'spacy_rnn.swap_entities.v1' needs "
        "a folder with files such as names_PER.txt, one name a line."
    )


class Warnings:
    """What is not wrong enough to stop for, said once."""

    RW01 = (
        "Component '{name}': {n} token(s) of the training data cannot be aligned to "
        "this tokenization or carry entities that contradict it. They count as "
        "missing annotation, not as O."
    )
