"""Files of annotation: {where} is FILE:LINE."""


class FileErrors:
    """Messages, by number."""

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
    R146 = (
        "{where}: not a dialogue act such as inform(name=Piperade;food='basque') with a text. Mend "
        "the entry."
    )
    R147 = (
        "{where}: not an object with a string 'text' and 'slots', a dict or a list of pairs of "
        "strings. Mend the line."
    )
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
