import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_rnn.data.pairs import (
    EMPTY,
    OTHERS,
    REPEATED,
    Pair,
    check_columns,
    merge_pairs,
    read_pairs,
    split_features,
)
from spacy_rnn.errors import DataError

PATH = Path("a.tsv")


def read(text, columns=None, name="a.tsv", **settings):
    lines = enumerate(text.split("\n"), 1)
    return list(read_pairs(Path(name), lines, columns and columns.split(","), **settings))


def sides(pairs):
    return [(pair.source, pair.target) for pair in pairs]


def merged(*pairs):
    kept, notes = merge_pairs(PATH, (Pair(f"line {i}", *p) for i, p in enumerate(pairs, 1)))
    return [(p.source, p.target, p.alternatives) for p in kept], notes


def test_a_table_has_a_source_and_a_target():
    assert read("four dogs\tvier Hunde\n\n a\t b \n") == [
        Pair("line 1", "four dogs", "vier Hunde"),
        Pair("line 3", "a", "b"),
    ]


def test_quotes_in_a_table_are_text():
    assert sides(read('"so"\t"also\nsaid "x"\ty')) == [('"so"', '"also'), ('said "x"', "y")]


def test_columns_may_stand_in_any_order():
    assert sides(read("1\tvier\tfour", "-,target,source")) == [("four", "vier")]


def test_the_first_line_may_name_the_columns():
    assert sides(read("id\tTarget\tsource\n1\tvier\tfour")) == [("four", "vier")]
    assert sides(read("source\ttarget\nsource\ttarget")) == [("source", "target")]


@pytest.mark.parametrize("names", ["Target\tsource\ttarget", "source\tsource\ttarget"])
def test_a_column_that_the_first_line_names_twice_is_refused(names):
    """Else one of them would be lost."""
    twice = names.split("\t")[-1 if names[0] == "T" else 0]
    with pytest.raises(DataError, match=f"a.tsv:1: the first line names the column '{twice}' twi"):
        read(f"{names}\na\tb\tc\n")


def test_a_brace_in_a_table_is_text():
    assert sides(read("{x}\tset of x", "source,target")) == [("{x}", "set of x")]
    assert sides(read("{x}\tset of x")) == [("{x}", "set of x")]


def test_columns_that_are_named_make_the_first_line_a_pair():
    assert len(read("source\ttarget\na\tb", "source,target")) == 2


def test_features_are_split():
    (pair,) = read("run\tran\tV;PST", "source,target,features")
    assert pair.features == ("V", "PST")
    assert split_features("Case=Nom| Number=Sing|") == ("Case=Nom", "Number=Sing")


def test_a_last_column_may_have_several_targets():
    one = read("a\tx\tz", "source,-,target*")[0]
    assert (one.target, one.alternatives) == ("z", ())
    two = read("b\tx\ty\ty\t\tz\t", "source,target*")[0]
    assert (two.target, two.alternatives) == ("x", ("y", "z"))


@pytest.mark.parametrize(
    "text, columns, n",
    [
        ("a\tb\nc\td\te", None, "3 .* should be source,target"),
        ("a\tb\nc", None, "1 .* should be source,target"),
        ("a\tb\tc\na\tb", "source,target,-", "2 .* should be source,target,-"),
        ("a\tb\na", "source,target*", "1 .* should be source,target\\*"),
    ],
)
def test_a_row_with_other_columns_is_named_with_the_mend(text, columns, n):
    with pytest.raises(DataError, match=rf"a\.tsv:2: {n.replace(' ', ' column.s. ', 1)}"):
        read(text, columns)


def test_three_columns_are_told_what_to_write():
    with pytest.raises(DataError, match="--columns, such as source,target,- .* source,target,feat"):
        read("run\tran\tV;PST")


@pytest.mark.parametrize(
    "columns", ["source", "source,goal", "source,target,target", "source,target*,features", "a,-"]
)
def test_what_is_no_list_of_columns_is_refused(columns):
    with pytest.raises(DataError, match=f"'--columns' is '{columns.replace('*', '.')}'"):
        check_columns(columns.split(","))
    with pytest.raises(DataError, match="'--columns' is"):
        read("a\tb", columns)


def test_objects_are_read():
    text = '{"source": "a ", "target": "b"}\n{"source": "c", "target": ["d", "e"], "features": []}'
    assert read(text, name="a.txt") == read(text, name="a.jsonl.gz")
    assert [(p.source, p.target, p.alternatives) for p in read(text)] == [
        ("a", "b", ()),
        ("c", "d", ("e",)),
    ]


@pytest.mark.parametrize("features", [["V", "PST"], "V;PST"])
def test_objects_have_features(features):
    text = json.dumps({"source": "run", "target": "ran", "features": features})
    assert read(text)[0].features == ("V", "PST")


@pytest.mark.parametrize(
    "found",
    [
        {"source": "a"},
        {"source": 1, "target": "a"},
        {"source": "a", "target": None},
        {"source": "a", "target": ["b", 1]},
        {"source": "a", "target": "b", "features": [1]},
        {"source": "a", "target": "b", "features": {"V": 1}},
        ["a", "b"],
    ],
)
def test_other_objects_are_named(found):
    text = '{"source": "a", "target": "b"}\n' + json.dumps(found)
    with pytest.raises(DataError, match=r"a\.jsonl:2: not an object with the strings"):
        read(text, name="a.jsonl")


LEXICON = ";;; remark\nDOGS  D AO G Z\ntomato T AH\ntomato(2) T OW # food\n'bout B AW1 T\n(a)  X\n"


def test_a_lexicon_is_read():
    assert sides(read(LEXICON, words=True)) == [
        ("DOGS", "D AO G Z"),
        ("tomato", "T AH"),
        ("tomato", "T OW"),
        ("'bout", "B AW1 T"),
        ("(a)", "X"),
    ]


def test_a_lexicon_may_have_remarks_of_their_own_and_words_alone():
    assert sides(read(" # remark\nword\nword # remark", words=True)) == [
        ("", ""),
        ("word", ""),
        ("word", ""),
    ]


def test_words_with_tabs_are_a_table():
    assert sides(read("New York\tN UW Y\ntomato(2)\tT", words=True)) == [
        ("New York", "N UW Y"),
        ("tomato(2)", "T"),
    ]
    with pytest.raises(DataError, match="1 column"):
        read(LEXICON)


def test_other_targets_of_a_source_become_alternatives():
    kept, notes = merged(("a", "x"), ("b", "y"), ("a", "z"), ("a", "z"), ("a", "w"))
    assert kept == [("a", "x", ("z", "w")), ("b", "y", ())]
    assert notes == {OTHERS: ["line 1 and line 3", "line 1 and line 4", "line 1 and line 5"]}


def test_alternatives_of_the_file_are_kept_without_a_note():
    kept, notes = merged(("a", "x", (), ("y",)), ("a", "x", (), ("y", "z")))
    assert kept == [("a", "x", ("y", "z"))] * 2
    assert list(notes) == [REPEATED]


def test_repeated_pairs_stay():
    kept, notes = merged(("a", "x"), ("a", "x"))
    assert len(kept) == 2
    assert notes == {REPEATED: ["line 1 and line 2"]}


def test_other_features_make_another_source():
    kept, notes = merged(("run", "ran", ("PST",)), ("run", "runs", ("PRS",)))
    assert len(kept) == 2 and notes == {}


def test_empty_sides_are_left_out_and_counted():
    kept, notes = merged(("", "x"), ("a", ""), ("a", "x"))
    assert kept == [("a", "x", ())]
    assert notes == {EMPTY: ["line 1", "line 2"]}


@pytest.mark.parametrize("pairs, n", [([], 0), ([("a", "")], 1)])
def test_a_file_without_a_pair_is_an_error(pairs, n):
    with pytest.raises(DataError, match=rf"a\.tsv: no pair in it, and {n} line"):
        merged(*pairs)


field = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(
    lambda text: text == text.strip() and text
)


@given(st.lists(st.tuples(field, field), min_size=1))
def test_what_was_written_is_read(pairs):
    table = "\n".join("\t".join(pair) for pair in pairs)
    if not table.startswith("{"):
        assert sides(read(table, "source,target")) == pairs
    objects = [json.dumps({"source": source, "target": target}) for source, target in pairs]
    assert sides(read("\n".join(objects), name="a.jsonl")) == pairs


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), min_size=1))
def test_no_target_is_lost(pairs):
    kept, notes = merged(*pairs)
    found = {(source, t) for source, target, others in kept for t in (target, *others)}
    assert found == set(pairs)
    assert len(kept) + len(notes.get(OTHERS, [])) == len(pairs)
