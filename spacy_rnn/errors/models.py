"""Nets, and the files that hold their weights."""


class ModelErrors:
    """Messages, by number."""

    R001 = (
        "spacy-rnn needs PyTorch to build '{name}', and it cannot be imported ({why}). "
        "Install it with: python -m pip install 'torch>=2.6'"
    )
    R002 = (
        "{where}: the checksum does not match, so the file was damaged or changed, or saving was "
        "cut short. Copy the whole pipeline directory again, or save it again."
    )
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
    R008 = (
        "{where}: the file is missing. Copy the whole pipeline directory again, or if saving was "
        "cut short, save it again."
    )
    R009 = "{where}: weight '{name}' has values that are NaN or infinite; not saved."
    R010 = (
        "Component '{name}': the gradient was NaN or infinite {n} times in a row; "
        "stopped at step {step}. Lower 'learn_rate' in [training.optimizer] or "
        "'grad_clip' in [components.{name}], or look for NaN in the vectors."
    )
    R011 = "'{setting}' is {value}, but must be one of: {choices}. Change it in the config."
    R012 = (
        "'width' is {width}, but both directions share it and need an even number. "
        "Change it in the config of the encoder, or set 'bidirectional = false'."
    )
    R015 = (
        "'include_static_vectors' is on, but the vocabulary has no vectors. Set 'vectors' in "
        "[initialize] (--paths.vectors in our configs) to a pipeline or folder with vectors, or "
        "turn it off."
    )
    R016 = (
        "The static vectors are {found} wide, but this model was trained with vectors "
        "of width {wanted}. Load the pipeline with the vocabulary it was saved with."
    )
    R042 = "'{setting}' is {value}, but must be at least {least}. Change it in the config."
    R043 = (
        "'{net}' has no weights yet. Call nlp.initialize() first, or load a pipeline that was "
        "trained."
    )
    R044 = "'{setting}' is {value}, but must be a share from 0 to 1. Change it in the config."
    R054 = (
        "'{setting}' is {value}, but two directions share it, so it must be even. Change it in the "
        "config."
    )
    R055 = (
        "'{setting}' is {value}, but must be at most {most}: long documents are read in windows "
        "that overlap by as many tokens. Change it in the config."
    )
