"""What commands find missing or wrong."""


class CommandErrors:
    """Messages, by number."""

    R130 = "'{corpus}' is not a corpus of project.yml. There are: {known}."
    R131 = (
        "{path} is missing, and project.yml has no URL for it: it ships with the project. "
        "Clone the repository again."
    )
    R132 = (
        "{url} cannot be fetched ({why}). Without a network, put the file at {path}, or name "
        "a folder that holds it in the environment variable {folder}."
    )
    R140 = (
        "{path}: cannot be read as annotated documents ({why}). Name a .spacy file, or make "
        "one with: python -m spacy rnn convert"
    )
    R141 = (
        "{path}: no entity in {n} document(s). Annotate some; if the source has entities, "
        "convert it again with the right --tag-column, --scheme or --labels."
    )
    R142 = (
        "'{model}' cannot be loaded ({why}). Name the folder of a pipeline, such as "
        "training/model-best, or an installed package."
    )
    R143 = (
        "{where}: no numbers 'step' and, in 'scores', 'ents_f' ({why}). Name the 'output_file' "
        "of spacy.ConsoleLogger.v3, and give 'ents_f' a number in [training.score_weights]."
    )
    R144 = (
        "The page needs matplotlib, which is not installed. Install it with: "
        "python -m pip install 'spacy-rnn[report]'"
    )
    R160 = (
        "{path}: no label in doc.cats of {n} document(s). If the source has labels, convert it "
        "again with the right --label-column."
    )
    R161 = "'--task' is '{task}', but a sample ships for: {known}."
    R180 = (
        "The pipeline '{model}' has no 'rnn_sentiment', no 'rnn_sentiment_multilabel' and no "
        "'rnn_seq2seq', so there is no attention to show. It has: {there}. Name another pipeline."
    )
    R181 = (
        "'--component' is '{name}', which is no component of '{model}' that can be explained. "
        "Write one of: {there}."
    )
    R182 = (
        "No text to explain. Write one behind the name of the pipeline, in quotes, or '-' to read "
        "one from each line of stdin."
    )
    R183 = (
        "Component '{name}' reads the spans in doc.spans['{key}'], and {n} of {all} text(s) "
        "have none; the first is '{text}'. Put a component that finds them before it, such as a "
        "'span_ruler'."
    )
    R184 = "What came on stdin is not UTF-8 ({why}). Convert it, for instance with iconv."
    R221 = (
        "The environment variable {variable} is '{folder}', which is not a folder. Correct it, or "
        "unset the variable to fetch the files."
    )
    R222 = (
        "{path}: no entity and no label in doc.cats of {n} document(s). 'debug data' checks "
        "corpora of entities or of texts with labels, not of tags, pairs or slots. If the source "
        "has entities or labels, convert it again with the right --tag-column, --scheme, --labels "
        "or --label-column."
    )
    R223 = (
        "The pipeline '{model}' found no entity, and none of its components finds entities, "
        "classifies texts or is an 'rnn_seq2seq' or an 'rnn_generator', so there is nothing to "
        "show. It has: {there}. Name another pipeline, or score this one: python -m spacy evaluate."
    )
