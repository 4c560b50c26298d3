from hypothesis import settings

# A busy machine is no failure
settings.register_profile("spacy-rnn", deadline=None)
settings.load_profile("spacy-rnn")
