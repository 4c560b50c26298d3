"""Sequences of another length, and texts from a condition."""


class StringErrors:
    """Messages, by number."""

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
    R241 = (
        "Component '{name}': 'attention' is '{value}', but must be the name of an extension of its "
        'own, such as "attention", without "_." and another than that of the target.'
    )
    R242 = (
        "'shared = true' gives a unit one vector on both sides, but sources are cut into '{units}' "
        "and targets into '{target_units}'. Leave 'target_units' out, or write 'shared = false'."
    )
    R243 = (
        "Component '{name}': its model has 'shared = true', but the lists 'source' and 'target' "
        "of the labels differ. Make the file anew: python -m spacy init labels"
    )
    R240 = (
        "Component '{name}': 'features' belong to tokens and are read at level \"token\" only, not "
        "at '{level}'. Leave them out, or convert the pairs with --level token."
    )
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
        "Take it out, or train anew with it: a component that is sourced learns no new ones."
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
    R248 = (
        "Component '{name}': the condition is {value}, but must be a label such as 'formal', a "
        "list of labels, or a dict with a weight for each such as {{'formal': 0.7}}."
    )
    R232 = (
        "Component '{name}': '{setting}' is '{value}', but that extension of {owner} has a getter "
        "or a method and no setter, so what is written would be lost. Write another '{setting}'."
    )
