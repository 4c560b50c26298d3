"""Classes of texts, and documents of numbers in place of words."""


class ClassErrors:
    """Messages, by number."""

    R031 = (
        "'pooling' of 'spacy_rnn.SequenceClassifier.v1' is empty, so no text would ever become "
        'one vector. Name at least one of "last", "mean", "max", "attention".'
    )
    R032 = (
        "'max_length' cuts documents before they are embedded, but this model listens to a "
        "component that has read them in full. Write 0, or give it a 'tok2vec' of its own."
    )
    R033 = (
        "'pooling' has \"last\", but a listener does not tell which half of a vector was read "
        'from the end. Take "max", "mean" or "attention", or give it a \'tok2vec\' of its own.'
    )
    R034 = (
        "Component '{name}': 'level' is '{level}'. Write \"doc\", \"sent\", or \"span:KEY\" for "
        "the spans in doc.spans[KEY]."
    )
    R035 = (
        "The text '{text}' has no sentences, and 'level = \"sent\"' reads those. Put a "
        "'sentencizer', 'senter' or 'parser' before the component."
    )
    R036 = (
        "Component '{name}': 'label_smoothing' is {value}. It is a share: write 0 for none, or a "
        "number below 1, such as 0.05."
    )
    R037 = (
        "Component '{name}': 'class_weights' is '{value}'. Write \"balanced\", null, or a number "
        'for each label, such as {{"rare": 2.0}}.'
    )
    R038 = (
        "Component '{name}': the number of '{label}' is {value}, which nothing can be learnt "
        "from. Mend the annotation."
    )
    R039 = (
        "Component '{name}' keeps no attention: its model has no such pool. Train it with "
        '\'pooling = ["max", "attention", "mean"]\'.'
    )
    R040 = (
        "Component '{name}': '{setting}' names {unknown}, but the labels are {labels}. Mend "
        "the config or the annotation."
    )
    R041 = (
        "Component '{name}': 'positive_label' is for two labels that exclude each other, but "
        "'head' is '{head}'. Leave it out; 'polarity' says which labels are good."
    )
    R170 = (
        "{doc} has {n} token(s), but no array in doc.tensor, which 'spacy_rnn.TensorEmbed.v1' "
        "reads. Set doc.tensor to one row of numbers for each token, or make the document with "
        "spacy_rnn.readers.doc_of_tensor(nlp.vocab, array)."
    )
    R171 = (
        "{doc}: doc.tensor has the shape {shape}, but must have {n} row(s), one for each "
        "token, and a column for each number of it. If it has one number a token, set it to "
        "array.reshape(-1, 1); otherwise make the document anew from its array."
    )
    R172 = (
        "{doc}: doc.tensor holds {dtype}, but must hold real numbers. Convert it with "
        "array.astype('float32')."
    )
    R173 = (
        "{doc}: doc.tensor is {found} wide, but this model reads width {wanted}. Give it the "
        "columns that it was trained with, or train a new pipeline. A shared 'tok2vec' or "
        "'transformer' before this component writes its own numbers to doc.tensor: remove it."
    )
    R174 = (
        "{where}: NaN, infinite or too large for float32 in row {row}, column {column}. Fill "
        "the gap before, for instance with numpy.nan_to_num(array)."
    )
    R175 = (
        "'spacy_rnn.TensorEmbed.v1' has no width yet. Initialize the pipeline with examples "
        "whose documents have doc.tensor."
    )
    R176 = (
        "'path' of the reader 'spacy_rnn.TensorCorpus.v1' is null. Name a .npz file, for instance "
        "with --paths.train FILE."
    )
    R177 = (
        "{path}: not a whole .npz file of three arrays ({why}). Write it with numpy.savez(path, "
        "vectors=vectors, lengths=lengths, labels=numpy.array(labels, dtype=str))."
    )
    R178 = "{path}: array '{name}' {found}, but must {wanted}. Write the file anew."
    R179 = (
        "doc_of_tensor got {kind} of shape {shape} and type {dtype}, but needs an array of real "
        "numbers with a row for each token. Convert it with numpy.asarray(rows, 'float32'), and "
        "one number a token with array.reshape(-1, 1)."
    )
