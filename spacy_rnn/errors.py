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
    R011 = "'{setting}' is {value}, but must be one of: {choices}. Change it in the config."
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
        "'include_static_vectors' is on, but the vocabulary has no vectors. Set 'vectors' in "
        "[initialize] (--paths.vectors in our configs) to a pipeline or folder with vectors, or "
        "turn it off."
    )
    R016 = (
        "The static vectors are {found} wide, but this model was trained with vectors "
        "of width {wanted}. Load the pipeline with the vocabulary it was saved with."
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
    R030 = (
        "{path} does not exist. 'path' of the callback 'spacy_rnn.calibrate.v1' in "
        "[training.before_to_disk] is a .spacy file of annotated documents, usually the dev part."
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
        "The text '{text}' has no sentences, and 'level = \"sent\"' classifies those. Put a "
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
        "Component '{name}': 'class_weights' names {unknown}, but the labels are {labels}. Mend "
        "the config or the annotation."
    )
    R041 = (
        "Component '{name}': 'positive_label' is for two labels that exclude each other, but "
        "'head' is '{head}'. Leave it out; 'polarity' says which labels are good."
    )
    R045 = (
        "Component '{name}': 'target' is '{target}'. At level \"token\" write \"lemma\", \"norm\", "
        '"tag", "pos", "morph" or "_.NAME"; at other levels "_.NAME" for an extension.'
    )
    R046 = (
        "Component '{name}': 'level' is '{level}'. Write \"token\", \"sent\", \"doc\", or "
        '"span:KEY" for the spans in doc.spans[KEY].'
    )
    R047 = (
        "Component '{name}': none of the examples says what '{target}' should be, so there is "
        "nothing to learn. Check the annotation, and that its file keeps user data."
    )
    R048 = (
        "Component '{name}': 'strategy' is {strategy}. Name \"dictionary\", \"edits\" and "
        '"decoder" in the order in which they are asked, or some of them.'
    )
    R049 = (
        "'{target}' of '{text}' is {value}, but a target must be a string, or a list of strings, "
        "and None where it is not known. Mend what sets the extension."
    )
    R050 = (
        "Component '{name}': 'beam_width' is {width}. Write 1 for the best unit at every step, or "
        "a greater number for a search."
    )
    R051 = (
        "Component '{name}': 'features' names '{feature}', but what is known of a token before is "
        '"tag", "pos", "morph", or "_.NAME" for an extension of the token.'
    )
    R052 = (
        "'copy = true' copies what the attention points at, and 'attention = \"none\"' points at "
        "nothing. Write \"dot\", or 'copy = false'."
    )
    R053 = (
        "Component '{name}': the labels have no list '{side}' that begins with {special}. Make the "
        "file anew: python -m spacy init labels"
    )

    # Reading annotated text: {where} is FILE:LINE

    R101 = "{path}: cannot be opened ({why}). Check the path."
    R102 = "{where}: the packed file is damaged or cut off ({why}). Copy it again."
    R103 = "{where}: byte {at} of the line is not UTF-8 ({why}). Save the file as UTF-8."
    R104 = (
        "{where}: {n} column(s), and no token in column {token} or no tag in column {tag}. "
        "Mend the line, or name the columns with --token-column and --tag-column."
    )
    R105 = (
        "{where}: {n} column(s) between TABs, but this format has {wanted}: a number, a "
        "token and more, none empty. Mend the line, or name another --format."
    )
    R106 = "{where}: '{value}' is no {column} of CoNLL-U. Write '_' if there is none."
    R107 = (
        "{where}: '](' is not part of a mark like [text](LABEL). Brackets cannot be nested, "
        "and a label has letters, digits and any of _ . / - only. Mend the line."
    )
    R108 = (
        "{where}: '[{text}]({label})' does not begin and end where tokens do. Move the "
        "brackets, or name the language of the tokens with --lang."
    )
    R109 = (
        "{where}: '{tag}' is not a tag of scheme {scheme}. Mend the tag, or name the right "
        "column with --tag-column or another --scheme."
    )
    R110 = (
        "{where}: '{tag}' continues nothing, which scheme {scheme} does not allow. If "
        "entities of this file may begin with I, use --scheme iob1; otherwise mend the tag."
    )
    R111 = (
        "{where}: '{tag}' stands where the {label} before has not ended, which scheme "
        "{scheme} does not allow. Mend the tags, or name another --scheme."
    )
    R112 = (
        "{where}: the sentence ends inside of a {label}, which scheme {scheme} does not "
        "allow. Mend the tag, or name another --scheme."
    )
    R113 = "{where}: not valid JSON ({why}). Mend the line."
    R114 = (
        "{where}: not an object with a string 'text' and a list 'entities' or 'spans'. "
        "Write an empty list if there are no entities."
    )
    R115 = (
        "{where}: {entity} is not an entity inside of the text, which has {length} "
        "characters. Write [start, end, label] or an object with these keys."
    )
    R116 = (
        "{where}: the entity from {start} to {end} overlaps the {label} that starts at "
        "{after}. Keep one of them."
    )
    R117 = (
        "{where}: token number {found}, but {wanted} is next. Number tokens from 1, and "
        "put an empty line between sentences."
    )
    R118 = (
        "{path}: neither the name nor the first lines tell the format. Name it with "
        "--format: {choices}."
    )
    R119 = "{path}: no sentence in it. Check the file, or name another --format."
    R120 = "'--lang' is '{lang}', which spaCy does not know ({why}). Use a code such as 'en'."
    R121 = (
        "'--split' is '{split}', but must be two or three positive numbers, the shares of "
        "train, dev and test, such as 0.8,0.1,0.1."
    )
    R122 = (
        "{path}: the output must be a file ending in .spacy, or a folder with --split. "
        "Change the name."
    )
    R123 = (
        "{path}: --split left '{part}' empty, as the file has only {n} documents. Use "
        "larger shares or more documents."
    )
    R124 = "'--n-sents' is {n}, but must be 1 or more, or 0 for whole documents."
    R125 = (
        "{where}: {label} cannot be a label: a label has letters, no tab or line break, and does "
        "not start with '!'. Rename it in this line."
    )
    R126 = (
        "Component '{name}': no entity in {n} document(s) of training data, so there is nothing to "
        "learn. Check the file that [paths.train] names: python -m spacy rnn debug data. If it was "
        "converted, convert it again with the right --tag-column, --scheme or --labels."
    )
    R130 = "'{corpus}' is not a corpus of project.yml. There are: {known}."
    R131 = (
        "{path} is missing, and project.yml has no URL for it: it ships with the project. "
        "Clone the repository again."
    )
    R132 = (
        "{url} cannot be fetched ({why}). Without a network, put the file at {path}, or name "
        "a folder that holds it in the environment variable {folder}."
    )

    # Generating: conditions and texts

    R133 = (
        "Component '{name}': 'condition' is '{kind}', but must be \"cats\", \"tensor\", \"_.NAME\" "
        "for an extension with slots, or null. Change it in [components.{name}]."
    )
    R134 = (
        "Component '{name}': slots in '{kind}' are {value}, but must be a dict such as "
        '{{"name": "Piperade", "food": ["basque", "french"]}}, or a list of pairs of strings.'
    )
    R135 = (
        "Component '{name}': no training data had the condition '{unknown}'. There are: {known}. "
        "Take it out, or train with it."
    )
    R136 = (
        "Component '{name}': a doc.tensor of shape {shape} is no vector of {wanted} real numbers, "
        "nor rows of them. Give it the numbers that it was trained with."
    )
    R137 = (
        "Component '{name}': none of the examples has a condition ('{condition}') and a text "
        "('{target}'). Check the settings and the file; extensions are in a .spacy file only if "
        "it was written with the user data."
    )
    R138 = (
        "Component '{name}': '{setting}' is '{value}', but must be an extension, \"_.NAME\"; a "
        "'target' may also be \"text\"."
    )
    R139 = (
        "Component '{name}': '{setting}' is {value}, but must be a number from {least} to {most}. "
        "Change it in [components.{name}], or in the call of its method."
    )
    R145 = (
        "Component '{name}': the labels must be an object with the lists 'conditions', 'slots' and "
        "'labels', the last of which begins with {special}. Make the file with spacy init labels."
    )
    R146 = (
        "{where}: not a dialogue act such as inform(name=Piperade;food='basque') with a text. Mend "
        "the entry."
    )
    R147 = (
        "{where}: not an object with a string 'text' and 'slots', a dict or a list of pairs of "
        "strings. Mend the line."
    )

    # Evaluating models and checking corpora

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

    # Texts with labels: {where} is FILE:LINE

    R150 = (
        "{where}: no column is called {called}; there are: {there}. Name the right one with "
        "--{kind}-column. If the file has no line of names, give --text-column and "
        "--label-column as numbers, counted from 0."
    )
    R151 = "{where}: {found} may each be the {kind}. Name one with --{kind}-column."
    R152 = (
        "{where}: the quotes of the record that begins here are wrong ({why}). Close them, and "
        "double each quote inside of a field in quotes."
    )
    R153 = (
        "{where}: {label} is no label. Write a word, a number or a list of them, or 'cats' with "
        "a number for each label. Offsets of entities are called 'entities'."
    )
    R154 = (
        "{path}: {left} of {n} records cannot be used: {why}. Mend the file, or name the right "
        "columns with --text-column and --label-column."
    )
    R155 = (
        "{path}: the labels are numbers with fractions, such as {value}. To learn the number "
        "itself, add --numbers; to learn classes, write whole numbers or words."
    )
    R156 = (
        "{path}: {n} different labels in {texts} texts, too many to learn. Name the column of "
        "the labels with --label-column; if they are numbers, add --numbers."
    )
    R157 = (
        "'--text-column' is '{text}' and '--label-column' is '{label}', but either both are "
        "names or, in a file without a line of names, both are numbers, counted from 0."
    )
    R158 = "{where}: column {column} does not exist; there are {n}, counted from 0."
    R159 = (
        "{path}: no folders or files that are classes, such as pos/ and neg/ with one text a "
        "file, or reviews.pos and reviews.neg with one text a line."
    )
    R160 = (
        "{path}: no label in doc.cats of {n} document(s). If the source has labels, convert it "
        "again with the right --label-column."
    )
    R161 = "'--task' is '{task}', but a sample ships for: {known}."

    # More of sequences of another length

    R162 = "{n} is no number of answers: ask `nbest` or `kbest` for at least 1."
    R163 = (
        "Component '{name}' keeps no attention: its decoder does not look back. Train it with "
        "'attention = \"dot\"'."
    )
    R164 = (
        "Component '{name}': 'max_source' is {value}. Write how many units of a source are read "
        "at most, at least 1."
    )

    R165 = "'k' of the schedule 'spacy_rnn.inverse_sigmoid.v1' is {k}, but must be at least 1."
    R166 = (
        "Component '{name}': '{setting}' is or became {value}. It is a share: write a number from "
        "0 to 1, or a schedule of such numbers."
    )
    R167 = (
        "Component '{name}': a unit stands twice in the list '{side}' of the labels. Make the file "
        "anew: python -m spacy init labels"
    )
    R168 = (
        "Component '{name}': {n} of the 'edits' in the labels are no form and target with a TAB "
        "between them, first '{first}'. Make the file anew: python -m spacy init labels"
    )

    R169 = (
        "'units = \"bpe\"' needs the library tokenizers, which is not installed. Install it with: "
        'python -m pip install \'spacy-rnn[bpe]\', or write "char" or "word".'
    )

    # Numbers in place of words

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

    # Explaining what was found in texts

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
    R240 = (
        "Component '{name}': 'features' belong to tokens and are read at level \"token\" only, not "
        "at '{level}'. Leave them out, or convert the pairs with --level token."
    )
    R183 = (
        "Component '{name}' reads the spans in doc.spans['{key}'], and {n} of {all} text(s) "
        "have none; the first is '{text}'. Put a component that finds them before it, such as a "
        "'span_ruler'."
    )
    R184 = "What came on stdin is not UTF-8 ({why}). Convert it, for instance with iconv."

    # Pairs of a source and a target: {where} is FILE:LINE

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
        '"morph", "lemma", "norm", "sent_start", "cats", "tensor", or "_.NAME" for an extension.'
    )
    R197 = (
        "BLEU and chrF are counted by sacrebleu, which is not installed. Install it with: python "
        "-m pip install 'spacy-rnn[mt]', or set 'mt = false' in the scorer of the component."
    )

    # More of what training and commands find missing

    R220 = (
        "Component '{name}': no label in {where} of {n} document(s) of training data, so there is "
        "nothing to learn. Check the file that [paths.train] names, and '{setting}' in "
        "[components.{name}]. Without training data, call add_label before."
    )
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
        "classifies texts or is an 'rnn_seq2seq', so there is nothing to show. It has: {there}. "
        "Name another pipeline, or score this one: python -m spacy evaluate. An 'rnn_generator' "
        "writes with nlp.get_pipe(NAME).generate(CONDITION)."
    )

    # More of generating

    R230 = (
        "Component '{name}': none of the examples has a vector in doc.tensor and a text "
        "('{target}'). A .spacy file does not keep doc.tensor: set it in a reader of your own, or "
        "put a component that sets it, such as 'tok2vec', before this one and name that in "
        "[training.annotating_components]."
    )
    R231 = (
        "Component '{name}': the condition '{label}' is {value}, but must be a finite number. Mend "
        "what sets doc.cats, the annotation or a component before this one."
    )
    R232 = (
        "Component '{name}': '{setting}' is '{value}', but that extension of {owner} has a getter "
        "or a method and no setter, so what is written would be lost. Write another '{setting}'."
    )


class Warnings:
    """What is not wrong enough to stop for, said once."""

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
        "reader 'spacy_rnn.PairCorpus.v1' and its setting 'given'."
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
