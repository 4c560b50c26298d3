import pytest
from spacy.tokens import Doc, Span

from spacy_rnn.extensions import extension_of, register


@pytest.mark.parametrize(
    "setting,name",
    [("_.mood", "mood"), ("mood", ""), ("_.", ""), ("_.two words", ""), (None, "")],
)
def test_the_extension_that_a_setting_means(setting, name):
    assert extension_of(setting) == name


def test_an_extension_of_somebody_is_left_alone():
    Doc.set_extension("of_somebody_else", default=7)
    register(Doc, "of_somebody_else")
    register(Span, "of_somebody_else")
    assert Doc.get_extension("of_somebody_else")[0] == 7
    assert Span.get_extension("of_somebody_else")[0] is None
